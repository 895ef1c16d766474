using CdcSync.Capture.Access;

namespace CdcSync.Capture.Postgres;

/// <summary>Takes back what <see cref="PostgresAccess"/> gives: only what names this source, its tables and its role; what else the role has is kept and named.</summary>
sealed class PostgresWithdrawal(PostgresSettings settings, AccessFacts facts)
{
    readonly List<AccessStep> _script = [];
    readonly List<string> _notes = [];
    readonly HashSet<uint> _policies = [], _publications = [];

    public async Task<AccessScript> ScriptAsync(CancellationToken stop)
    {
        await SlotAsync(stop);
        await PublicationAsync(settings.PublicationName, stop);
        await PublicationAsync(settings.InsertPublicationName, stop);
        await PoliciesAsync(stop);
        if (facts.Role.Exists)
        {
            var revoked = await RevokeAsync(stop);
            await RoleAsync(revoked, stop);
        }
        foreach (var table in facts.Tables.Where(t => t.Identity == ReplicaIdentity.Full))
            _notes.Add($"{table.FullName} keeps replica identity full, for others may rely on it. If it was set for CdcSync alone: alter table {table.Quoted} replica identity default;");
        return new AccessScript(_script, _notes);
    }

    async Task SlotAsync(CancellationToken stop)
    {
        if (await new PostgresSlot(settings, facts.Source).ReadAsync(stop) is not { } slot) return;
        if (!slot.IsOurs || slot.Plugin != "pgoutput")
        {
            _notes.Add($"The slot {settings.SlotName} belongs to plugin {slot.Plugin}, database '{slot.Database}': it is not ours and stays");
            return;
        }
        if (slot.Active) _notes.Add($"The slot {settings.SlotName} is being read by backend {slot.Pid}: stop `cdcsync run` first, the server refuses to drop it until then");
        _script.Add(new("let the server forget the log it keeps for CdcSync (to come back, publish everything again)", $"select pg_drop_replication_slot({Sql.Literal(settings.SlotName)})", InTransaction: false));
    }

    async Task PublicationAsync(string name, CancellationToken stop)
    {
        await using var query = facts.Source.CreateCommand("select oid from pg_publication where pubname = $1");
        query.Parameters.Add(new() { Value = name });
        if (await query.ExecuteScalarAsync(stop) is not uint oid) return;
        if (settings.Publication is not null && name == settings.PublicationName)
        {
            _notes.Add($"The publication {name} has a name of your own and stays: drop publication {Sql.Identifier(name)}; if nobody else reads it");
            return;
        }
        _publications.Add(oid);
        _script.Add(new("stop publishing", $"drop publication {Sql.Identifier(name)}"));
    }

