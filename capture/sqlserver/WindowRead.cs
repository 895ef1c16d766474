using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>The next transactions of a database: which tables changed, their rows read in parallel, merged, and handed on.</summary>
sealed class WindowRead(SqlServerConnections connections, DatabaseStream stream, BatchWriter writer, ServerClock time, ILogger log, SqlServerSource owner)
{
    readonly SqlServerSettings _settings = connections.Settings;
    readonly SourcePosition _from = writer.Place;
    readonly InstanceChoice _choice = new(connections, stream.Catalog, log);
    Dictionary<UInt128, long> _times = [];
    List<CaptureInstance> _read = [];

    bool IsCut => _from.Change != 0 && _from.Change != UInt128.MaxValue;

    // What was published of a cut transaction is read again, and counted.
    bool Counts => _settings.Records.Transactions;

    /// <summary>False when there was nothing.</summary>
    public async Task<bool> RunAsync(SqlConnection control, DirtyKeys? dirty, UInt128? until, CancellationToken stop)
    {
        var (commits, rows) = await TransactionsAsync(control, until, stop);
        if (commits.Count == 0) return false;
        await stream.Catalog.KnowAsync(rows, stop);
        var (states, read, switched, to) = _choice.Choose(writer.State.Instances, rows, _from, commits[^1]);
        _read = read;
        if (!Same(states, writer.State.Instances)) writer.State = writer.State with { Instances = states };
        foreach (var instance in switched)
        {
            Log.InstanceSwitched(log, _settings.Name, $"{connections.Database}.{instance.Table.FullName}", instance.Name, Lsn.Text(_from.Commit));
            owner.TableSwitched(instance.Table);
        }
        for (var readers = new List<ChangeReader>(); ;)
            try
            {
                var window = new Window(_from.Commit, IsCut, Counts ? 0 : Lsn.Seqval(_from), to);
                readers = await OpenAsync(control, window, stop);
                var inside = commits.FindIndex(c => c >= to);
                if (readers.Count(r => r.IsStreaming) > _settings.Connections && inside > 0)
                {
                    // Too many large tables at once: fewer transactions, fewer connections.
                    to = commits[inside / 2];
                    continue;
                }
                writer.Check = GuardAsync;
                await MergeAsync(readers, dirty, stop);
                await writer.HandOnAsync(new SourcePosition(to, 0).EndOfCommit, true, stop);
                return true;
            }
            finally
            {
                foreach (var reader in readers) await reader.DisposeAsync();
                writer.Dispose();
                writer.Check = null;
            }
    }

    async Task<(List<UInt128> Commits, List<InstanceRow> Rows)> TransactionsAsync(SqlConnection control, UInt128? until, CancellationToken stop)
    {
        await using var reader = await connections.ReadAsync(control, Statements.Of("window"), stop, SqlServerConnections.LsnParameter("@from", _from.Commit), SqlServerConnections.BitParameter("@through", IsCut),
            new("@count", _settings.WindowTransactions));
        var transactions = await SqlServerConnections.ListAsync(reader, r => (Lsn: SqlServerConnections.LsnOf(r, 0)!.Value, Begin: r.GetDateTime(1), End: r.IsDBNull(2) ? (DateTime?)null : r.GetDateTime(2)), stop);
        await reader.NextResultAsync(stop);
        var rows = await SqlServerConnections.ListAsync(reader, InstanceRow.Read, stop);
        if (until is { } last) transactions.RemoveAll(t => t.Lsn > last);
        _times = transactions.ToDictionary(t => t.Lsn, t => time.Micros(_settings.TransactionTime == TransactionTime.Begin ? t.Begin : t.End ?? t.Begin));
        return ([.. transactions.Select(t => t.Lsn)], rows);
    }

    async Task<List<ChangeReader>> OpenAsync(SqlConnection control, Window window, CancellationToken stop)
    {
        var changed = await ChangedAsync(control, window, stop);
        var readers = changed.ConvertAll(i => new ChangeReader(connections, i));
        var opened = new bool[readers.Count];
        try
        {
            await Parallel.ForAsync(0, readers.Count, new ParallelOptions { MaxDegreeOfParallelism = _settings.Connections, CancellationToken = stop },
                async (i, inner) => opened[i] = await readers[i].OpenAsync(window, inner));
        }
        catch
        {
            foreach (var reader in readers) await reader.DisposeAsync();
            throw;
        }
        return [.. readers.Where((_, i) => opened[i])];
    }

