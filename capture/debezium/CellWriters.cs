using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Writes a binary cell's value in Avro. False when the type cannot say it (NaN as a decimal): nothing usable was written.</summary>
delegate bool CellWriter(ReadOnlySpan<byte> cell, LogBatch output);

/// <summary>From PostgreSQL's binary form straight to the Avro form of Debezium's value.</summary>
static class CellWriters
{
    public static bool Bool(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, cell[0] != 0);

    public static bool Int2(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadInt16BigEndian(cell));

    public static bool Int4(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadInt32BigEndian(cell));

    public static bool Int8(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell));

    public static bool Oid(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadUInt32BigEndian(cell));

    public static bool Float4(ReadOnlySpan<byte> cell, LogBatch output)
    {
        output.WriteFloat(BinaryPrimitives.ReadSingleBigEndian(cell));
        return true;
    }

    public static bool Float8(ReadOnlySpan<byte> cell, LogBatch output)
    {
        output.WriteDouble(BinaryPrimitives.ReadDoubleBigEndian(cell));
        return true;
    }

    /// <summary>A value that Debezium shows as null.</summary>
    public static bool NotSaid(ReadOnlySpan<byte> cell, LogBatch output) => false;

    public static bool Empty(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, 0);

    // A database in SQL_ASCII may hold anything; Avro strings are UTF-8.
    public static bool Utf8Text(ReadOnlySpan<byte> cell, LogBatch output)
    {
        if (!Utf8.IsValid(cell)) return false;
        output.WriteBytes(cell);
        return true;
    }

    /// <summary>Text behind a byte that says the form's version.</summary>
    public static bool Versioned(ReadOnlySpan<byte> cell, LogBatch output) => Utf8Text(cell[1..], output);

    /// <summary>The server's own text.</summary>
    public static CellWriter TextOf(PostgresType type) => (cell, output) =>
    {
        output.WriteString(PgText.Of(type, cell));
        return true;
    };

    public static bool Uuid(ReadOnlySpan<byte> cell, LogBatch output)
    {
        Span<byte> text = stackalloc byte[36];
        new Guid(cell, bigEndian: true).TryFormat(text, out _);
        output.WriteBytes(text);
        return true;
    }

    public static bool Bytes(ReadOnlySpan<byte> cell, LogBatch output)
    {
        output.WriteBytes(cell);
        return true;
    }

    public static CellWriter BytesAsText(BinaryMode mode) => mode switch
    {
        BinaryMode.Hex => static (cell, output) =>
        {
            output.WriteString(Convert.ToHexStringLower(cell));
            return true;
        },
        BinaryMode.Base64UrlSafe => static (cell, output) =>
        {
            output.WriteString(Convert.ToBase64String(cell).Replace('+', '-').Replace('/', '_'));
            return true;
        },
        _ => static (cell, output) =>
        {
            output.WriteString(Convert.ToBase64String(cell));
            return true;
        },
    };

    public static bool Bit(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, (cell[4] & 0x80) != 0);

    // The bits read as one number, least significant byte first, without leading zeros: Java's BitSet.
    public static bool Bits(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(cell);
        var bytes = new byte[(count + 7) / 8];
        for (var i = 0; i < count; i++)
            if ((cell[4 + i / 8] >> (7 - i % 8) & 1) != 0) bytes[(count - 1 - i) / 8] |= (byte)(1 << ((count - 1 - i) % 8));
        output.WriteBytes(bytes.AsSpan().TrimEnd((byte)0));
        return true;
    }

    // Debezium's schema of an array has one dimension whatever the value has: of more, as there, one null for each row.
    public static CellWriter Array(CellWriter element, bool nullable) => (cell, output) =>
    {
        var dimensions = BinaryPrimitives.ReadInt32BigEndian(cell);
        var count = dimensions == 0 ? 0 : BinaryPrimitives.ReadInt32BigEndian(cell[12..]);
        var rest = dimensions == 1 ? cell[20..] : default;
        if (count > 0) output.WriteLong(count);
        for (var i = 0; i < count; i++)
        {
            var length = -1;
            if (dimensions == 1)
            {
                length = BinaryPrimitives.ReadInt32BigEndian(rest);
                rest = rest[4..];
            }
            if (nullable) output.WriteLong(length < 0 ? 0 : 1);
            else if (length < 0) return false;
            if (length < 0) continue;
            if (!element(rest[..length], output)) return false;
            rest = rest[length..];
        }
        output.WriteLong(0);
        return true;
    };

    static bool Done(LogBatch output, long value)
    {
        output.WriteLong(value);
        return true;
    }

    static bool Done(LogBatch output, bool value)
    {
        output.WriteBoolean(value);
        return true;
    }
}
