using System.Data;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>
/// One database by Change Tracking: which rows changed since a version, and how they are now. What a row was before, and the changes in between, are not told. Positions are
/// versions. Rows are newer than their version at times, never older, so existing rows may be read without fence: what follows only brings them up to date.
/// </summary>
sealed class TrackingStream(SqlServerConnections connections, BatchWriter writer, SourceOutput output, SqlServerSource owner, ILogger log, TimeProvider clock)
{
    readonly record struct Tracked(int Id, string Name, long Oldest, long Newest);

    readonly record struct NetChange(SqlServerTable Table, long Version, Operation Operation, byte[] Before, byte[] After);

    readonly SqlServerSettings _settings = connections.Settings;
    Dictionary<int, SqlServerTable> _tables = [];
    long _heartbeatAt = clock.GetTimestamp();

    static SourcePosition PlaceOf(long version) => new SourcePosition((UInt128)version, 0).EndOfCommit;

    public async Task RunAsync(CancellationToken stop)
    {
        var tracked = await TrackedAsync(stop);
        if (tracked.Count == 0)
            throw new SourceException($"{_settings.Name}: Change Tracking follows no table of {connections.Database} that 'tables' names. Run: {Remedies.Track(connections.Database)}; and for each table: {Remedies.In(connections.Database, Remedies.TrackTable("dbo", "..."))};");
        await writer.HandOnAsync(writer.Place == SourcePosition.Start ? PlaceOf(tracked[0].Newest) : writer.Place, true, stop);
        if (_settings.Snapshot == SnapshotStart.Initial) await SnapshotAsync(stop);
        output.Complete(connections.Database);
        await writer.HandOnAsync(writer.Place, true, stop);
        owner.Report(SourceState.Streaming);
        Log.Streaming(log, $"{_settings.Name}/{connections.Database}", writer.Place);
        var name = $"{_settings.Name}/{connections.Database}";
        writer.Book = new SnapshotBook(name, _settings.Prefix, writer.State.Asked?.Write(), log, clock, connections.Database);
        await using var queue = new SignalQueue(owner.Inbox, name, writer.State.Asked?.Signal ?? 0, log, clock, stop);
        while (true)
        {
            if (!queue.IsEmpty) await TakeAsync(queue, writer.Book, stop);
            if (!await PollAsync(stop))
            {
                if (clock.GetElapsedTime(_heartbeatAt) >= _settings.HeartbeatInterval && _settings.HeartbeatTopic) await writer.HandOnAsync(writer.Place, true, stop);
                await Task.WhenAny(Task.Delay(_settings.PollInterval, clock, stop), queue.Arrives);
                stop.ThrowIfCancellationRequested();
            }
        }
    }

    // The rows need no fence, so what is asked for is read at once, table by table, as after `snapshot --restart`.
    async Task TakeAsync(SignalQueue queue, SnapshotBook book, CancellationToken stop)
    {
        var wanted = _tables.Values.Where(t => SqlServerCatalog.IsWanted(_settings, t.FullName)).ToDictionary(t => $"{connections.Database}.{t.FullName}");
        var again = new HashSet<string>();
        while (queue.TryTake(out var signal))
        {
            book.Take(signal!.Signal, signal.Number, [.. wanted.Keys]);
            while (book.Progress.Current is { } asked)
                if (asked.Tables[0].Filter is not null) book.LeaveOut(asked, "SQL_EXCEPTION", "with Change Tracking tables are read as a whole, without a condition");
                else
                {
                    again.Add(wanted[asked.Tables[0].Name].FullName);
                    book.Set(book.Progress.WithCurrent(asked.Next()));
                }
        }
        writer.State = writer.State with { Done = [.. writer.State.Done.Where(d => !again.Contains(d))], Again = again.Count > 0 };
        await writer.HandOnAsync(writer.Place, true, stop);
        if (again.Count > 0) await SnapshotAsync(stop);
        owner.Report(SourceState.Streaming);
    }

