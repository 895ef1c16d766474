namespace CdcSync.Capture.Tables;

/// <summary>A table with a rowversion column: what lies between two values of <c>min_active_rowversion()</c> was committed in between, whatever was open how long.</summary>
sealed class RowversionRows(TablesSettings settings, SqlDialect dialect, WatchedTable watched, PlainTable table) : TableWay(watched, table)
{
    readonly RowEncoder _encoder = new();
    readonly string _quoted = dialect.QuoteTable(watched.Table), _column = dialect.Quote(watched.Column!);
    string _window = "";
    byte[]? _last;
    long _micros;

    public override string? Last
    {
        get => _last is null ? null : Typed.Write(_last);
        set => _last = value is null ? null : (byte[])Typed.Read(value);
    }

    public override void Begin(Moment from, Moment to) => (_window, _micros, _last) = (dialect.Window(_column, from, to)!, to.Micros, null);

    public override string? Peek(Statement statement) => $"select 1 from {_quoted} where {_window}";

    public override async Task<bool> ReadAsync(SourceConnection connection, BatchFill fill, CancellationToken stop)
    {
        var statement = new Statement(dialect);
        var columns = string.Join(", ", [_column, .. Table.PlainColumns.Select(c => PlainCatalog.Selected(dialect, c))]);
        statement.Append(dialect.Select(columns, _quoted, _last is null ? _window : $"{_window} and {_column} > {statement.Value(_last)}", _column, settings.BatchRows));
        await using var command = connection.Command(statement);
        await using var rows = await command.ExecuteReaderAsync(stop);
        var count = 0;
        for (; await rows.ReadAsync(stop); count++)
        {
            _encoder.Clear();
            _encoder.Add(rows, 1, Table.PlainColumns);
            var row = new Contract.Changes.RowImage(_encoder.Image(0, _encoder.Length));
            if (!fill.TryAdd(new TableChange(Table, Contract.Changes.Operation.Update, 0, _micros, 0, default, row, Deleted))) return false;
            _last = (byte[])rows.GetValue(0);
        }
        return count < settings.BatchRows;
    }
}
