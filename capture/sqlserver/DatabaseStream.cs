using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>One database of a source, from connecting to following its change tables; ends only by being stopped or by an error.</summary>
sealed class DatabaseStream(SqlServerConnections connections, BatchWriter writer, SourceOutput output, SqlServerSource owner, ILogger log, TimeProvider clock)
{
    readonly SqlServerSettings _settings = connections.Settings;
    readonly SqlServerCatalog _catalog = new(connections);
    readonly ServerClock _time = new(connections.Settings);
    readonly RetentionWatch _retention = new(connections, log, clock);
    long _heartbeatAt = clock.GetTimestamp();

    public SqlServerCatalog Catalog => _catalog;

    /// <summary>The captured tables that the settings want, as their newest capture instances have them.</summary>
    public IReadOnlyList<SqlServerTable> Tables => [.. _catalog.Instances.Values.Where(i => _catalog.IsWanted(i.Table)).GroupBy(i => i.Table.FullName, (_, same) => same.MaxBy(i => i.ObjectId)!.Table).OrderBy(t => t.FullName, StringComparer.Ordinal)];

    /// <summary>Their names as signals have them: <c>database.schema.table</c>.</summary>
    public IReadOnlyList<string> Names => [.. Tables.Select(t => t.Collection)];

    public async Task RunAsync(CancellationToken stop)
    {
        await using var control = await connections.OpenAsync(stop);
        await IdentifyAsync(control, stop);
        await BeginAsync(control, stop);
        var name = $"{_settings.Name}/{connections.Database}";
        writer.Book = new SnapshotBook(name, _settings.Prefix, writer.State.Asked?.Write(), log, clock, connections.Database) { Elsewhere = () => owner.CapturedBeside(connections.Database) };
        owner.Captures(connections.Database, () => Names);
        await using var queue = new SignalQueue(owner.Inbox, name, writer.State.Asked?.Signal ?? 0, log, clock, stop);
        var fence = new SnapshotFence(connections, this, writer, log, clock);
        var snapshot = new SqlServerSnapshot(connections, this, writer, fence, owner.Load, log);
        var signals = new SqlServerSignals(connections, this, snapshot, fence, writer, writer.Book, queue, owner, log);
        writer.Look = signals.Take;
        if (_settings.Snapshot == SnapshotStart.Initial) await snapshot.RunAsync(control, owner, stop);
        output.Complete(connections.Database);
        await writer.HandOnAsync(writer.Place, true, stop);
        owner.Report(SourceState.Streaming);
        Log.Streaming(log, name, writer.Place);
        while (true)
        {
            var isMore = await PollAsync(control, null, stop);
            if (await signals.StepAsync(control, stop) || isMore) continue;
            await HeartbeatAsync(stop);
            await Task.WhenAny(Task.Delay(_settings.PollInterval, clock, stop), queue.Arrives);
            stop.ThrowIfCancellationRequested();
        }
    }

    // What the database is, and whether its log is still the one we know.
    async Task IdentifyAsync(SqlConnection control, CancellationToken stop)
    {
        await using var reader = await connections.ReadAsync(control, Statements.Of("database"), stop);
        if (!await SqlServerConnections.MoveAsync(reader, stop)) throw new SourceException($"{_settings.Name}: the server does not show database {connections.Database} to this login");
        var isEnabled = reader.GetBoolean(2);
        Guid? fork = reader.IsDBNull(4) ? null : reader.GetGuid(4);
        _time.OffsetMinutes = reader.GetInt32(6);
        await reader.DisposeAsync();
        if (!isEnabled)
            throw new SourceException($"{_settings.Name}: change data capture is off in {connections.Database}. Run: {Remedies.In(connections.Database, Remedies.Capture)}; and for each table: {Remedies.CaptureTable("dbo", "...")}; or set 'mode: change_tracking'");
        if (writer.State.Fork is { } known && fork is { } now && known != now && writer.Place.Commit != 0 && !await IsPlaceThereAsync(control, stop))
            throw new SourceException($"{_settings.Name}: database {connections.Database} was restored: its log is on recovery fork {now}, ours was {known}, and the transaction we published last ({Lsn.Text(writer.Place.Commit)}) is not in it. "
                + $"What was published and then undone by the restore must be corrected: publish everything again with `cdcsync snapshot {_settings.Name} --restart`, then `cdcsync reconcile --repair`");
        if (fork is not null) writer.State = writer.State with { Fork = fork };
    }