    async Task<List<Tracked>> TrackedAsync(CancellationToken stop)
    {
        var all = await connections.ListAsync("tracking", r => (Id: r.GetInt32(0), Name: $"{r.GetString(1)}.{r.GetString(2)}", Oldest: r.IsDBNull(3) ? 0 : r.GetInt64(3), Newest: r.IsDBNull(4) ? 0 : r.GetInt64(4)), stop);
        var wanted = all.Where(t => SqlServerCatalog.IsWanted(_settings, t.Name)).Select(t => new Tracked(t.Id, t.Name, t.Oldest, t.Newest)).ToList();
        var columns = (await connections.ListAsync("tracked_columns", SqlServerCatalog.Read, stop)).GroupBy(c => c.Table);
        var former = _tables;
        // An unchanged table keeps its instance: its records are compiled once.
        _tables = columns.Select(Make).Select(t => former.GetValueOrDefault(t.ObjectId) is { } known && known.SqlColumns.SequenceEqual(t.SqlColumns, SameColumn.Instance) ? known : t).ToDictionary(t => t.ObjectId);
        return wanted;
    }

    SqlServerTable Make(IEnumerable<SqlServerCatalog.Row> columns)
    {
        var rows = columns.ToList();
        return SqlServerCatalog.TableOf(connections, rows[0], [.. rows.Select(r => new SqlServerColumn(r.Name, r.Type, r.IsNullable, r.KeyOrdinal, r.Default, r.IsIdentity, r.Ordinal - 1))]);
    }

    async Task SnapshotAsync(CancellationToken stop)
    {
        var missing = _tables.Values.Where(t => SqlServerCatalog.IsWanted(_settings, t.FullName) && !writer.State.Done.Contains(t.FullName)).OrderBy(t => t.FullName, StringComparer.Ordinal).ToList();
        if (missing.Count == 0) return;
        owner.Report(SourceState.Snapshot);
        Log.SnapshotStarts(log, $"{_settings.Name}/{connections.Database}", missing.Count);
        var isBegun = writer.State.Done.Count > 0;
        foreach (var table in missing)
        {
            var isFirst = true;
            await using var connection = await connections.OpenAsync(stop);
            var text = Statements.Of("rows", ("top ", ""), ("columns", table.SelectList), ("table", table.Quoted), ("hint", ""), ("after", "1 = 1"), ("order", ""));
            await using var rows = await connections.ReadAsync(connection, text, stop);
            var images = new RowReader(table);
            var takenAt = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
            while (await SqlServerConnections.MoveAsync(rows, stop))
            {
                images.Clear();
                images.Append(rows, 0, default);
                await owner.Load.SpendAsync(1, images.Bytes.Length, stop);
                var mark = writer.State.Again ? ReadMark.Incremental : !isBegun ? ReadMark.First : isFirst ? ReadMark.FirstOfTable : ReadMark.Row;
                (isBegun, isFirst) = (true, false);
                await writer.AddAsync(table, mark, images.Bytes.ToArray(), takenAt, stop);
            }
            writer.State = writer.State with { Done = [.. writer.State.Done, table.FullName] };
            await writer.HandOnAsync(writer.Place, true, stop);
        }
        writer.State = writer.State with { Again = false };
        owner.Load.Begin();
        Log.SnapshotDone(log, $"{_settings.Name}/{connections.Database}", writer.Place);
    }

