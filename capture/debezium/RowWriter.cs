using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Row images of one table to Avro, compiled once: a column is a delegate and the bytes around it.</summary>
sealed class RowWriter
{
    readonly record struct Cell(CellWriter? Write, byte[] Present, ColumnShape? Shape, Column Column, bool InRow);

    readonly Cell[] _cells;
    readonly Dictionary<int, Cell> _keys;
    readonly int[] _key;
    readonly bool _exact;
    readonly IColumnTypes _types;
    readonly LogBatch _scratch = new();

    public RowWriter(Table table, IReadOnlyList<int> key, RecordSettings settings, ColumnRules rules, string topic, NameRules names)
    {
        (_exact, _types) = (settings.IsExact, rules.Types);
        _cells = [.. table.Columns.Select(c => Compile(table, c, rules))];
        _key = [.. key];
        _keys = _key.ToDictionary(k => k, k => Compile(table, table.Columns[k], rules, isKey: true));
        Value = ConnectSchema.Struct(names.Schema($"{topic}.Value"), null, [.. _cells.Where(c => c.InRow).Select(c => c.Shape!.Field)]);
        Key = _key.Length == 0 ? null : ConnectSchema.Struct(names.Schema($"{topic}.Key"), null, [.. _key.Select(k => _keys[k].Shape!.Field)]);
    }

    /// <summary>The row's schema, required.</summary>
    public ConnectSchema Value { get; }

    /// <summary>The key's; null for a table without key.</summary>
    public ConnectSchema? Key { get; }

    /// <summary>Values that could not be written since the last clear: column and the server's text.</summary>
    public List<(string Column, string Text)> Unrepresentable { get; } = [];

    /// <summary>Columns whose type cannot be published.</summary>
    public IEnumerable<Column> LeftOut => _cells.Where(c => c.Shape is null).Select(c => c.Column);

    static Cell Compile(Table table, Column column, ColumnRules rules, bool isKey = false)
    {
        var shape = rules.Shape(table, column, isKey);
        return new Cell(shape?.Write, shape?.Field.Schema.Present.ToArray() ?? [], shape, column, shape is not null && rules.IsPublished(table, column));
    }

    /// <summary>Writes the Value record of an image.</summary>
    public void WriteRow(ReadOnlySpan<byte> image, LogBatch output)
    {
        foreach (ref readonly var cell in _cells.AsSpan())
        {
            var kind = Next(ref image, out var bytes);
            if (cell.InRow) WriteCell(cell, kind, bytes, output);
        }
    }

    /// <summary>Writes the Key record of an image.</summary>
    public void WriteKey(ReadOnlySpan<byte> image, LogBatch output)
    {
        foreach (var ordinal in _key)
        {
            var kind = Locate(image, ordinal, out var bytes);
            WriteCell(_keys[ordinal], kind, bytes, output);
        }
    }

    /// <summary>Writes one field of the row; false when the row has no such column. A value that is null writes what its schema has for null.</summary>
    public bool WriteField(int ordinal, ReadOnlySpan<byte> image, LogBatch output)
    {
        var kind = Locate(image, ordinal, out var bytes);
        WriteCell(_cells[ordinal], kind, bytes, output);
        return kind is not CellKind.Null;
    }

    /// <summary>The ordinal and field of a published column; -1 when there is none.</summary>
    public int Find(string column, out ConnectField? field)
    {
        var ordinal = Array.FindIndex(_cells, c => c.Shape is not null && c.Column.Name == column);
        field = ordinal < 0 ? null : _cells[ordinal].Shape!.Field;
        return ordinal;
    }

    /// <summary>Whether an update left all published columns as they were.</summary>
    public bool IsUnchanged(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        foreach (ref readonly var cell in _cells.AsSpan())
        {
            CellKind was = Next(ref before, out var old), now = Next(ref after, out var bytes);
            if (cell.InRow && now != CellKind.Unchanged && (was != now || !old.SequenceEqual(bytes))) return false;
        }
        return true;
    }

    /// <summary>The key as JSON, for the headers of a change of key.</summary>
    public byte[] KeyJson(ReadOnlySpan<byte> image)
    {
        _scratch.Clear();
        _scratch.Begin("", 0);
        WriteKey(image, _scratch);
        _scratch.BeginValue();
        _scratch.End();
        var json = new LogBatch();
        json.Begin("", 0);
        var avro = _scratch.Key(_scratch.Entries[0]).Span;
        new ConnectJson(json, numbers: true).Value(Key!, ref avro);
        json.BeginValue();
        json.End();
        return json.Key(json.Entries[0]).ToArray();
    }

    void WriteCell(in Cell cell, CellKind kind, ReadOnlySpan<byte> bytes, LogBatch output)
    {
        if (kind == CellKind.Binary)
        {
            var start = output.Bytes;
            Raw(output, cell.Present);
            if (cell.Write!(bytes, output)) return;
            if (cell.Shape!.WritesNearest)
            {
                Unrepresentable.Add((cell.Column.Name, _types.Text(cell.Column, bytes)));
                return;
            }
            output.Advance(start - output.Bytes);
            Replace(cell, _types.Text(cell.Column, bytes), output);
        }
        else if (kind == CellKind.Null) Raw(output, cell.Shape!.Null);
        else if (kind == CellKind.Unchanged) Raw(output, cell.Shape!.Unchanged);
        else Replace(cell, Encoding.UTF8.GetString(bytes), output);
    }

    // What the schema cannot say is named in a header; text is shown as far as it can be.
    void Replace(in Cell cell, string text, LogBatch output)
    {
        if (_exact) Unrepresentable.Add((cell.Column.Name, text));
        if (_types.ShowsText(cell.Column))
        {
            Raw(output, cell.Present);
            output.WriteString(text);
        }
        else Raw(output, cell.Shape!.Null);
    }

    // One or two bytes nearly always.
    static void Raw(LogBatch output, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1)
        {
            output.GetSpan(1)[0] = bytes[0];
            output.Advance(1);
        }
        else if (bytes.Length > 0) output.Write(bytes);
    }

    static CellKind Locate(ReadOnlySpan<byte> image, int ordinal, out ReadOnlySpan<byte> bytes)
    {
        var rest = image;
        for (; ordinal > 0; ordinal--) Next(ref rest, out _);
        return Next(ref rest, out bytes);
    }

    static CellKind Next(scoped ref ReadOnlySpan<byte> image, out ReadOnlySpan<byte> bytes)
    {
        var kind = (CellKind)image[0];
        if (kind is CellKind.Null or CellKind.Unchanged)
        {
            bytes = default;
            image = image[1..];
            return kind;
        }
        var length = BinaryPrimitives.ReadInt32BigEndian(image[1..]);
        bytes = image.Slice(5, length);
        image = image[(5 + length)..];
        return kind;
    }
}
