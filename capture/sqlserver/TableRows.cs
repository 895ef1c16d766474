using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>Which rows of a table are read, in the order of a key.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">The columns that order them; none for no order.</param>
/// <param name="After">The key after which they begin; null for the first.</param>
/// <param name="UpTo">The last key; null for none.</param>
/// <param name="Filter">An expression that holds for them; null for all.</param>
sealed record TableRows(SqlServerTable Table, IReadOnlyList<int> Key, IReadOnlyList<string>? After = null, IReadOnlyList<string>? UpTo = null, string? Filter = null)
{
    List<SqlServerColumn> Columns => [.. Key.Select(k => Table.SqlColumns[k])];

    /// <summary>Reads them.</summary>
    public Task<SqlDataReader> OpenAsync(SqlServerConnections connections, SqlConnection connection, int? most, string hint, CancellationToken stop)
    {
        var key = Columns;
        var text = Statements.Of("rows", ("top ", most is { } top ? $"top ({top}) " : ""), ("columns", Table.SelectList), ("table", Table.Quoted), ("hint", hint), ("after", Where(key)),
            ("order", key.Count == 0 ? "" : $"order by {string.Join(", ", key.Select(k => Statements.Quote(k.Name)))}"));
        return connections.ReadAsync(connection, text, stop, [.. Parameters("@k", key, After), .. Parameters("@m", key, UpTo)]);
    }

    /// <summary>The greatest key, null when there are no rows, and about how many rows the table has.</summary>
    public async Task<(IReadOnlyList<string>? MaxKey, long? Total)> MeasureAsync(SqlServerConnections connections, SqlConnection connection, CancellationToken stop)
    {
        var key = Columns;
        var text = Statements.Of("extent", ("key", string.Join(", ", key.Select(k => k.Type.Select(k.Name)))), ("table", Table.Quoted), ("where", Filter is null ? "1 = 1" : $"({Filter})"),
            ("order", string.Join(", ", key.Select(k => $"{Statements.Quote(k.Name)} desc"))));
        var images = new RowReader(Table with { SqlColumns = key });
        await using var reader = await connections.ReadAsync(connection, text, stop, new SqlParameter("@table", System.Data.SqlDbType.NVarChar, 400) { Value = Table.Quoted });
        IReadOnlyList<string>? last = null;
        if (await SqlServerConnections.MoveAsync(reader, stop))
        {
            images.Append(reader, 0, default);
            last = Texts(images.Bytes.ToArray(), key, [.. Enumerable.Range(0, key.Count)]);
        }
        await reader.NextResultAsync(stop);
        long? total = await SqlServerConnections.MoveAsync(reader, stop) && !reader.IsDBNull(0) ? reader.GetInt64(0) : null;
        return (last, total);
    }

    /// <summary>A row's key as <see cref="After"/> has it; null without one.</summary>
    public IReadOnlyList<string>? KeyOf(byte[] row) => Key.Count == 0 ? null : Texts(row, Columns, Key);

    static List<string> Texts(byte[] row, List<SqlServerColumn> key, IReadOnlyList<int> ordinals) => [.. ordinals.Select((ordinal, i) =>
    {
        new RowImage(row).Cell(ordinal, out var cell);
        return SqlServerValue.Text(key[i].Type, cell.Span);
    })];

    string Where(List<SqlServerColumn> key)
    {
        var parts = new List<string>();
        if (After is not null) parts.Add(Beyond(key, 0, "@k", ">", ">"));
        if (UpTo is not null) parts.Add(Beyond(key, 0, "@m", "<", "<="));
        if (Filter is not null) parts.Add($"({Filter})");
        return parts.Count == 0 ? "1 = 1" : string.Join(" and ", parts);
    }

    // Written so that the key's index can seek each part.
    static string Beyond(List<SqlServerColumn> key, int at, string name, string strict, string last)
    {
        var column = Statements.Quote(key[at].Name);
        return at == key.Count - 1 ? $"{column} {last} {name}{at}" : $"({column} {strict} {name}{at} or ({column} = {name}{at} and {Beyond(key, at + 1, name, strict, last)}))";
    }

    static IEnumerable<SqlParameter> Parameters(string name, List<SqlServerColumn> key, IReadOnlyList<string>? values) =>
        values is null ? [] : key.Select((k, i) => SqlServerValue.Parameter($"{name}{i}", k.Type, values[i]));
}
