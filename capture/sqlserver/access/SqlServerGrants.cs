using CdcSync.Capture.Access;
using CdcSync.Capture.Mapping;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>What is still missing for a login to capture databases, as statements in an order that can be run.</summary>
sealed class SqlServerGrants(SqlServerSettings settings, string login)
{
    readonly List<AccessStep> _steps = [];
    readonly List<string> _notes = [];
    bool _serverDone;

    // CDC's and Change Tracking's switches want no transaction round them.
    public AccessScript Script() => new(_steps, [.. _notes.Distinct()]);

    void Step(string why, string database, string sql, string? hidden = null) =>
        _steps.Add(new AccessStep(why, Remedies.In(database, sql), InTransaction: false) { Hidden = hidden is null ? null : Remedies.In(database, hidden) });

    public async Task DatabaseAsync(SqlServerConnections connections, IReadOnlyList<ObjectMapping> mappings, CancellationToken stop)
    {
        var who = await Principal.ReadAsync(connections, login, stop);
        var name = connections.Database;
        // One that is not here yet may nothing; the tables are the administrator's to see.
        var facts = await DatabaseFacts.ReadAsync(connections, who is { Exists: true, User: not null, IsSelf: false, IsSysadmin: false } ? login : null, stop);
        var isNobody = !who.IsSysadmin && (!who.Exists || who.User is null);
        if (!facts.IsWritable) _notes.Add($"{name} is read-only here: run the script at the primary replica");
        if (who.IsSysadmin) _notes.Add($"{login} is sysadmin, which is far more than capture needs: let 'connection' name a login of its own");
        if (!_serverDone) Login(who);
        if (isNobody) Step($"a user for it in {name}", name, Remedies.CreateUser(login));
        if (settings.Mode == CaptureMode.ChangeTracking) Tracking(facts);
        else Capture(facts);
        if (settings.NeedsSnapshotIsolation && !facts.AllowsSnapshot)
            Step("existing rows are read as of one moment, without locks (row versions go to tempdb; or 'snapshot_isolation: chunks')", "master", Remedies.AllowSnapshot(name));
        if (!who.IsSysadmin) Rights(facts, mappings, isNobody);
        _serverDone = true;
    }

    void Login(Principal who)
    {
        if (who.Exists) return;
        var password = new SqlConnectionStringBuilder(settings.Connection).Password;
        var create = $"create login {Statements.Quote(login)} with password = ";
        Step("a login of its own", "master", create + "/* N'the password' */", password.Length == 0 ? null : create + Statements.Text(password));
        _notes.Add(password.Length == 0 ? $"The connection string names no password: put one into the statement that creates {login}"
            : $"Passwords are never printed: --apply gives {login} the one of 'connection'; by hand, put it into the statement that creates the login, which does not run without");
    }

    void Capture(DatabaseFacts facts)
    {
        if (!facts.IsCaptured) Step($"keep the changes of {facts.Name} (as sysadmin; SQL Server Agent runs the jobs)", facts.Name, Remedies.Capture);
        foreach (var table in facts.Unfollowed(settings)) Step($"capture {table.FullName}", facts.Name, Remedies.CaptureTable(table.Schema, table.Name));
        Scope(facts, "captured");
    }

    void Tracking(DatabaseFacts facts)
    {
        if (!facts.IsTracked) Step($"keep track of which rows of {facts.Name} change", "master", Remedies.Track(facts.Name));
        foreach (var table in facts.Unfollowed(settings))
            if (table.HasKey) Step($"track {table.FullName}", facts.Name, Remedies.TrackTable(table.Schema, table.Name));
            else _notes.Add($"{facts.Name}.{table.FullName} has no primary key, which Change Tracking demands: it cannot be tracked");
        Scope(facts, "tracked");
    }

    void Scope(DatabaseFacts facts, string followed)
    {
        if (settings.TakesWhatIsThere) _notes.Add($"'tables' is *.*: what is {followed} in {facts.Name} already. To have others {followed} by this script, name them in 'tables'");
        else if (!facts.Wanted(settings).Any()) _notes.Add($"{facts.Name} has no table that matches {string.Join(", ", settings.Tables)}");
    }

    void Rights(DatabaseFacts facts, IReadOnlyList<ObjectMapping> mappings, bool isNobody)
    {
        var (name, rights) = (facts.Name, isNobody ? default : facts.Rights);
        if (rights.IsOwner) _notes.Add($"{login} may do anything in {name}, which is far more than capture needs");
        if (settings.Mode == CaptureMode.Cdc && !rights.MayRead) Step("read the change tables and the map of commits", name, Remedies.ReadChanges(login));
        Tables("read existing rows", facts, facts.Wanted(settings).Where(t => isNobody || !t.MaySelect), Remedies.ReadSchema, Remedies.ReadTable);
        if (settings.Mode == CaptureMode.ChangeTracking)
            Tables("see which rows changed", facts, facts.Wanted(settings).Where(t => isNobody || !t.MaySeeTracked), Remedies.SeeTrackedSchema, Remedies.SeeTracked);
        Mappings(facts, mappings, isNobody);
        if (settings.Mode == CaptureMode.ChangeTracking) return;
        if (!rights.MaySeeScans) Step("see the capture job's scans: makes snapshots of idle databases quick", name, Remedies.SeeScans(login));
        if (_serverDone) return;
        if (!rights.MaySeeJobs) Step("see how long changes are kept: for `check`, and for the warning before clean-up overtakes us", "msdb", Remedies.SeeJobs(login));
        if (!rights.MaySeeServer) Step("see whether SQL Server Agent runs: for `check` only", "master", Remedies.SeeServer(login));
    }

    // A whole schema where the settings ask for all of it, tables to come included; else table by table.
    void Tables(string why, DatabaseFacts facts, IEnumerable<TableFacts> missing, Func<string, string, string> ofSchema, Func<string, string, string, string> ofTable)
    {
        foreach (var schema in missing.GroupBy(t => t.Schema))
            if (settings.ExceptTables.Count == 0 && settings.Tables.Contains($"{schema.Key}.*")) Step($"{why} of schema {schema.Key}", facts.Name, ofSchema(schema.Key, login));
            else
                foreach (var table in schema) Step($"{why} of {table.FullName}", facts.Name, ofTable(table.Schema, table.Name, login));
    }

    void Mappings(DatabaseFacts facts, IReadOnlyList<ObjectMapping> mappings, bool isNobody)
    {
        var wanted = facts.Wanted(settings).Select(t => t.FullName).ToHashSet(StringComparer.Ordinal);
        foreach (var name in mappings.SelectMany(m => m.Affected).Select(a => a.Table).Distinct().Where(t => !wanted.Contains(t)))
        {
            if (facts.Tables.FirstOrDefault(t => t.FullName == name) is { } table && (isNobody || !table.MaySelect)) Step($"read {name}, which a mapping names", facts.Name, Remedies.ReadTable(table.Schema, table.Name, login));
            _notes.Add($"{name} is read by a mapping's affected_by but is not among 'tables', or not followed: its changes do not come");
        }
        if (mappings.Any(m => m.Settings.Query is not null))
            _notes.Add($"What else mappings' queries read is not looked at here: `cdcsync check` runs them and names what {login} may not read; grant select on it in {facts.Name}");
    }
}
