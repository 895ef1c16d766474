using System.Data.Common;

namespace CdcSync.Capture.Tables;

/// <summary>
/// A table with a column that rises with every change. What rises may be committed late: the column says when a row was written, not when it became visible. So what lies
/// above the value below which nothing can come any more (<see cref="Settling"/>) is read again and again, and a row that is as it was published is passed over.
/// </summary>
sealed class HighWater : TableWay
{
    readonly SqlDialect _dialect;
    readonly Settling _settling;
    readonly RowEncoder _encoder = new();
    readonly SeenRows _seen;
    readonly Queue<(object High, (Moment Moment, long Stamp) Since)> _marks = [];
    readonly string _quoted, _column;
    readonly string[] _key;
    readonly int _pageRows;
    object? _low, _high, _end;
    (object? High, (Moment Moment, long Stamp) Since)? _began;
    bool _started, _lookBack;
    object[]? _page;
    Moment _now;

    public HighWater(TablesSettings settings, SqlDialect dialect, WatchedTable watched, PlainTable table, TableMark? mark, TimeProvider clock)
        : base(watched, table)
    {
        if (table.Key.Count == 0) throw new SourceException($"{settings.Name}: {table.FullName} has no key, which 'changes: high_water' needs: name its columns with 'key'");
        if (table.Find(watched.Column!) < 0) throw new SourceException($"{settings.Name}: {table.FullName} has no column '{watched.Column}'; mend 'column'");
        (_dialect, _pageRows, _settling) = (dialect, settings.BatchRows, new Settling(dialect, settings.Lag, clock));
        (_quoted, _column) = (dialect.QuoteTable(watched.Table), dialect.Quote(watched.Column!));
        _key = [.. table.Key.Select(k => dialect.Quote(table.PlainColumns[k].Name))];
        _seen = SeenRows.Parse(mark?.Seen);
        _started = mark is not null;
        _low = _high = mark?.Low is { } low ? Typed.Read(low) : null;
        _lookBack = true;
    }

    public override bool IsReady => _started;

    public override TableMark? Mark => _started ? new(Low: _low is null ? null : Typed.Write(_low), Seen: _seen.Write()) : null;

    public override void Begin(Moment from, Moment to)
    {
        (_now, _page, _end) = (to, null, null);
        _lookBack |= _settling.IsTimeToLookBack();
        // Who took a value up to the highest that we have seen is open now, or has ended.
        if (_high is not null && (_marks.Count == 0 ? _low : _marks.Last().High) is var last && (last is null || Typed.Compare(_high, last) > 0)) _marks.Enqueue((_high, _settling.Note(to)));
    }

    public override string? Peek(Statement statement) =>
        !_started || (_lookBack && (_marks.Count > 0 || _seen.Count > 0)) ? null : $"select 1 from {_quoted}{(_high is null ? "" : $" where {_column} > {statement.Value(_high)}")}";

    public override async Task<bool> ReadAsync(SourceConnection connection, BatchFill fill, CancellationToken stop)
    {
        if (!_started && !await StartAsync(connection, stop)) return true;
        var back = _lookBack;
        // A round of several pages has an end: those who write without pause do not keep the other tables waiting.
        if (_page is not null) _end ??= await connection.ScalarAsync($"select max({_column}) from {_quoted}", stop);
        var statement = new Statement(_dialect);
        var above = back ? _low : _high;
        var where = _page is not null ? Keyset.After(statement, [_column, .. _key], _page) : above is null ? $"{_column} is not null" : $"{_column} > {statement.Value(above)}";
        if (_end is not null) where += $" and {_column} <= {statement.Value(_end)}";
        var columns = string.Join(", ", [_column, .. _key, .. Table.PlainColumns.Select(c => PlainCatalog.Selected(_dialect, c))]);
        statement.Append(_dialect.Select(columns, _quoted, where, string.Join(", ", [_column, .. _key]), _pageRows));
        await using var command = connection.Command(statement);
        await using var rows = await command.ExecuteReaderAsync(stop);
        var count = 0;
        for (; await rows.ReadAsync(stop); count++)
            if (!TryTake(rows, fill)) return false;
        if (count >= _pageRows) return false;
        if (back) Settle();
        return true;
    }

    bool TryTake(DbDataReader rows, BatchFill fill)
    {
        _encoder.Clear();
        _encoder.Add(rows, 1 + _key.Length, Table.PlainColumns);
        var row = new Contract.Changes.RowImage(_encoder.Image(0, _encoder.Length));
        var (value, key, hash) = (rows.GetValue(0), RowHash.Key(Table, row), RowHash.Row(row.Cells.Span));
        if (!_seen.Has(key, hash) && !fill.TryAdd(new TableChange(Table, Contract.Changes.Operation.Update, 0, _now.Micros, 0, default, row, Deleted))) return false;
        _seen.Add(key, hash, value);
        _page = [value, .. Enumerable.Range(1, _key.Length).Select(rows.GetValue)];
        if (_high is null || Typed.Compare(value, _high) > 0) _high = value;
        return true;
    }

    // All rows up to a mark whose transactions had ended when the round began have now been read.
    void Settle()
    {
        _lookBack = false;
        object? settled = null;
        while (_marks.Count > 0 && _settling.IsOver(_marks.Peek().Since, _now)) settled = _marks.Dequeue().High;
        if (settled is null) return;
        _low = settled;
        _seen.Forget(settled);
    }

    // What is there already is read as rows, once what was open has ended; from there on what lies above is read as changes.
    async Task<bool> StartAsync(SourceConnection connection, CancellationToken stop)
    {
        _began ??= (await connection.ScalarAsync($"select max({_column}) from {_quoted}", stop), _settling.Note(await connection.ObserveAsync(stop)));
        if (!_settling.IsOver(_began.Value.Since, _now)) return false;
        (_low, _high, _started) = (_began.Value.High, _began.Value.High, true);
        return true;
    }
}
