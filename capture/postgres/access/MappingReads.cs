using System.Text.RegularExpressions;
using CdcSync.Capture.Mapping;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// What a mapping's SQL reads, exactly as the server understands it: the SQL becomes a temporary view in a transaction that is rolled back, and the server's own list of
/// dependencies is read.
/// </summary>
static partial class MappingReads
{
    /// <summary>Relations and functions of all its queries, as oids.</summary>
    /// <exception cref="PostgresException">The server refuses the SQL.</exception>
    public static async Task<(HashSet<uint> Relations, HashSet<uint> Functions)> OfAsync(NpgsqlConnection connection, ObjectMapping mapping, string? searchPath, CancellationToken stop)
    {
        var (relations, functions) = (new HashSet<uint>(), new HashSet<uint>());
        foreach (var query in (string[])[KeyFilter.Replace(mapping.Query, _ => "true"), .. mapping.Affected.Where(a => a.Select is not null).Select(a => Parameter().Replace(a.Select!, "null"))])
        {
            await using var transaction = await connection.BeginTransactionAsync(stop);
            // Names of their own for the columns: a view refuses two of one name, a query does not.
            await using var create = new NpgsqlCommand("select set_config('search_path', coalesce($1, current_setting('search_path')), true)", connection) { Parameters = { new() { Value = (object?)searchPath ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } } };
            await create.ExecuteScalarAsync(stop);
            await using var view = new NpgsqlCommand($"create temporary view cdcsync_reads as select 1 as one where exists (\n{query}\n)", connection);
            await view.ExecuteNonQueryAsync(stop);
            await using var depends = new NpgsqlCommand("""
                select d.refclassid = 'pg_class'::regclass, d.refobjid
                from pg_depend d join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                where r.ev_class = 'pg_temp.cdcsync_reads'::regclass and d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass) and d.refobjid <> r.ev_class
                """, connection);
            await using (var rows = await depends.ExecuteReaderAsync(stop))
                while (await rows.ReadAsync(stop)) (rows.GetBoolean(0) ? relations : functions).Add(rows.GetFieldValue<uint>(1));
            await transaction.RollbackAsync(stop);
        }
        return (relations, functions);
    }

    [GeneratedRegex(@"(?<![@\w])@\w+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
