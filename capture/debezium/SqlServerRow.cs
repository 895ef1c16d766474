using System.Buffers;
using System.Text;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Row images of one SQL Server table to Avro, compiled once.</summary>
sealed class SqlServerRow
{
    sealed record Cell(CellWriter Write, byte Present, byte Null, bool Required, byte[] Missing, byte[]? Placeholder, SqlServerColumn Column);

    readonly Cell?[] _cells;
    readonly int[] _key;

    public SqlServerRow(SqlServerTable table, SqlServerSettings settings)
    {
        _cells = [.. table.SqlColumns.Select(c => c.Type.Kind == SqlKind.Unknown ? null : Compile(c, settings))];
        _key = [.. table.Key];
    }

    /// <summary>Values that could not be written since the last clear: column and text.</summary>
    public List<(string Column, string Text)> Unrepresentable { get; } = [];

    static Cell Compile(SqlServerColumn column, SqlServerSettings settings)
    {
        var hasDefault = SqlServerDefaults.Json(column, settings) is not null;
        var unavailable = AvroForm.Of(o => o.WriteString(settings.Records.UnavailableValue));
        var placeholder = !column.Type.IsLarge ? null : SqlServerField.Of(column.Type, settings) switch
        {
            { Avro: "string" or "bytes" } => unavailable,
            _ => (byte[])[.. unavailable, 0],     // a shape: its bytes, and no srid
        };
        var missing = SqlServerField.Of(column.Type, settings).Record is null ? SqlServerDefaults.Avro(column.Type, settings, SqlServerDefaults.Cell(column)) : [];
        return new Cell(SqlServerCells.For(column.Type, settings), (byte)(hasDefault ? 0 : 2), (byte)(hasDefault ? 2 : 0), !column.Nullable, missing, placeholder, column);
    }

    /// <summary>Writes the Value record of an image.</summary>
    public void WriteRow(ReadOnlyMemory<byte> image, LogBatch output)
    {
        foreach (var cell in _cells)
        {
            var kind = RowImage.Next(ref image, out var bytes);
            if (cell is not null) Write(cell, kind, bytes.Span, output);
        }
    }

    /// <summary>Writes the Key record of an image.</summary>
    public void WriteKey(ReadOnlyMemory<byte> image, LogBatch output)
    {
        foreach (var ordinal in _key)
        {
            var kind = new RowImage(image).Cell(ordinal, out var bytes);
            Write(_cells[ordinal]!, kind, bytes.Span, output);
        }
    }

    void Write(Cell cell, CellKind kind, ReadOnlySpan<byte> bytes, LogBatch output)
    {
        if (kind == CellKind.Binary || (kind == CellKind.Unchanged && cell.Placeholder is not null))
        {
            if (!cell.Required) Byte(output, cell.Present);
            if (kind == CellKind.Unchanged) output.Write(cell.Placeholder);
            else if (!cell.Write(bytes, output)) Unrepresentable.Add((cell.Column.Name, SqlServerValue.Text(cell.Column.Type, bytes)));
        }
        else if (cell.Required) output.Write(cell.Missing);
        else Byte(output, cell.Null);
    }

    /// <summary>What the headers say of the values that could not be written.</summary>
    public byte[] TakeUnrepresentable()
    {
        var named = $"{{{string.Join(',', Unrepresentable.DistinctBy(v => v.Column).Select(v => $"{Postgres.PgJson.Quote(v.Column)}:{Postgres.PgJson.Quote(v.Text)}"))}}}";
        return Encoding.UTF8.GetBytes(named);
    }

    static void Byte(LogBatch output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}
