using CdcSync.Capture.Mapping;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>What a changed row of a table says of its old self.</summary>
/// <param name="Full">All of it.</param>
/// <param name="Columns">The table's columns.</param>
/// <param name="Identity">Those that deletes and key changes carry.</param>
sealed record TableIdentity(bool Full, IReadOnlyList<string> Columns, IReadOnlyList<string> Identity)
{
    /// <summary>The columns by which objects are found and that an old row does not carry.</summary>
    public IReadOnlyList<string> Lost(AffectedTable table) => Full ? [] : [.. table.Columns.Where(c => c != "ids" && Columns.Contains(c) && !Identity.Contains(c))];

    /// <summary>Null when there is no such table, or the role may not see it.</summary>
    public static async Task<TableIdentity?> ReadAsync(NpgsqlDataSource source, string table, CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select c.relreplident = 'f', coalesce(array_agg(a.attname::text) filter (where a.attnum > 0 and not a.attisdropped), '{}'),
                   coalesce(array_agg(a.attname::text) filter (where a.attnum = any(i.indkey)), '{}')
            from pg_namespace n join pg_class c on c.relnamespace = n.oid left join pg_attribute a on a.attrelid = c.oid
            left join pg_index i on i.indrelid = c.oid and case c.relreplident when 'i' then i.indisreplident when 'n' then false else i.indisprimary end
            where n.nspname = $1 and c.relname = $2
            group by c.oid, c.relreplident
            """);
        foreach (var part in table.Split('.', 2)) query.Parameters.Add(new() { Value = part });
        await using var row = await query.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop) ? new(row.GetBoolean(0), row.GetFieldValue<string[]>(1), row.GetFieldValue<string[]>(2)) : null;
    }
}