    async Task<bool> PollAsync(CancellationToken stop)
    {
        var from = (long)writer.Place.Commit;
        var tracked = await TrackedAsync(stop);
        if (tracked.Count == 0 || tracked[0].Newest == from) return false;
        var to = tracked[0].Newest;
        if (to < from)
            throw new SourceException($"{_settings.Name}: Change Tracking of {connections.Database} is at version {to}, before {from}, up to which we have published: the database was restored, or tracking switched off and on. Publish everything again: `cdcsync snapshot {_settings.Name} --restart`");
        foreach (var lost in tracked.Where(t => t.Oldest > from))
            throw new SourceException($"{_settings.Name}: Change Tracking of {connections.Database}.{lost.Name} has forgotten the changes before version {lost.Oldest}, and we are at {from}: its clean-up overtook us. Publish everything again: `cdcsync snapshot {_settings.Name} --restart`; "
                + $"and keep versions longer: {Remedies.TrackLonger(connections.Database, days: 7)};");
        var changes = new List<NetChange>();
        foreach (var table in tracked.Where(t => _tables.ContainsKey(t.Id))) await ReadAsync(_tables[table.Id], from, to, changes, stop);
        // Asked again now: what clean-up took while we read is known before anything is handed on.
        foreach (var lost in (await TrackedAsync(stop)).Where(t => t.Oldest > from))
            throw new SourceException($"{_settings.Name}: the clean-up of Change Tracking overtook us in {connections.Database}.{lost.Name}. Publish everything again: `cdcsync snapshot {_settings.Name} --restart`");
        await PublishAsync(changes, from, to, stop);
        return true;
    }

    async Task PublishAsync(List<NetChange> changes, long from, long to, CancellationToken stop)
    {
        var now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;     // tracking does not tell when
        var (last, whole, ordinal) = (from, from, 0);
        foreach (var change in changes.OrderBy(c => c.Version))
        {
            if (change.Version != last) (whole, last, ordinal) = (last, change.Version, 0);
            var place = new SourcePosition((UInt128)change.Version, (UInt128)(++ordinal));
            // A batch that ends inside a version is read again from the version before: twice rather than never.
            await writer.AddAsync(new Change(change.Table, change.Operation, place, change.Version, now, 0, default, default), change.Before, change.After, PlaceOf(whole), ordinal == 1, stop);
            owner.Report(SourceState.Streaming, place, now);
        }
        await writer.HandOnAsync(PlaceOf(to), true, stop);
    }

    async Task ReadAsync(SqlServerTable table, long from, long to, List<NetChange> changes, CancellationToken stop)
    {
        var key = table.Key.Select(k => Statements.Quote(table.SqlColumns[k].Name)).ToList();
        var text = Statements.Of("tracked_changes", ("columns", table.SelectList), ("table", table.Quoted), ("key", key[0]),
            ("inner", string.Join(", ", table.SqlColumns.Select(c => (c.KeyOrdinal > 0 ? "c." : "t.") + Statements.Quote(c.Name)))), ("join", string.Join(" and ", key.Select(k => $"t.{k} = c.{k}"))));
        await using var connection = await connections.OpenAsync(stop);
        await using var rows = await connections.ReadAsync(connection, text, stop, new SqlParameter("@from", SqlDbType.BigInt) { Value = from }, new SqlParameter("@to", SqlDbType.BigInt) { Value = to });
        var images = new RowReader(table);
        while (await SqlServerConnections.MoveAsync(rows, stop))
        {
            var (version, isThere, operation) = (rows.GetInt64(0), rows.GetBoolean(1), rows.GetString(2));
            if (!isThere && operation != "D") continue;
            images.Clear();
            images.Append(rows, 3, default);
            var image = images.Bytes.ToArray();
            changes.Add(operation == "D" ? new(table, version, Operation.Delete, image, []) : new(table, version, operation == "I" ? Operation.Create : Operation.Update, [], image));
        }
    }

    sealed class SameColumn : IEqualityComparer<SqlServerColumn>
    {
        public static SameColumn Instance { get; } = new();

        public bool Equals(SqlServerColumn? x, SqlServerColumn? y) => x is not null && y is not null && x.Name == y.Name && x.Type == y.Type && x.Nullable == y.Nullable && x.KeyOrdinal == y.KeyOrdinal && x.Default == y.Default;

        public int GetHashCode(SqlServerColumn obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