    async Task<bool> IsPlaceThereAsync(SqlConnection control, CancellationToken stop)
    {
        await using var reader = await connections.ReadAsync(control, Statements.Of("anchor"), stop, SqlServerConnections.LsnParameter("@place", writer.Place.Commit));
        return await SqlServerConnections.MoveAsync(reader, stop) && reader.GetBoolean(0);
    }

    // A source that never published begins at the capture job's place, so that rows read from now on and changes meet.
    async Task BeginAsync(SqlConnection control, CancellationToken stop)
    {
        var max = await MaxAsync(control, stop);
        await _catalog.LoadAsync(stop);
        // Also where nothing was captured yet there is a place, or a reconnection would begin anew after what came meanwhile.
        var start = writer.Place == SourcePosition.Start ? new SourcePosition(max ?? 0, 0).EndOfCommit : writer.Place;
        await RememberInstancesAsync(control, start, stop);
        await writer.HandOnAsync(start, true, stop);
    }

    // Where each instance's rows begin now, so that a clean-up while we are away is known by it having moved.
    async Task RememberInstancesAsync(SqlConnection control, SourcePosition start, CancellationToken stop)
    {
        await using var reader = await connections.ReadAsync(control, Statements.Of("window"), stop, SqlServerConnections.LsnParameter("@from", start.Commit), SqlServerConnections.BitParameter("@through", false),
            new SqlParameter("@count", System.Data.SqlDbType.Int) { Value = 0 });
        await reader.NextResultAsync(stop);
        var rows = await SqlServerConnections.ListAsync(reader, InstanceRow.Read, stop);
        var (states, _, _, _) = new InstanceChoice(connections, _catalog, log).Choose(writer.State.Instances, rows, start, start.Commit);
        foreach (var (table, known) in writer.State.Instances) states[table] = known;
        writer.State = writer.State with { Instances = states };
    }

    /// <summary>Asks how far the capture job is.</summary>
    /// <exception cref="SourceException">It is behind us: the log was put back.</exception>
    public async Task<UInt128?> MaxAsync(SqlConnection control, CancellationToken stop)
    {
        await using var reader = await connections.ReadAsync(control, Statements.Of("max_lsn"), stop);
        UInt128? max = await SqlServerConnections.MoveAsync(reader, stop) ? SqlServerConnections.LsnOf(reader, 0) : null;
        if (max is { } newest && newest < writer.Place.Commit && !IsReplica)
            throw new SourceException($"{_settings.Name}: the log of {connections.Database} ends at {Lsn.Text(newest)}, before {Lsn.Text(writer.Place.Commit)}, up to which we have published: the database was restored, or change data capture was switched off and on again. "
                + $"Publish everything again: `cdcsync snapshot {_settings.Name} --restart`, then `cdcsync reconcile --repair`");
        return max;
    }

    // A replica may be behind the one that was read before.
    bool IsReplica => new SqlConnectionStringBuilder(_settings.Connection).ApplicationIntent == ApplicationIntent.ReadOnly;

    /// <summary>Reads what is new, up to <paramref name="until"/> when given; false when nothing is.</summary>
    public async Task<bool> PollAsync(SqlConnection control, DirtyKeys? dirty, CancellationToken stop, UInt128? until = null)
    {
        var max = await MaxAsync(control, stop);
        await _retention.LookAsync(writer.Place.Commit, stop);
        if (max is null || (max <= writer.Place.Commit && writer.Place.Change == UInt128.MaxValue)) return false;
        return await new WindowRead(connections, this, writer, _time, log, owner).RunAsync(control, dirty, until, stop);
    }

    async Task HeartbeatAsync(CancellationToken stop)
    {
        if (clock.GetElapsedTime(_heartbeatAt) < _settings.HeartbeatInterval) return;
        _heartbeatAt = clock.GetTimestamp();
        owner.Report(SourceState.Streaming);
        if (_settings.HeartbeatTopic) await writer.HandOnAsync(writer.Place, true, stop);
    }
}
