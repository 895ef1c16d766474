using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>What 'tables' names, and what it names that no log tells.</summary>
sealed class ScopeChecks(PostgresSettings settings, NpgsqlDataSource source, IReadOnlyList<WantedTable> tables, Findings findings)
{
    readonly PostgresSlot _slot = new(settings, source);

    public async Task RunAsync(CancellationToken stop)
    {
        if (tables.Count == 0) findings.Fail($"No table matches {string.Join(", ", settings.Tables)}", "Check 'tables', and that the connection's database is the right one");
        foreach (var pattern in settings.Tables.Where(p => tables.Count > 0 && !tables.Any(t => new PostgresSlot(settings with { Tables = [p], ExceptTables = [] }, source).IsWanted(t.FullName))))
            findings.Warn($"'{pattern}' of 'tables' names no table", "Mend or remove it");
        await NotInTheLogAsync(stop);
        await SizeAsync(stop);
    }

    async Task NotInTheLogAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select n.nspname || '.' || c.relname, case when c.relkind = 'f' then 'foreign' when c.relkind = 'v' then 'view' when c.relkind = 'm' then 'materialized view' when c.relpersistence = 'u' then 'unlogged' else 'temporary' end,
                   format('%I.%I', n.nspname, c.relname)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where (c.relkind in ('f', 'v', 'm') or c.relkind in ('r', 'p') and c.relpersistence <> 'p') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%' order by 1
            """);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            var (name, kind, quoted) = (rows.GetString(0), rows.GetString(1), rows.GetString(2));
            // A wildcard means tables; a view it happens to match is no surprise.
            if (!_slot.IsWanted(name) || (kind is "view" or "materialized view" && !settings.Tables.Contains(name))) continue;
            findings.Warn($"{name} is {(kind is "view" or "materialized view" ? $"a {kind}" : $"{kind}")}: its changes are not in the log, so it is not captured",
                kind switch
                {
                    "unlogged" => $"alter table {quoted} set logged;",
                    "foreign" => "Capture it where it lives, as a source of its own",
                    "temporary" => "Remove it from 'tables'",
                    _ => "Name the tables it reads, and use it in a mapping's query",
                });
        }
    }

    async Task SizeAsync(CancellationToken stop)
    {
        if (tables.Count == 0) return;
        await using var query = source.CreateCommand("""
            select coalesce(sum(pg_table_size(p.relid)), 0)::bigint, coalesce(sum(greatest(c.reltuples, 0)) filter (where c.relkind = 'r'), 0)::bigint
            from unnest($1::oid[]) t(oid), lateral (select relid from pg_partition_tree(t.oid) union select t.oid) p(relid) join pg_class c on c.oid = p.relid
            """);
        query.Parameters.Add(AccessFacts.Oids([.. tables.Select(t => t.Oid)]));
        await using var row = await query.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        findings.Pass($"{tables.Count} tables match; about {row.GetInt64(1):N0} rows, {Findings.Size(row.GetInt64(0))}");
    }
}
