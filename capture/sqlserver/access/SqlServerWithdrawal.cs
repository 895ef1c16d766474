using CdcSync.Capture.Access;

namespace CdcSync.Capture.SqlServer;

/// <summary>Takes back what <see cref="SqlServerGrants"/> gives: only what names this source's tables and its login; what others may use is kept and named.</summary>
sealed class SqlServerWithdrawal(SqlServerSettings settings, string login)
{
    readonly List<AccessStep> _steps = [];
    readonly List<string> _notes = [];

    void Step(string why, string database, string sql) => _steps.Add(new AccessStep(why, Remedies.In(database, sql), InTransaction: false));

    public async Task<AccessScript> ScriptAsync(Func<string, SqlServerConnections> open, CancellationToken stop)
    {
        var who = default(Principal);
        foreach (var database in settings.DatabaseNames)
        {
            var connections = open(database);
            who = await Principal.ReadAsync(connections, login, stop);
            var facts = await DatabaseFacts.ReadAsync(connections, login: null, stop);
            if (settings.Mode == CaptureMode.ChangeTracking) Tracking(facts);
            else if (facts.IsCaptured) await CaptureAsync(connections, facts, stop);
            if (settings.NeedsSnapshotIsolation && facts.AllowsSnapshot)
                _notes.Add($"{database} keeps allow_snapshot_isolation, for others may rely on it. If it was set for CdcSync alone: {Remedies.AllowSnapshotEnd(database)};");
            if (who.User is not (null or "dbo")) Step($"{login} comes no more into {database}", database, $"drop user {Statements.Quote(who.User)}");
        }
        if (who is { Exists: true, IsSysadmin: false }) await LoginAsync(open, who, stop);
        return new AccessScript(_steps, _notes);
    }

    async Task CaptureAsync(SqlServerConnections connections, DatabaseFacts facts, CancellationToken stop)
    {
        var left = 0;
        foreach (var (schema, table, instance) in await connections.ListAsync("instances", r => (r.GetString(0), r.GetString(1), r.GetString(2)), stop))
        {
            if (!settings.TakesWhatIsThere && SqlServerCatalog.IsWanted(settings, $"{schema}.{table}") && instance == $"{schema}_{table}")
                Step($"no changes of {schema}.{table} are kept any more, and those not read are gone", facts.Name, Remedies.CaptureTableEnd(schema, table, instance));
            else if (SqlServerCatalog.IsWanted(settings, $"{schema}.{table}") && ++left > 0)
                _notes.Add($"{facts.Name}.{schema}.{table} stays captured as {instance}, which this script would not have made: {Remedies.CaptureTableEnd(schema, table, instance)}; if nobody else reads it");
            else left++;
        }
        if (left == 0) Step($"the log of {facts.Name} waits for no capture job any more", facts.Name, Remedies.CaptureEnd);
    }

    void Tracking(DatabaseFacts facts)
    {
        var ours = settings.TakesWhatIsThere ? [] : facts.Wanted(settings).Where(t => t.IsTracked).ToList();
        foreach (var table in ours) Step($"{table.FullName} is not tracked any more", facts.Name, Remedies.TrackTableEnd(table.Schema, table.Name));
        if (!facts.IsTracked) return;
        if (facts.Tables.Count(t => t.IsTracked) == ours.Count) Step($"nothing of {facts.Name} is tracked any more", "master", Remedies.TrackEnd(facts.Name));
        else _notes.Add($"Other tables of {facts.Name} are tracked, and stay so");
    }

    async Task LoginAsync(Func<string, SqlServerConnections> open, Principal who, CancellationToken stop)
    {
        var master = open("master");
        if ((await Principal.ReadAsync(open("msdb"), login, stop)).User is { } user) Step($"{login} sees no jobs any more", "msdb", $"drop user {Statements.Quote(user)}");
        var others = (await DatabaseFacts.AskAsync(master, "login_databases", who.IsSelf ? null : login, r => r.GetString(0), stop)).Except(settings.DatabaseNames, StringComparer.OrdinalIgnoreCase).ToList();
        if (others.Count == 0) Step("it is needed no more", "master", $"drop login {Statements.Quote(login)}");
        else _notes.Add($"The login {login} stays: it comes into {string.Join(", ", others)} too. What it sees of the server: use master; revoke view server state from {Statements.Quote(login)};");
    }
}