    // One round trip says which tables are worth a query.
    async Task<List<CaptureInstance>> ChangedAsync(SqlConnection control, Window window, CancellationToken stop)
    {
        if (_read.Count <= 1) return _read;
        var changed = new List<CaptureInstance>();
        foreach (var (part, first) in _read.Chunk(250).Select((p, n) => (p, n * 250)))
        {
            var text = string.Join("\nunion all\n", part.Select((instance, i) =>
                (i == 0 ? Statements.Of("changed_instance") : Body(Statements.Of("changed_instance"))).Replace("$(number)", (first + i).ToString(), StringComparison.Ordinal).Replace("$(change_table)", instance.ChangeTable, StringComparison.Ordinal)));
            await using var reader = await connections.ReadAsync(control, text, stop, window.Parameters);
            changed.AddRange((await SqlServerConnections.ListAsync(reader, r => r.GetInt32(0), stop)).Select(n => _read[n]));
        }
        return changed;
    }

    static string Body(string statement) => statement[(statement.IndexOf('\n') + 1)..];

    async Task MergeAsync(List<ChangeReader> readers, DirtyKeys? dirty, CancellationToken stop)
    {
        var merge = new ChangeMerge(_from, Counts ? change => owner.PassOver(change with { Place = change.Place.Tag(writer.State.Number) }) : null);
        foreach (var reader in readers) merge.Add(reader);
        var last = _from;
        long committedAt = 0;
        while (await merge.NextAsync(stop) is { } change)
        {
            if (_times.TryGetValue(change.Place.Commit, out var known)) committedAt = known;
            dirty?.Add(change);
            var ends = change.Place.Commit != last.Commit;
            await AddAsync(change, committedAt, ends ? last.EndOfCommit : last, ends, stop);
            last = change.Place;
            owner.Report(dirty is null ? SourceState.Streaming : SourceState.Snapshot, last, committedAt);
        }
    }

    // A change's own address is the number of its row, which both halves of a change of key have.
    ValueTask AddAsync(MergedChange merged, long committedAt, SourcePosition end, bool endsTransaction, CancellationToken stop)
    {
        var change = new Change(merged.Table, merged.Operation, merged.Place, (long)(ulong)merged.Place.Commit, committedAt, (ulong)Lsn.Serial(merged.Place), default, default);
        if (!merged.IsKeyChange) return writer.AddAsync(change, merged.Before, merged.After, end, endsTransaction, stop);
        var delete = change with { Operation = Operation.Delete, Position = merged.DeletePlace };
        return writer.AddAsync(delete, change with { Operation = Operation.Create }, merged.Before, merged.After, end, endsTransaction, stop);
    }

    // Clean-up moves the beginning first and deletes then: rows read before the beginning passed us were all there.
    async Task GuardAsync(CancellationToken stop)
    {
        var starts = (await connections.ListAsync("low_water", r => (Id: r.GetInt32(0), Start: SqlServerConnections.LsnOf(r, 1)), stop)).ToDictionary(r => r.Id, r => r.Start);
        foreach (var instance in _read)
        {
            if (!writer.State.Instances.TryGetValue(instance.Table.FullName, out var state)) continue;
            if (starts.GetValueOrDefault(instance.ObjectId) is not { } start)
                throw new SourceException($"{_settings.Name}: capture instance {instance.Name} of {connections.Database} was dropped while it was read. Publish the table again: `cdcsync snapshot {_settings.Name} --restart`");
            _choice.Guard(new InstanceRow(instance.Name, instance.ObjectId, instance.Table.ObjectId, start), state, writer.Place);
        }
    }

    static bool Same(Dictionary<string, InstanceState> left, IReadOnlyDictionary<string, InstanceState> right) =>
        left.Count == right.Count && left.All(l => right.TryGetValue(l.Key, out var other) && other == l.Value);
}
