using System.Data.Common;
using CdcSync.Capture.Access;
using CdcSync.Capture.Mapping;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Writes the script that gives a PostgreSQL source its role, rights, publication and slot, and the one that takes them back.</summary>
sealed class PostgresAccess : ISourceAccess
{
    public DbConnection Connect(SourceSettings settings, string? administrator) => new NpgsqlConnection(
        new NpgsqlConnectionStringBuilder(administrator ?? ((PostgresSettings)settings).Connection) { ApplicationName = "cdcsync access", PersistSecurityInfo = true, Pooling = false }.ConnectionString);

    public async Task<AccessScript> EnableAsync(SourceSettings settings, IReadOnlyList<MappingSettings> mappings, DbConnection connection, CancellationToken stop)
    {
        var postgres = (PostgresSettings)settings;
        await using var facts = await AccessFacts.ReadAsync(postgres, mappings, (NpgsqlConnection)connection, stop);
        var script = new List<AccessStep>();
        var notes = new List<string>(facts.Notes);
        Role(postgres, facts, script, notes);
        Rights(facts, script);
        await PoliciesAsync(facts, script, stop);
        var tables = Identities(facts, script, notes);
        await PublicationsAsync(postgres, facts, tables, script, notes, stop);
        await SlotAsync(postgres, facts, script, notes, stop);
        return new AccessScript(script, notes);
    }

    public async Task<AccessScript> DisableAsync(SourceSettings settings, IReadOnlyList<MappingSettings> mappings, DbConnection connection, CancellationToken stop)
    {
        var postgres = (PostgresSettings)settings;
        await using var facts = await AccessFacts.ReadAsync(postgres, mappings, (NpgsqlConnection)connection, stop);
        return await new PostgresWithdrawal(postgres, facts).ScriptAsync(stop);
    }

    static void Role(PostgresSettings settings, AccessFacts facts, List<AccessStep> script, List<string> notes)
    {
        var role = facts.Role;
        if (!role.Exists)
        {
            // The administrator's log shall not hold the password: the server is given its SCRAM verifier, as psql's \password does.
            var password = new NpgsqlConnectionStringBuilder(settings.Connection).Password;
            var create = $"create role {role.Quoted} login{(facts.IsRds ? "" : " replication")}";
            script.Add(new AccessStep("a role of its own, that may log in and read the log, nothing else", create)
            {
                Hidden = password is null ? null : $"{create} password {Sql.Literal(ScramVerifier.Of(password))}",
            });
            notes.Add(password is null
                ? $"The connection string names no password. Give the role one without leaving it in any history: psql's \\password {role.Name}"
                : $"Passwords are never printed: --apply gives {role.Name} the one of 'connection' (as a SCRAM verifier); by hand, use psql's \\password {role.Name}");
        }
        if (role.IsSuperuser) notes.Add($"{role.Name} is a superuser, which is far more than capture needs: let 'connection' name a role of its own");
        if (role is { Exists: true, MayLogin: false }) script.Add(new($"let {role.Name} log in", $"alter role {role.Quoted} login"));
        if (facts.IsRds && !role.MayReplicate) script.Add(new($"let {role.Name} read the log", $"grant rds_replication to {role.Quoted}"));
        else if (role is { Exists: true, MayReplicate: false }) script.Add(new($"let {role.Name} read the log", $"alter role {role.Quoted} replication"));
    }

    static void Rights(AccessFacts facts, List<AccessStep> script)
    {
        var role = facts.Role.Quoted;
        if (!facts.MayConnect) script.Add(new($"connect to {facts.Database}", $"grant connect on database {Sql.Identifier(facts.Database)} to {role}"));
        foreach (var schema in facts.Schemas.Where(s => !s.HasUsage)) script.Add(new($"see schema {schema.Name}", $"grant usage on schema {Sql.Identifier(schema.Name)} to {role}"));
        foreach (var part in facts.Relations.Where(r => !r.MaySelect).GroupBy(r => r.Use).OrderBy(g => g.Key, StringComparer.Ordinal))
            script.Add(new($"read {part.Count()} {part.Key}", $"grant select on {string.Join(", ", part.Select(r => r.Quoted))} to {role}"));
        foreach (var function in facts.Functions) script.Add(new("call a function that a mapping's query calls", $"grant execute on function {function} to {role}"));
    }

