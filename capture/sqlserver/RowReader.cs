using System.Buffers.Binary;
using System.Text;
using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>Rows of a result as row images, in one growing buffer.</summary>
sealed class RowReader(SqlServerTable table)
{
    byte[] _buffer = new byte[16 * 1024];

    /// <summary>Bytes in the buffer.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    public ReadOnlySpan<byte> Image(int start, int end) => _buffer.AsSpan(start, end - start);

    public void Clear() => Length = 0;

    /// <summary>Appends the row that the result stands on.</summary>
    /// <param name="from">The result.</param>
    /// <param name="first">Which of its columns is the table's first.</param>
    /// <param name="mask">The update mask where CDC leaves large values out; empty otherwise.</param>
    public void Append(SqlDataReader from, int first, ReadOnlySpan<byte> mask)
    {
        for (var i = 0; i < table.SqlColumns.Count; i++)
        {
            var column = table.SqlColumns[i];
            if (!from.IsDBNull(first + i)) Value(from, first + i, column.Type);
            else Kind(column.Type.IsLarge && !mask.IsEmpty && !IsSet(mask, column.MaskBit) ? CellKind.Unchanged : CellKind.Null);
        }
    }

    // The last byte holds the first eight columns.
    static bool IsSet(ReadOnlySpan<byte> mask, int bit) => bit / 8 < mask.Length && (mask[mask.Length - 1 - bit / 8] >> bit % 8 & 1) != 0;

    void Value(SqlDataReader from, int at, SqlServerType type)
    {
        switch (type.Kind)
        {
            case SqlKind.Bit: Cell(1)[0] = from.GetBoolean(at) ? (byte)1 : (byte)0; break;
            case SqlKind.TinyInt: Long(from.GetByte(at)); break;
            case SqlKind.SmallInt: Long(from.GetInt16(at)); break;
            case SqlKind.Int: Long(from.GetInt32(at)); break;
            case SqlKind.BigInt: Long(from.GetInt64(at)); break;
            case SqlKind.Real: BinaryPrimitives.WriteSingleBigEndian(Cell(4), from.GetFloat(at)); break;
            case SqlKind.Float: BinaryPrimitives.WriteDoubleBigEndian(Cell(8), from.GetDouble(at)); break;
            case SqlKind.Decimal: BinaryPrimitives.WriteInt128BigEndian(Cell(16), Unscaled(from, at, type)); break;
            case SqlKind.Guid: from.GetGuid(at).TryWriteBytes(Cell(16), bigEndian: true, out _); break;
            case SqlKind.Date: BinaryPrimitives.WriteInt32BigEndian(Cell(4), (int)(from.GetDateTime(at).Ticks / TimeSpan.TicksPerDay - 719162)); break;
            case SqlKind.Time: Long(from.GetTimeSpan(at).Ticks); break;
            case SqlKind.DateTime: Long(from.GetDateTime(at).Ticks); break;
            case SqlKind.DateTimeOffset:
                var time = from.GetDateTimeOffset(at);
                var cell = Cell(10);
                BinaryPrimitives.WriteInt64BigEndian(cell, time.Ticks);
                BinaryPrimitives.WriteInt16BigEndian(cell[8..], (short)time.Offset.TotalMinutes);
                break;
            case SqlKind.Text:
                var text = from.GetString(at);
                Encoding.UTF8.GetBytes(text, Cell(Encoding.UTF8.GetByteCount(text)));
                break;
            case SqlKind.Bytes or SqlKind.Geography or SqlKind.Geometry:
                var bytes = from.GetFieldValue<byte[]>(at);
                bytes.CopyTo(Cell(bytes.Length));
                break;
            default: Kind(CellKind.Null); break;
        }
    }

    static Int128 Unscaled(SqlDataReader from, int at, SqlServerType type)
    {
        if (type.BaseName is "money" or "smallmoney") return (Int128)(from.GetDecimal(at) * 10000m);
        var number = from.GetSqlDecimal(at);
        var data = number.Data;
        var magnitude = new UInt128((ulong)(uint)data[3] << 32 | (uint)data[2], (ulong)(uint)data[1] << 32 | (uint)data[0]);
        return number.IsPositive ? (Int128)magnitude : -(Int128)magnitude;
    }

    void Long(long value) => BinaryPrimitives.WriteInt64BigEndian(Cell(8), value);

    void Kind(CellKind kind)
    {
        Reserve(1);
        _buffer[Length++] = (byte)kind;
    }

    Span<byte> Cell(int length)
    {
        Reserve(5 + length);
        _buffer[Length] = (byte)CellKind.Binary;
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(Length + 1), length);
        Length += 5 + length;
        return _buffer.AsSpan(Length - length, length);
    }

    void Reserve(int size)
    {
        if (_buffer.Length - Length < size) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + size));
    }
}
