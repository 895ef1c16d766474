using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Row images of one table to Avro, compiled once: a column is a delegate and the bytes around it.</summary>
sealed class RowWriter
{
    readonly record struct Cell(CellWriter? Write, byte Present, byte Null, bool Nullable, byte[] Missing, byte[]? Placeholder, string Name, PostgresType Type);

    readonly Cell[] _cells;
    readonly int[] _key;

    public RowWriter(PostgresTable table)
    {
        _cells = [.. table.PostgresColumns.Select(Compile)];
        _key = [.. table.Key];
    }

    /// <summary>Values that could not be written since the last clear: column and the server's text.</summary>
    public List<(string Column, string Text)> Unrepresentable { get; } = [];

    static Cell Compile(PostgresColumn column)
    {
        if (!column.Type.IsKnown) return new Cell(null, 0, 0, true, [], null, column.Name, column.Type);
        var hasDefault = ConnectType.Default(column) is not null;
        return new Cell(CellWriters.For(column.Type), (byte)(hasDefault ? 0 : 2), (byte)(hasDefault ? 2 : 0), column.Nullable, Missing(column), CellWriters.Placeholder(column.Type), column.Name, column.Type);
    }

    // What a required column shows where the log has no value: its default, else the type's zero.
    static byte[] Missing(PostgresColumn column)
    {
        var output = new LogBatch();
        output.Begin("", 0);
        if (column.Default.Constant is not { } constant || !CellWriters.For(column.Type)(constant, output)) ConnectType.WriteZero(column.Type, output);
        output.BeginValue();
        output.End();
        return output.Key(output.Entries[0]).ToArray();
    }

    /// <summary>Writes the Value record of an image.</summary>
    public void WriteRow(ReadOnlySpan<byte> image, LogBatch output)
    {
        foreach (ref readonly var cell in _cells.AsSpan())
        {
            var kind = Next(ref image, out var bytes);
            if (cell.Write is not null) WriteCell(cell, kind, bytes, output, required: !cell.Nullable);
        }
    }

    /// <summary>Writes the Key record of an image.</summary>
    public void WriteKey(ReadOnlySpan<byte> image, LogBatch output)
    {
        foreach (var ordinal in _key)
        {
            var kind = Locate(image, ordinal, out var bytes);
            WriteCell(_cells[ordinal], kind, bytes, output, required: !_cells[ordinal].Nullable);
        }
    }

    /// <summary>The key as JSON, for the headers of a change of key.</summary>
    public byte[] KeyJson(ReadOnlySpan<byte> image)
    {
        var text = new StringBuilder("{");
        foreach (var ordinal in _key)
        {
            var kind = Locate(image, ordinal, out var bytes);
            var value = kind == CellKind.Binary ? ConnectType.ValueJson(_cells[ordinal].Type, bytes, latin: false) : "null";
            text.Append(text.Length > 1 ? "," : "").Append(PgJson.Quote(AvroNames.Part(_cells[ordinal].Name))).Append(':').Append(value);
        }
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    void WriteCell(in Cell cell, CellKind kind, ReadOnlySpan<byte> bytes, LogBatch output, bool required)
    {
        switch (kind)
        {
            case CellKind.Null:
                if (required) output.Write(cell.Missing);
                else Byte(output, cell.Null);
                return;
            case CellKind.Unchanged:
                if (cell.Placeholder is null && !required)
                {
                    Byte(output, cell.Null);
                    return;
                }
                if (!required) Byte(output, cell.Present);
                output.Write(cell.Placeholder ?? cell.Missing);
                return;
            default:
                WriteValue(cell, kind, bytes, output, required);
                return;
        }
    }

    void WriteValue(in Cell cell, CellKind kind, ReadOnlySpan<byte> bytes, LogBatch output, bool required)
    {
        var start = output.Bytes;
        if (!required) Byte(output, cell.Present);
        if (kind == CellKind.Binary && cell.Write!(bytes, output)) return;
        Unrepresentable.Add((cell.Name, kind == CellKind.Binary ? PgText.Of(cell.Type, bytes) : Encoding.UTF8.GetString(bytes)));
        output.Advance(start - output.Bytes);
        if (PgKindIsText(cell.Type.Kind))
        {
            if (!required) Byte(output, cell.Present);
            output.WriteString(Unrepresentable[^1].Text);
        }
        else if (required) output.Write(cell.Missing);
        else Byte(output, cell.Null);
    }

    static bool PgKindIsText(PgKind kind) => kind is PgKind.Text or PgKind.Xml or PgKind.Json or PgKind.Jsonb or PgKind.Enum or PgKind.Ltree;

    static void Byte(LogBatch output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
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
