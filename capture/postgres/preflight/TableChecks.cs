using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Tables one by one: keys, replica identities, partitions, types, large values.</summary>
sealed class TableChecks(NpgsqlDataSource source, IReadOnlyList<WantedTable> tables, Findings findings)
{
    const int LargeRow = 8192;

    NpgsqlParameter Oids => AccessFacts.Oids([.. tables.Select(t => t.Oid)]);

    WantedTable Of(NpgsqlDataReader row) => tables.First(t => t.Oid == row.GetFieldValue<uint>(0));

    public async Task RunAsync(CancellationToken stop)
    {
        foreach (var table in tables.Where(t => !t.HasKey))
            findings.Warn($"{table.FullName} has no primary key and no replica identity: its inserts come, updates and deletes do not", $"alter table {table.Quoted} replica identity full;");
        await KeysAsync(stop);
        await PartitionsAsync(stop);
        await ColumnsAsync(stop);
        await LargeValuesAsync(stop);
    }

    // Keys that look like one and do not serve as replica identity: the server refuses the application's own updates as soon as the table is published.
    async Task KeysAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select c.oid, c.relreplident::text from pg_class c where c.oid = any($1) and
              (c.relreplident = 'd' and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and not i.indimmediate)
               or c.relreplident = 'i' and not exists (select from pg_index i where i.indrelid = c.oid and i.indisreplident))
            """);
        query.Parameters.Add(Oids);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            findings.Fail($"{Of(rows).FullName} {(rows.GetString(1) == "d" ? "has a deferrable primary key, which cannot be" : "lost the index that was")} its replica identity: once published, the server refuses the application's own updates and deletes",
                $"alter table {Of(rows).Quoted} replica identity full;");
    }

    // Setting a root's identity does not set its partitions', and theirs is what the log goes by.
    async Task PartitionsAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select r.oid, l.oid::regclass::text, case r.relreplident when 'f' then 'full' when 'n' then 'nothing' else 'default' end, l.relpersistence = 'u'
            from pg_class r, lateral pg_partition_tree(r.oid) p join pg_class l on l.oid = p.relid
            where r.oid = any($1) and r.relkind = 'p' and p.isleaf and (l.relreplident <> r.relreplident and r.relreplident <> 'i' or l.relkind = 'f' or l.relpersistence = 'u') order by 2
            """);
        query.Parameters.Add(Oids);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            if (rows.GetBoolean(3)) findings.Warn($"The partition {rows.GetString(1)} of {Of(rows).FullName} is unlogged: its changes are not in the log", $"alter table {rows.GetString(1)} set logged;");
            else findings.Fail($"The partition {rows.GetString(1)} has another replica identity than its root {Of(rows).FullName}: its updates and deletes say something else", $"alter table {rows.GetString(1)} replica identity {rows.GetString(2)};");
        }
    }

    async Task ColumnsAsync(CancellationToken stop)
    {
        var columns = new List<(WantedTable Table, string Column, uint Type, int Modifier, bool Generated)>();
        await using (var query = source.CreateCommand("select a.attrelid, a.attname::text, a.atttypid::oid, a.atttypmod, a.attgenerated <> '' from pg_attribute a where a.attrelid = any($1) and a.attnum > 0 and not a.attisdropped order by 1, a.attnum"))
        {
            query.Parameters.Add(Oids);
            await using var rows = await query.ExecuteReaderAsync(stop);
            while (await rows.ReadAsync(stop)) columns.Add((Of(rows), rows.GetString(1), rows.GetFieldValue<uint>(2), rows.GetInt32(3), rows.GetBoolean(4)));
        }
        var catalog = new PostgresCatalog(source);
        await using var connection = await source.OpenConnectionAsync(stop);
        foreach (var (table, column, oid, modifier, generated) in columns)
        {
            if (generated) findings.Warn($"{table.FullName}.{column} is a generated column: the log does not carry it", "Compute it in a mapping's query, where it is needed");
            else if (await catalog.TypeAsync(connection, oid, modifier, stop) is { IsKnown: false } type)
                findings.Warn($"{table.FullName}.{column} has type {type.Name}, which does not travel: it is left out of its records", $"In a mapping's query: {Sql.Identifier(column)}::text");
        }
    }

    async Task LargeValuesAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select c.oid, c.relreplident = 'f', coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)::bigint,
                   case when c.reltuples > 0 then (pg_table_size(c.oid) / c.reltuples)::bigint else 0 end
            from pg_class c where c.oid = any($1) and c.relkind = 'r'
            """);
        query.Parameters.Add(Oids);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            var (table, full, outside, row) = (Of(rows), rows.GetBoolean(1), rows.GetInt64(2), rows.GetInt64(3));
            if (full && row > LargeRow)
                findings.Warn($"{table.FullName} has replica identity full and rows of about {Findings.Size(row)}: each update and delete writes that into the WAL once more", $"If no mapping needs its old values: alter table {table.Quoted} replica identity default;");
            else if (!full && outside > 0)
                findings.Warn($"{table.FullName} has {Findings.Size(outside)} of large values out of line: an update that does not touch one sends `__debezium_unavailable_value` in its raw record (mappings read the value)",
                    $"If a consumer of the raw topic needs it: alter table {table.Quoted} replica identity full;");
        }
    }
}
