using CdcSync.Contract.Changes;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>The columns that a table's rows are read by: in the order of their index, with the collation of the column, compared by the server.</summary>
sealed class PostgresKey(PostgresTable table, IReadOnlyList<int> ordinals)
{
    /// <summary>As <c>"a", "b"</c>.</summary>
    public string Columns { get; } = string.Join(", ", ordinals.Select(o => Sql.Identifier(table.PostgresColumns[o].Name)));

    /// <summary>The same, greatest first.</summary>
    public string Descending { get; } = string.Join(", ", ordinals.Select(o => $"{Sql.Identifier(table.PostgresColumns[o].Name)} desc"));

    /// <summary>The same as texts, under other names: 'order by' prefers a name of the output, and would sort numbers as texts.</summary>
    public string Texts { get; } = string.Join(", ", ordinals.Select((o, i) => $"{Sql.Identifier(table.PostgresColumns[o].Name)}::text as {Sql.Identifier($"cdcsync key {i}")}"));

    /// <summary>Rows between two keys, as SQL; null for no bound.</summary>
    public string? Between(IReadOnlyList<string>? after, IReadOnlyList<string>? upTo) => (after, upTo) switch
    {
        (null, null) => null,
        (not null, null) => $"({Columns}) > ({Literals(after)})",
        (null, not null) => $"({Columns}) <= ({Literals(upTo)})",
        _ => $"({Columns}) > ({Literals(after)}) and ({Columns}) <= ({Literals(upTo)})",
    };

    /// <summary>The key of a row, each column as the server's text.</summary>
    public IReadOnlyList<string> Of(RowImage row) => [.. ordinals.Select(o =>
    {
        row.Cell(o, out var cell);
        return PgText.Of(table.PostgresColumns[o].Type, cell.Span);
    })];

    string Literals(IReadOnlyList<string> texts) => string.Join(", ", texts.Select((text, i) => $"{Sql.Literal(text)}::{table.PostgresColumns[ordinals[i]].Type.Name}"));

    /// <summary>The key to read a table by; null when it has none that can be gone on from.</summary>
    /// <param name="connection">Open.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">A unique column to take instead of the table's key.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<PostgresKey?> OfAsync(NpgsqlConnection connection, PostgresTable table, string? column, CancellationToken stop)
    {
        IReadOnlyList<int> ordinals = column is null ? table.Key : [table.Find(column)];
        if (ordinals.Count == 0 || ordinals.Any(o => o < 0 || !HasText(table.PostgresColumns[o].Type.Kind))) return null;
        // An extension's type has its operators elsewhere: '>' could mean another type's.
        await using var query = new NpgsqlCommand("""
            with recursive base(typ) as (
              select a.atttypid from pg_attribute a where a.attrelid = $1 and a.attname = any($2)
              union all select t.typbasetype from base join pg_type t on t.oid = base.typ where t.typtype = 'd')
            select coalesce(bool_and(n.nspname = 'pg_catalog' or t.typtype = 'e'), false)
            from base join pg_type t on t.oid = base.typ join pg_namespace n on n.oid = t.typnamespace where t.typtype <> 'd'
            """, connection);
        query.Parameters.Add(new() { Value = table.Oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid });
        query.Parameters.Add(new() { Value = ordinals.Select(o => table.PostgresColumns[o].Name).ToArray() });
        return await query.ExecuteScalarAsync(stop) is true ? new PostgresKey(table, ordinals) : null;
    }

    // Types whose text we write exactly as the server reads it.
    static bool HasText(PgKind kind) => kind is not (PgKind.Unknown or PgKind.Xml or PgKind.Json or PgKind.Jsonb or PgKind.Ltree or PgKind.Hstore or PgKind.Point or PgKind.TsVector or PgKind.Array or PgKind.Range);
}
