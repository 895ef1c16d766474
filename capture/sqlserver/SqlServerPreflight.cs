using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>What <c>cdcsync check</c> says of a SQL Server source; reads only.</summary>
sealed class SqlServerPreflight(SqlServerSettings settings)
{
    readonly List<PreflightResult> _found = [];

    public Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop) => EachAsync(settings.DatabaseNames, DatabaseAsync, stop);

    /// <summary>Whether clean-up is about to overtake what was published last.</summary>
    public Task<IReadOnlyList<PreflightResult>> CheckPlaceAsync(Bookmark place, CancellationToken stop)
    {
        var states = DatabaseStates.Of(place);
        return EachAsync(settings.Mode == CaptureMode.Cdc ? settings.DatabaseNames.Where(states.ContainsKey) : [], async (connections, end) =>
        {
            if (states[connections.Database].Place is { } at && await RetentionLeft.ReadAsync(connections, SourcePosition.Parse(at).Commit, end) is { } left) _found.Add(left.Judge(connections.Database));
        }, stop);
    }

    async Task<IReadOnlyList<PreflightResult>> EachAsync(IEnumerable<string> databases, Func<SqlServerConnections, CancellationToken, Task> look, CancellationToken stop)
    {
        foreach (var database in databases)
            try
            {
                await look(new SqlServerConnections(settings, database), stop);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                Add(PreflightLevel.Fail, SqlServerErrors.Explain(failed, settings, database) ?? $"{database}: {failed.Message}");
            }
        return _found;
    }

    void Add(PreflightLevel level, string what, string? fix = null) => _found.Add(new(level, what, fix));

    // Written as it is run: in the right database, by the statements of `enable`.
    void Add(PreflightLevel level, string what, string database, string sql) => Add(level, what, $"{Remedies.In(database, sql)};");

    async Task DatabaseAsync(SqlServerConnections connections, CancellationToken stop)
    {
        var facts = await DatabaseFacts.ReadAsync(connections, login: null, stop);
        var (name, login) = (facts.Name, facts.Rights.Login);
        if (facts.Version >= 13) Add(PreflightLevel.Pass, $"{name}: SQL Server version {facts.Version}");
        else Add(PreflightLevel.Warn, $"{name}: SQL Server version {facts.Version}; mappings' queries need 13 (2016) for openjson");
        var skew = TimeProvider.System.GetUtcNow().UtcDateTime - facts.Now;
        if (skew.Duration() > TimeSpan.FromSeconds(5)) Add(PreflightLevel.Warn, $"{name}: the server's clock is {skew.TotalSeconds:0} s off this machine's: latencies will be wrong by that", "let both follow the same NTP server");
        if (settings.ServerTimeZone is null && facts.OffsetMinutes != 0) Add(PreflightLevel.Warn, $"{name}: the server's clock is not UTC: commit times read across a change of clocks are an hour off", "set 'server_time_zone'");
        if (settings.NeedsSnapshotIsolation && !facts.AllowsSnapshot)
            Add(PreflightLevel.Fail, $"{name}: snapshot isolation is not allowed", $"{Remedies.AllowSnapshot(name)}; -- or 'snapshot_isolation: chunks'");
        foreach (var table in facts.Wanted(settings).Where(t => !t.MaySelect && settings.Snapshot == SnapshotStart.Initial))
            Add(PreflightLevel.Fail, $"{name}: existing rows of {table.FullName} may not be read", name, Remedies.ReadTable(table.Schema, table.Name, login));
        foreach (var table in facts.Wanted(settings).Where(t => !t.HasKey))
            Add(PreflightLevel.Warn, $"{name}: {table.FullName} has no primary key or unique index: its records have no key, and its rows are published in one pass that cannot be resumed");
        if (settings.Mode == CaptureMode.ChangeTracking) Tracking(facts);
        else await CdcAsync(connections, facts, stop);
    }

    void Tracking(DatabaseFacts facts)
    {
        var name = facts.Name;
        if (!facts.IsTracked) Add(PreflightLevel.Fail, $"{name}: Change Tracking is off", $"{Remedies.Track(name)};");
        foreach (var table in facts.Unfollowed(settings)) Add(PreflightLevel.Fail, $"{name}: Change Tracking is off for {table.FullName}", name, Remedies.TrackTable(table.Schema, table.Name));
        foreach (var table in facts.Wanted(settings).Where(t => t is { IsTracked: true, MaySeeTracked: false }))
            Add(PreflightLevel.Fail, $"{name}: {facts.Rights.Login} may not see which rows of {table.FullName} changed", name, Remedies.SeeTracked(table.Schema, table.Name, facts.Rights.Login));
        var tracked = facts.Wanted(settings).Count(t => t.IsTracked);
        if (tracked > 0) Add(PreflightLevel.Pass, $"{name}: {tracked} tables are tracked");
        else Add(PreflightLevel.Fail, $"{name}: no wanted table is tracked", name, Remedies.TrackTable("dbo", "..."));
    }

    async Task CdcAsync(SqlServerConnections connections, DatabaseFacts facts, CancellationToken stop)
    {
        var (name, rights) = (facts.Name, facts.Rights);
        if (!facts.IsCaptured)
        {
            Add(PreflightLevel.Fail, $"{name}: change data capture is off", $"{Remedies.In(name, Remedies.Capture)}; -- as sysadmin");
            return;
        }
        if (rights.MayRead) Add(PreflightLevel.Pass, $"{name}: change tables may be read");
        else Add(PreflightLevel.Fail, $"{name}: {rights.Login} may not read the change tables", name, Remedies.ReadChanges(rights.Login));
        if (!rights.MaySeeScans) Add(PreflightLevel.Warn, $"{name}: the capture job's scans may not be seen: a snapshot of an idle database waits up to five minutes", name, Remedies.SeeScans(rights.Login));
        if (rights.IsOwner) Add(PreflightLevel.Warn, $"{name}: {rights.Login} may do anything here; reading needs much less", "cdcsync enable prints the least role");
        foreach (var table in facts.Unfollowed(settings)) Add(PreflightLevel.Fail, $"{name}: {table.FullName} is not captured", name, Remedies.CaptureTable(table.Schema, table.Name));
        if (settings.Signals.Table is { } signals && facts.Tables.FirstOrDefault(t => t.FullName == signals) is not { IsCaptured: true })
            Add(PreflightLevel.Warn, $"{name}: the signal table {signals} is not captured, or not there: no row of this database is a signal", name, Remedies.CaptureTable(signals.Split('.')[0], signals.Split('.')[1]));
        var captured = facts.Wanted(settings).Count(t => t.IsCaptured);
        if (captured > 0) Add(PreflightLevel.Pass, $"{name}: {captured} tables are captured");
        else Add(PreflightLevel.Fail, $"{name}: no wanted table is captured", name, Remedies.CaptureTable("dbo", "..."));
        if (rights.MayRead && (await connections.ListAsync("max_lsn", _ => true, stop)).Count == 0)
            Add(PreflightLevel.Warn, $"{name}: nothing was captured yet: the capture job has not run, or nothing has changed");
        foreach (var computed in rights.MayRead ? (await connections.ListAsync("columns", SqlServerCatalog.Read, stop)).Where(c => c.IsComputed && SqlServerCatalog.IsWanted(settings, $"{c.Schema}.{c.TableName}")) : [])
            Add(PreflightLevel.Warn, $"{name}: {computed.Schema}.{computed.TableName}.{computed.Name} is computed: change data capture records no value for it, so it is left out", "'computed_columns: true' publishes it as null, as Debezium does");
        await JobsAsync(connections, stop);
    }

    async Task JobsAsync(SqlServerConnections connections, CancellationToken stop)
    {
        var name = connections.Database;
        if (await TryAsync(() => connections.ListAsync("agent", r => r.GetBoolean(0), stop)) is not { Count: > 0 } agent)
            Add(PreflightLevel.Warn, $"{name}: whether SQL Server Agent runs may not be seen", "master", Remedies.SeeServer(settings.Login));
        else if (agent[0]) Add(PreflightLevel.Pass, $"{name}: SQL Server Agent runs");
        else Add(PreflightLevel.Fail, $"{name}: SQL Server Agent does not run: nothing is captured, and the log cannot be truncated", "start the service SQL Server Agent (Linux: mssql-conf set sqlagent.enabled true)");
        if (await TryAsync(() => connections.ListAsync("jobs", r => (Type: r.GetString(0), Retention: r.GetInt64(1), Polling: r.GetInt64(2), Transactions: r.GetInt64(3), Scans: r.GetInt64(4)), stop)) is not { Count: > 0 } jobs)
        {
            Add(PreflightLevel.Warn, $"{name}: how the jobs are set may not be seen", "msdb", Remedies.SeeJobs(settings.Login));
            return;
        }
        foreach (var job in jobs.Where(j => j.Type == "cleanup"))
            Add(job.Retention < 1440 ? PreflightLevel.Warn : PreflightLevel.Pass, $"{name}: changes are kept for {job.Retention / 60.0:0.#} h: so long may CdcSync be away", job.Retention < 1440 ? $"{Remedies.In(name, Remedies.Retention(4320))};" : null);
        foreach (var job in jobs.Where(j => j.Type == "capture" && j.Polling > 0))
            Add(job.Polling > 1 ? PreflightLevel.Warn : PreflightLevel.Pass, $"{name}: the capture job waits {job.Polling} s between scans (so late do changes come) and takes at most {job.Transactions * job.Scans / job.Polling} transactions a second",
                job.Polling > 1 ? $"{Remedies.In(name, Remedies.Polling)};" : null);
    }

    static async Task<List<T>?> TryAsync<T>(Func<Task<List<T>>> ask)
    {
        try
        {
            return await ask();
        }
        catch (SqlException)
        {
            return null;     // not allowed to look, which is a finding of its own
        }
    }
}
