namespace CdcSync.Capture.Tables;

/// <summary>A change table of a database that says which transactions became visible between two moments.</summary>
sealed class WindowedChanges(SqlDialect dialect, WatchedTable watched, PlainTable table, int pageRows) : TableWay(watched, table)
{
    readonly ChangeRows _rows = new(dialect, watched, table);
    string _window = "";
    long _micros;
    long? _last;

    public override string? Last
    {
        get => _last?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        set => _last = value is null ? null : long.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
    }

    public override void Begin(Moment from, Moment to)
    {
        (_window, _micros, _last) = (dialect.Window(_rows.Transaction!, from, to)!, to.Micros, null);
    }

    public override string? Peek(Statement statement) => $"select 1 from {_rows.Quoted} where {_window}";

    public override async Task<bool> ReadAsync(SourceConnection connection, BatchFill fill, CancellationToken stop)
    {
        var statement = new Statement(dialect);
        var after = _last is { } last ? $" and {_rows.Id} > {statement.Value(last)}" : "";
        statement.Append(dialect.Select(_rows.Columns, _rows.Quoted, $"({_window}){after}", _rows.Id, pageRows));
        await using var command = connection.Command(statement);
        await using var rows = await command.ExecuteReaderAsync(stop);
        var count = 0;
        for (; await rows.ReadAsync(stop); count++)
        {
            if (!fill.TryAdd(_rows.Read(rows, _micros))) return false;
            _last = ChangeRows.IdOf(rows);
        }
        return count < pageRows;
    }

    public override string? Spent(Moment ended) => dialect.Seen(_rows.Transaction!, ended);
}
