using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>What <c>cdcsync check</c> says of a SQL Server source; reads only.</summary>
sealed class SqlServerPreflight(SqlServerSettings settings)
{
    readonly List<PreflightResult> _found = [];

    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop)
    {
        foreach (var database in settings.DatabaseNames)
        {
            var connections = new SqlServerConnections(settings, database);
            try
            {
                await DatabaseAsync(connections, stop);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                Add(PreflightLevel.Fail, SqlServerErrors.Explain(failed, settings.Name, database, Login()) ?? $"{database}: {failed.Message}");
            }
        }
        return _found;
    }

    string Login() => new SqlConnectionStringBuilder(settings.Connection).UserID;

    void Add(PreflightLevel level, string what, string? fix = null) => _found.Add(new(level, what, fix));

    async Task DatabaseAsync(SqlServerConnections connections, CancellationToken stop)
    {
        var name = connections.Database;
        var row = (await connections.ListAsync("database", r => (Database: r.GetString(0), Version: r.GetInt32(1), IsEnabled: r.GetBoolean(2), Snapshot: r.GetInt32(3), Fork: r.IsDBNull(4) ? (Guid?)null : r.GetGuid(4),
            Updateability: r.IsDBNull(5) ? "" : r.GetString(5), Offset: r.GetInt32(6), Now: r.GetDateTime(7)), stop))[0];
        if (row.Version >= 13) Add(PreflightLevel.Pass, $"{name}: SQL Server version {row.Version}");
        else Add(PreflightLevel.Warn, $"{name}: SQL Server version {row.Version}; mappings' queries need 13 (2016) for openjson");
        var skew = TimeProvider.System.GetUtcNow().UtcDateTime - row.Now;
        if (skew.Duration() > TimeSpan.FromSeconds(5)) Add(PreflightLevel.Warn, $"{name}: the server's clock is {skew.TotalSeconds:0} s off this machine's: latencies will be wrong by that", "let both follow the same NTP server");
        if (settings.ServerTimeZone is null && row.Offset != 0) Add(PreflightLevel.Warn, $"{name}: the server's clock is not UTC: commit times read across a change of clocks are an hour off", "set 'server_time_zone'");
        if (settings.SnapshotIsolation == SnapshotIsolation.Snapshot && settings.Snapshot == SnapshotStart.Initial && row.Snapshot != 1)
            Add(PreflightLevel.Fail, $"{name}: snapshot isolation is not allowed", $"alter database {Statements.Quote(name)} set allow_snapshot_isolation on; -- or 'snapshot_isolation: chunks'");
        var tables = await connections.ListAsync("tables", r => (Name: $"{r.GetString(0)}.{r.GetString(1)}", IsCdc: r.GetBoolean(2), IsTracked: r.GetBoolean(3), MaySelect: r.GetBoolean(4), HasKey: r.GetBoolean(5)), stop);
        var wanted = tables.Where(t => SqlServerCatalog.IsWanted(settings, t.Name)).ToList();
        foreach (var table in wanted.Where(t => !t.MaySelect && settings.Snapshot == SnapshotStart.Initial))
            Add(PreflightLevel.Fail, $"{name}: existing rows of {table.Name} may not be read", $"grant select on {Quoted(table.Name)} to {Statements.Quote(Login())};");
        foreach (var table in wanted.Where(t => !t.HasKey))
            Add(PreflightLevel.Warn, $"{name}: {table.Name} has no primary key or unique index: its records have no key, and its rows are published in one pass that cannot be resumed");
        if (settings.Mode == CaptureMode.ChangeTracking) Tracking(name, [.. wanted.Select(t => (t.Name, t.IsTracked))]);
        else await CdcAsync(connections, row.IsEnabled, [.. wanted.Select(t => (t.Name, t.IsCdc))], stop);
    }

    void Tracking(string database, List<(string Name, bool IsOn)> tables)
    {
        var isAll = settings.Tables.Contains("*.*");
        foreach (var (table, _) in tables.Where(t => !t.IsOn && !isAll)) Add(PreflightLevel.Fail, $"{database}: Change Tracking is off for {table}", $"alter table {Quoted(table)} enable change_tracking;");
        if (tables.Exists(t => t.IsOn)) Add(PreflightLevel.Pass, $"{database}: {tables.Count(t => t.IsOn)} tables are tracked");
        else Add(PreflightLevel.Fail, $"{database}: no table is tracked", $"alter database {Statements.Quote(database)} set change_tracking = on (change_retention = 3 days, auto_cleanup = on);");
    }

    async Task CdcAsync(SqlServerConnections connections, bool isEnabled, List<(string Name, bool IsOn)> tables, CancellationToken stop)
    {
        var name = connections.Database;
        if (!isEnabled)
        {
            Add(PreflightLevel.Fail, $"{name}: change data capture is off", $"use {Statements.Quote(name)}; exec sys.sp_cdc_enable_db; -- as sysadmin");
            return;
        }
        var rights = (await connections.ListAsync("rights", r => (MayRead: r.GetBoolean(0), MaySeeScans: r.GetBoolean(1), IsOwner: r.GetBoolean(2), Login: r.GetString(3)), stop))[0];
        if (rights.MayRead) Add(PreflightLevel.Pass, $"{name}: change tables may be read");
        else Add(PreflightLevel.Fail, $"{name}: {rights.Login} may not read the change tables", $"grant select on schema::cdc to {Statements.Quote(rights.Login)};");
        if (!rights.MaySeeScans) Add(PreflightLevel.Warn, $"{name}: the capture job's scans may not be seen: a snapshot of an idle database waits up to five minutes", $"grant view database state to {Statements.Quote(rights.Login)};");
        if (rights.IsOwner) Add(PreflightLevel.Warn, $"{name}: {rights.Login} may do anything here; reading needs much less", "see docs/sources/sqlserver.md for the least role");
        var off = tables.Where(t => !t.IsOn).ToList();
        foreach (var (table, _) in off.Where(_ => !settings.Tables.Contains("*.*")))
            Add(PreflightLevel.Fail, $"{name}: {table} is not captured", $"exec sys.sp_cdc_enable_table @source_schema = N'{table.Split('.')[0]}', @source_name = N'{table.Split('.', 2)[1]}', @role_name = null, @supports_net_changes = 0;");
        if (tables.Exists(t => t.IsOn)) Add(PreflightLevel.Pass, $"{name}: {tables.Count - off.Count} tables are captured");
        else Add(PreflightLevel.Fail, $"{name}: no wanted table is captured", "exec sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'...', @role_name = null, @supports_net_changes = 0;");
        if (rights.MayRead && (await connections.ListAsync("max_lsn", _ => true, stop)).Count == 0)
            Add(PreflightLevel.Warn, $"{name}: nothing was captured yet: the capture job has not run, or nothing has changed");
        foreach (var computed in (await connections.ListAsync("columns", SqlServerCatalog.Read, stop)).Where(c => c.IsComputed && SqlServerCatalog.IsWanted(settings, $"{c.Schema}.{c.TableName}")))
            Add(PreflightLevel.Warn, $"{name}: {computed.Schema}.{computed.TableName}.{computed.Name} is computed: change data capture records no value for it, so it is left out", "'computed_columns: true' publishes it as null, as Debezium does");
        await JobsAsync(connections, stop);
    }

    async Task JobsAsync(SqlServerConnections connections, CancellationToken stop)
    {
        var name = connections.Database;
        if (await TryAsync(() => connections.ListAsync("agent", r => r.GetBoolean(0), stop)) is not { Count: > 0 } agent)
            Add(PreflightLevel.Warn, $"{name}: whether SQL Server Agent runs may not be seen", $"use master; grant view server state to {Statements.Quote(Login())};");
        else if (agent[0]) Add(PreflightLevel.Pass, $"{name}: SQL Server Agent runs");
        else Add(PreflightLevel.Fail, $"{name}: SQL Server Agent does not run: nothing is captured, and the log cannot be truncated", "start the service SQL Server Agent (Linux: mssql-conf set sqlagent.enabled true)");
        if (await TryAsync(() => connections.ListAsync("jobs", r => (Type: r.GetString(0), Retention: r.GetInt64(1), Polling: r.GetInt64(2), Transactions: r.GetInt64(3), Scans: r.GetInt64(4)), stop)) is not { Count: > 0 } jobs)
        {
            Add(PreflightLevel.Warn, $"{name}: how the jobs are set may not be seen", $"use msdb; grant select on dbo.cdc_jobs to {Statements.Quote(Login())};");
            return;
        }
        foreach (var job in jobs.Where(j => j.Type == "cleanup"))
            Add(job.Retention < 1440 ? PreflightLevel.Warn : PreflightLevel.Pass, $"{name}: changes are kept for {job.Retention / 60.0:0.#} h: so long may CdcSync be away", job.Retention < 1440 ? "exec sys.sp_cdc_change_job @job_type = 'cleanup', @retention = 4320;" : null);
        foreach (var job in jobs.Where(j => j.Type == "capture" && j.Polling > 0))
            Add(job.Polling > 1 ? PreflightLevel.Warn : PreflightLevel.Pass, $"{name}: the capture job waits {job.Polling} s between scans (so late do changes come) and takes at most {job.Transactions * job.Scans / job.Polling} transactions a second",
                job.Polling > 1 ? "exec sys.sp_cdc_change_job @job_type = 'capture', @pollinginterval = 1, @maxtrans = 2000; exec sys.sp_cdc_stop_job; exec sys.sp_cdc_start_job;" : null);
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

    static string Quoted(string fullName) => Statements.Quote(fullName.Split('.', 2)[0], fullName.Split('.', 2)[1]);
}
