using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>What the role may: too little stops capture, rows hidden by row level security would be missing without a word, too much is a risk.</summary>
sealed class RightsChecks(PostgresSettings settings, NpgsqlDataSource source, IReadOnlyList<WantedTable> tables, Findings findings)
{
    readonly string _role = Sql.Identifier(new NpgsqlConnectionStringBuilder(settings.Connection).Username ?? "role");

    NpgsqlParameter Oids => AccessFacts.Oids([.. tables.Select(t => t.Oid)]);

    public async Task RunAsync(CancellationToken stop)
    {
        await RoleAsync(stop);
        await SchemasAsync(stop);
        await SelectAsync(stop);
        await RowSecurityAsync(stop);
    }

    async Task RoleAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select current_user::text, rolsuper, rolreplication or rolsuper or exists (select from pg_roles g where g.rolname = 'rds_replication' and pg_has_role(g.oid, 'member'))
            from pg_roles where rolname = current_user
            """);
        await using var row = await query.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        findings.Check(row.GetBoolean(2), $"Role {row.GetString(0)} may {(row.GetBoolean(2) ? "" : "not ")}replicate", $"alter role {Sql.Identifier(row.GetString(0))} replication;");
        if (row.GetBoolean(1)) findings.Warn($"Role {row.GetString(0)} is a superuser, which is far more than capture needs", $"cdcsync enable {settings.Name} --print -- with a role of its own in 'connection'");
    }

    async Task SchemasAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("select nspname::text from pg_namespace where nspname = any($1) and not has_schema_privilege(oid, 'usage') order by 1");
        query.Parameters.Add(new() { Value = tables.Select(t => t.Schema).Distinct().ToArray() });
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) findings.Fail($"The role may not look into schema {rows.GetString(0)}", $"grant usage on schema {Sql.Identifier(rows.GetString(0))} to {_role};");
    }

    async Task SelectAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select t.oid, array(select a.attname::text from pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and not has_column_privilege(t.oid, a.attnum, 'select') order by a.attnum),
                   has_any_column_privilege(t.oid, 'select')
            from unnest($1::oid[]) t(oid) where not has_table_privilege(t.oid, 'select')
            """);
        query.Parameters.Add(Oids);
        await using var rows = await query.ExecuteReaderAsync(stop);
        var before = findings.All.Count;
        while (await rows.ReadAsync(stop))
        {
            var table = tables.First(t => t.Oid == rows.GetFieldValue<uint>(0));
            var hidden = rows.GetFieldValue<string[]>(1);
            if (hidden.Length == 0) continue;   // every column was granted by itself
            findings.Fail(rows.GetBoolean(2) ? $"The role may read {table.FullName}, but not its columns {Findings.Some(hidden)}" : $"The role may not read {table.FullName}", $"grant select on {table.Quoted} to {_role};");
        }
        if (findings.All.Count == before) findings.Pass("The role may read every table");
    }

    async Task RowSecurityAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select t.oid from unnest($1::oid[]) t(oid) where row_security_active(t.oid)
              and (not exists (select from pg_policy p where p.polrelid = t.oid and p.polpermissive and p.polcmd in ('r', '*') and pg_get_expr(p.polqual, p.polrelid) = 'true'
                                 and exists (select from unnest(p.polroles) r(oid) where r.oid = 0 or pg_has_role(r.oid, 'usage')))
                or exists (select from pg_policy p where p.polrelid = t.oid and not p.polpermissive and p.polcmd in ('r', '*')
                             and exists (select from unnest(p.polroles) r(oid) where r.oid = 0 or pg_has_role(r.oid, 'usage'))))
            """);
        query.Parameters.Add(Oids);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            var table = tables.First(t => t.Oid == rows.GetFieldValue<uint>(0));
            findings.Fail($"Row level security hides rows of {table.FullName} from this role: existing rows, mappings and reconciliation would lack them, while the log has them",
                $"create policy {Sql.Identifier($"cdcsync_{settings.Name}_reads")} on {table.Quoted} for select to {_role} using (true); -- where a restrictive policy stands too: alter role {_role} bypassrls;");
        }
    }
}