    async Task PoliciesAsync(CancellationToken stop)
    {
        await using var query = facts.Source.CreateCommand("select p.oid, n.nspname::text, c.relname::text from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where p.polname = $1 order by 2, 3");
        query.Parameters.Add(new() { Value = facts.PolicyName });
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            _policies.Add(rows.GetFieldValue<uint>(0));
            _script.Add(new("close the view through row level security", $"drop policy {Sql.Identifier(facts.PolicyName)} on {Sql.Identifier(rows.GetString(1))}.{Sql.Identifier(rows.GetString(2))}"));
        }
    }

    // What was granted to the role itself; what it may as everybody may is not ours to take.
    async Task<HashSet<uint>> RevokeAsync(CancellationToken stop)
    {
        var revoked = new HashSet<uint>();
        var ours = facts.Relations.Select(r => r.Oid).ToHashSet();
        var granted = await GrantedAsync("select c.oid, n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a where a.grantee = $1 and a.privilege_type = 'SELECT' order by 2, 3", stop);
        var tables = granted.Where(g => ours.Contains(g.Oid)).ToList();
        if (tables.Count > 0) _script.Add(new($"no longer read {tables.Count} tables", $"revoke select on {string.Join(", ", tables.Select(t => $"{Sql.Identifier(t.Schema)}.{Sql.Identifier(t.Name)}"))} from {facts.Role.Quoted}"));
        revoked.UnionWith(tables.Select(t => t.Oid));
        var others = granted.Where(g => !ours.Contains(g.Oid)).Select(g => g.Schema).ToHashSet(StringComparer.Ordinal);
        foreach (var schema in await GrantedAsync("select n.oid, n.nspname::text, '' from pg_namespace n, aclexplode(n.nspacl) a where a.grantee = $1 and a.privilege_type = 'USAGE' order by 2", stop))
        {
            if (others.Contains(schema.Schema) || facts.Schemas.All(s => s.Name != schema.Schema)) continue;
            _script.Add(new($"no longer see schema {schema.Schema}", $"revoke usage on schema {Sql.Identifier(schema.Schema)} from {facts.Role.Quoted}"));
            revoked.Add(schema.Oid);
        }
        foreach (var database in await GrantedAsync("select d.oid, '', '' from pg_database d, aclexplode(d.datacl) a where a.grantee = $1 and a.privilege_type = 'CONNECT' and d.datname = current_database()", stop))
        {
            _script.Add(new($"no longer connect to {facts.Database}", $"revoke connect on database {Sql.Identifier(facts.Database)} from {facts.Role.Quoted}"));
            revoked.Add(database.Oid);
        }
        foreach (var function in await GrantedAsync("select p.oid, p.oid::regprocedure::text, '' from pg_proc p, aclexplode(p.proacl) a where a.grantee = $1 order by 2", stop))
        {
            if (!facts.CalledFunctions.Contains(function.Oid)) continue;
            _script.Add(new("no longer call a function of a mapping", $"revoke execute on function {function.Schema} from {facts.Role.Quoted}"));
            revoked.Add(function.Oid);
        }
        return revoked;
    }

    async Task<List<(uint Oid, string Schema, string Name)>> GrantedAsync(string sql, CancellationToken stop)
    {
        var found = new List<(uint, string, string)>();
        await using var query = facts.Source.CreateCommand(sql.Replace("$1", "(select oid from pg_roles where rolname = $1)", StringComparison.Ordinal));
        query.Parameters.Add(new() { Value = facts.Role.Name });
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) found.Add((rows.GetFieldValue<uint>(0), rows.GetString(1), rows.GetString(2)));
        return found;
    }

    async Task RoleAsync(HashSet<uint> revoked, CancellationToken stop)
    {
        await using var query = facts.Source.CreateCommand("""
            select pg_describe_object(d.classid, d.objid, d.objsubid) || case when d.dbid in (0, (select oid from pg_database where datname = current_database())) then '' else ' of another database' end
            from pg_shdepend d join pg_roles r on d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid
            where r.rolname = $1 and not (d.objid = any($2) and d.dbid in (0, (select oid from pg_database where datname = current_database())))
            union all select 'membership in ' || g.roleid::regrole::text from pg_auth_members g join pg_roles r on g.member = r.oid where r.rolname = $1 and g.roleid::regrole::text <> 'rds_replication'
            """);
        query.Parameters.Add(new() { Value = facts.Role.Name });
        query.Parameters.Add(AccessFacts.Oids([.. revoked, .. _policies, .. _publications]));
        var kept = new List<string>();
        await using (var rows = await query.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) kept.Add(await rows.IsDBNullAsync(0, stop) ? "an object of another database" : rows.GetString(0));
        if (facts.Role.IsSuperuser) kept.Add("it is a superuser");
        if (kept.Count == 0) _script.Add(new("the role itself", $"drop role {facts.Role.Quoted}"));
        else _notes.Add($"Role {facts.Role.Name} stays, for it has more than CdcSync gave it: {string.Join(", ", kept.Take(5))}{(kept.Count > 5 ? $" and {kept.Count - 5} more" : "")}. To drop it: drop owned by and drop role, after a look");
    }
}