    // The log tells every row; a snapshot under row level security would tell only some, without a word.
    static async Task PoliciesAsync(AccessFacts facts, List<AccessStep> script, CancellationToken stop)
    {
        foreach (var table in await facts.HiddenRowsAsync(stop))
            script.Add(new($"see all rows of {table.Schema}.{table.Name}, which has row level security",
                $"create policy {Sql.Identifier(facts.PolicyName)} on {table.Quoted} for select to {facts.Role.Quoted} using (true)"));
    }

    static List<WantedTable> Identities(AccessFacts facts, List<AccessStep> script, List<string> notes)
    {
        var tables = facts.Tables.ToList();
        foreach (var (name, columns) in facts.LostColumns)
        {
            var at = tables.FindIndex(t => t.FullName == name);
            if (at < 0)
            {
                notes.Add($"{name} is read by a mapping's affected_by but is not among 'tables': its changes do not come. Add it to 'tables'");
                continue;
            }
            script.Add(new($"have updates and deletes of {name} say their old {columns} (costs WAL: the whole old row)", $"alter table {tables[at].Quoted} replica identity full"));
            tables[at] = tables[at] with { Published = tables[at].Published && tables[at].HasKey, HasKey = true, Identity = ReplicaIdentity.Full };
        }
        foreach (var table in tables.Where(t => !t.HasKey))
            notes.Add($"{table.FullName} has no key: its inserts are published, updates and deletes are not. To have them too: alter table {table.Quoted} replica identity full;");
        return tables;
    }

    static async Task PublicationsAsync(PostgresSettings settings, AccessFacts facts, List<WantedTable> tables, List<AccessStep> script, List<string> notes, CancellationToken stop)
    {
        foreach (var keyed in (bool[])[true, false])
        {
            var (name, publish) = keyed ? (settings.PublicationName, "insert, update, delete, truncate") : (settings.InsertPublicationName, "insert");
            var publication = await PublicationFacts.ReadAsync(facts.Source, name, stop);
            var missing = tables.Where(t => t.HasKey == keyed && !t.Published).ToList();
            if (missing.Count > 0)
                script.Add(new($"publish {missing.Count} tables", publication is null ? PostgresSlot.CreateSql(name, missing, keyed) : PostgresSlot.AddSql(name, missing)));
            if (publication is null) continue;
            if (!publication.ViaRoot) script.Add(new("publish partitions as their root", $"alter publication {Sql.Identifier(name)} set (publish_via_partition_root = true)"));
            if (keyed && !publication.PublishesAll) script.Add(new("publish every kind of change", $"alter publication {Sql.Identifier(name)} set (publish = '{publish}')"));
            notes.AddRange(publication.Remarks(tables));
        }
    }

    static async Task SlotAsync(PostgresSettings settings, AccessFacts facts, List<AccessStep> script, List<string> notes, CancellationToken stop)
    {
        if (await new PostgresSlot(settings, facts.Source).ReadAsync(stop) is not null) return;
        if (facts.WalLevel != "logical")
        {
            notes.Add($"wal_level is {facts.WalLevel}. Run: alter system set wal_level = 'logical'; and restart the server; then run this command again for the slot");
            return;
        }
        var failover = facts.Version >= 170000 ? ", failover => true" : "";
        script.Add(new("keep the log for CdcSync from here on (leave it out if capture starts much later: its first start makes the slot too)",
            $"select pg_create_logical_replication_slot({Sql.Literal(settings.SlotName)}, 'pgoutput'{failover})", InTransaction: false));
    }
}
