using System.Runtime.CompilerServices;
using CdcSync.Capture.Care;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Tables;

/// <summary>
/// Existing rows, a chunk at a time in the order of the key. A chunk waits until the round after it is over: a row that the round changed is dropped, for its change says
/// what it is; all others are as they were when the round ended.
/// </summary>
sealed class TableChunks(TablesSettings settings, SourceConnection connection, LoadBudget load, TablesState resumed)
{
    readonly Dictionary<UInt128, int> _byKey = [];
    readonly List<(ReadOnlyMemory<byte> Row, IReadOnlyList<string> Key)> _rows = [];
    readonly RowEncoder _encoder = new();
    PlainTable? _waiting;
    bool _isLast;
    long _count;

    /// <summary>The table being read.</summary>
    public string? Table { get; private set; } = resumed.Table;

    /// <summary>The key of its last published row.</summary>
    public IReadOnlyList<string>? LastKey { get; private set; } = resumed.LastKey;

    /// <summary>The table whose last chunk has been published.</summary>
    public (string Table, long Rows)? Finished { get; set; }

    /// <summary>A row has changed: it is not published as it was read.</summary>
    public void Changed(PlainTable table, RowImage row)
    {
        if (_waiting is null || table.FullName != _waiting.FullName) return;
        if (_byKey.Remove(RowHash.Key(table, row), out var at)) _rows[at] = (default, _rows[at].Key);
    }

    /// <summary>Reads the next chunk of a table.</summary>
    public async Task ReadAsync(TableWay way, CancellationToken stop)
    {
        var (table, dialect) = (way.Table, connection.Dialect);
        if (Table != table.FullName || LastKey?.Count != table.Key.Count) (Table, LastKey, _count) = (table.FullName, null, Table == table.FullName ? _count : 0);
        var most = load.Rows(settings.BatchRows);
        var keys = table.Key.Select(k => dialect.Quote(table.PlainColumns[k].Name)).ToList();
        var statement = new Statement(dialect);
        var where = LastKey is { } last ? Keyset.After(statement, keys, [.. last.Select(Typed.Read)]) : "";
        var columns = string.Join(", ", keys.Concat(table.PlainColumns.Select(c => PlainCatalog.Selected(dialect, c))));
        statement.Append(dialect.Select(columns, dialect.QuoteTable(way.Watched.Table), where, string.Join(", ", keys), most));
        await using var command = connection.Command(statement);
        await using var rows = await command.ExecuteReaderAsync(stop);
        var deleted = new SoftDelete(way.Watched);
        var (count, bytes) = (0, 0);
        while (bytes < settings.BatchBytes && await rows.ReadAsync(stop))
        {
            _encoder.Clear();
            _encoder.Add(rows, keys.Count, table.PlainColumns);
            var image = new RowImage(_encoder.Image(0, _encoder.Length).ToArray());
            (count, bytes) = (count + 1, bytes + image.Cells.Length);
            _byKey[RowHash.Key(table, image)] = _rows.Count;
            _rows.Add((deleted.Says(table, image) ? default : image.Cells, [.. Enumerable.Range(0, keys.Count).Select(i => Typed.Write(rows.GetValue(i)))]));
        }
        (_waiting, _isLast) = (table, count < most && bytes < settings.BatchBytes);
        load.Spend(count, bytes);
    }

    /// <summary>The chunk that waits, as batches; what is left of a table's last stays in the fill, to go with the news that it is done.</summary>
    public IEnumerable<ChangeBatch> Publish(BatchFill fill, long micros)
    {
        if (_waiting is not { } table) yield break;
        var last = LastKey;
        foreach (var (row, key) in _rows)
        {
            if (!row.IsEmpty && !fill.TryAddRow(table, row.Span, micros))
            {
                LastKey = last;
                yield return fill.Take();
                fill.TryAddRow(table, row.Span, micros);
            }
            if (!row.IsEmpty) _count++;
            last = key;
        }
        (LastKey, _waiting) = (last, null);
        _rows.Clear();
        _byKey.Clear();
        if (_isLast) (Finished, Table, LastKey) = ((table.FullName, _count), null, null);
        else if (fill.Count > 0) yield return fill.Take();
    }

    /// <summary>All rows of a table without key.</summary>
    public async IAsyncEnumerable<ChangeBatch> ReadWholeAsync(TableWay way, BatchFill fill, long micros, [EnumeratorCancellation] CancellationToken stop)
    {
        var table = way.Table;
        var columns = string.Join(", ", table.PlainColumns.Select(c => PlainCatalog.Selected(connection.Dialect, c)));
        await using var command = connection.Command($"select {columns} from {connection.Dialect.QuoteTable(way.Watched.Table)}");
        command.CommandTimeout = 0;
        await using var rows = await command.ExecuteReaderAsync(stop);
        var deleted = new SoftDelete(way.Watched);
        while (await rows.ReadAsync(stop))
        {
            _encoder.Clear();
            _encoder.Add(rows, 0, table.PlainColumns);
            var image = new RowImage(_encoder.Image(0, _encoder.Length));
            await load.SpendAsync(1, image.Cells.Length, stop);
            if (deleted.Says(table, image) || fill.TryAddRow(table, image.Cells.Span, micros)) continue;
            yield return fill.Take();
            fill.TryAddRow(table, image.Cells.Span, micros);
        }
    }
}

/// <summary>Rows after a key, for databases that do not compare rows.</summary>
static class Keyset
{
    public static string After(Statement statement, IReadOnlyList<string> columns, IReadOnlyList<object> values)
    {
        // Markers are numbered, and "?" are counted, in the order of the text: each value is given anew where it stands.
        string Rest(int i) => i == columns.Count - 1 ? $"{columns[i]} > {statement.Value(values[i])}"
            : $"({columns[i]} > {statement.Value(values[i])} or ({columns[i]} = {statement.Value(values[i])} and {Rest(i + 1)}))";
        return Rest(0);
    }
}
