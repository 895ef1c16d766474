using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Unicode;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Writes a binary cell's value in Avro. False when the type cannot say it (NaN as a decimal): nothing usable was written.</summary>
delegate bool CellWriter(ReadOnlySpan<byte> cell, LogBatch output);

/// <summary>Per type, from PostgreSQL's binary form straight to the Avro form of Debezium's value.</summary>
static class CellWriters
{
    public static CellWriter For(PostgresType type) => type.Kind switch
    {
        PgKind.Bool => static (cell, output) => Done(output, cell[0] != 0),
        PgKind.Int2 => static (cell, output) => Done(output, BinaryPrimitives.ReadInt16BigEndian(cell)),
        PgKind.Int4 => static (cell, output) => Done(output, BinaryPrimitives.ReadInt32BigEndian(cell)),
        PgKind.Int8 => static (cell, output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell)),
        PgKind.Oid => static (cell, output) => Done(output, BinaryPrimitives.ReadUInt32BigEndian(cell)),
        PgKind.Float4 => static (cell, output) =>
        {
            output.WriteFloat(BinaryPrimitives.ReadSingleBigEndian(cell));
            return true;
        },
        PgKind.Float8 => static (cell, output) =>
        {
            output.WriteDouble(BinaryPrimitives.ReadDoubleBigEndian(cell));
            return true;
        },
        PgKind.Numeric when type.Digits is { } digits => (cell, output) => Decimal(cell, digits.Scale, output),
        PgKind.Numeric => VariableScale,
        PgKind.Money => static (cell, output) =>
        {
            Unscaled(BinaryPrimitives.ReadInt64BigEndian(cell), output);
            return true;
        },
        PgKind.Text or PgKind.Xml or PgKind.Json or PgKind.Enum => Utf8Text,
        PgKind.Jsonb or PgKind.Ltree => static (cell, output) => Utf8Text(cell[1..], output),
        PgKind.Uuid => Uuid,
        PgKind.Bytea => static (cell, output) =>
        {
            output.WriteBytes(cell);
            return true;
        },
        PgKind.Date => static (cell, output) => Done(output, BinaryPrimitives.ReadInt32BigEndian(cell) switch
        {
            int.MaxValue => int.MaxValue,
            int.MinValue => int.MinValue,
            var days => days + (long)PgTime.EpochDays,
        }),
        PgKind.Time when type.SecondDigits <= 3 => static (cell, output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell) / 1000),
        PgKind.Time => static (cell, output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell)),
        PgKind.TimeTz => TimeTz,
        PgKind.Timestamp when type.SecondDigits <= 3 => static (cell, output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell) switch
        {
            // What Debezium makes of the driver's infinity.
            long.MaxValue => 9223372036825200000,
            long.MinValue => -9223372036832400000,
            var micros => PgTime.FloorDiv(micros, 1000) + PgTime.EpochMicros / 1000,
        }),
        PgKind.Timestamp => static (cell, output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell) switch
        {
            long.MaxValue => long.MaxValue,
            long.MinValue => long.MinValue,
            var micros => micros + PgTime.EpochMicros,
        }),
        PgKind.TimestampTz => (cell, output) => Zoned(cell, type.SecondDigits, output),
        PgKind.Interval => static (cell, output) => Done(output, Interval(cell)),
        PgKind.Bit or PgKind.VarBit when type.Modifier == 1 => static (cell, output) => Done(output, (cell[4] & 0x80) != 0),
        PgKind.Bit or PgKind.VarBit => Bits,
        PgKind.Point => Point,
        PgKind.Array => Array(For(type.Element!)),
        _ => (cell, output) => Done(output, PgText.Of(type, cell)),
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

    static bool Done(LogBatch output, string value)
    {
        output.WriteString(value);
        return true;
    }

    // A database in SQL_ASCII may hold anything; Avro strings are UTF-8.
    static bool Utf8Text(ReadOnlySpan<byte> cell, LogBatch output)
    {
        if (!Utf8.IsValid(cell)) return false;
        output.WriteBytes(cell);
        return true;
    }

    static bool Decimal(ReadOnlySpan<byte> cell, int scale, LogBatch output)
    {
        var number = new PgNumeric(cell);
        if (!number.IsFinite) return false;
        if (number.TryUnscaled(scale, out var small)) Unscaled(small, output);
        else output.WriteBytes(number.Unscaled(scale).ToByteArray(isBigEndian: true));
        return true;
    }

    static bool VariableScale(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var number = new PgNumeric(cell);
        if (!number.IsFinite) return false;
        var scale = number.StrippedScale();
        output.WriteLong(scale);
        return Decimal(cell, scale, output);
    }

    // Two's complement, big-endian, as short as can be: Java's BigInteger.toByteArray.
    static void Unscaled(long value, LogBatch output)
    {
        var bits = 65 - BitOperations.LeadingZeroCount((ulong)(value ^ (value >> 63)));
        var length = (bits + 7) / 8;
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        output.WriteBytes(bytes[(8 - length)..]);
    }

    static bool Uuid(ReadOnlySpan<byte> cell, LogBatch output)
    {
        Span<byte> text = stackalloc byte[36];
        new Guid(cell, bigEndian: true).TryFormat(text, out _);
        output.WriteBytes(text);
        return true;
    }

    static bool Zoned(ReadOnlySpan<byte> cell, int digits, LogBatch output)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (micros is long.MaxValue or long.MinValue) return Done(output, micros > 0 ? "infinity" : "-infinity");
        Span<byte> text = stackalloc byte[48];
        output.WriteBytes(text[..PgTime.WriteZoned(micros + PgTime.EpochMicros, digits, text)]);
        return true;
    }

    static bool TimeTz(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var utc = BinaryPrimitives.ReadInt64BigEndian(cell) + BinaryPrimitives.ReadInt32BigEndian(cell[8..]) * PgTime.MicrosPerSecond;
        Span<byte> text = stackalloc byte[32];
        var length = PgTime.WriteTime(utc - PgTime.FloorDiv(utc, PgTime.MicrosPerDay) * PgTime.MicrosPerDay, 6, trim: true, text);
        text[length++] = (byte)'Z';
        output.WriteBytes(text[..length]);
        return true;
    }

    // A month has 30.4375 days, Debezium says.
    static long Interval(ReadOnlySpan<byte> cell) =>
        BinaryPrimitives.ReadInt64BigEndian(cell) + BinaryPrimitives.ReadInt32BigEndian(cell[8..]) * PgTime.MicrosPerDay
        + BinaryPrimitives.ReadInt32BigEndian(cell[12..]) * (304375L * PgTime.MicrosPerDay / 10000);

    // The bits read as one number, least significant byte first, without leading zeros: Java's BitSet.
    static bool Bits(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(cell);
        var bytes = new byte[(count + 7) / 8];
        for (var i = 0; i < count; i++)
            if ((cell[4 + i / 8] >> (7 - i % 8) & 1) != 0) bytes[(count - 1 - i) / 8] |= (byte)(1 << ((count - 1 - i) % 8));
        output.WriteBytes(bytes.AsSpan().TrimEnd((byte)0));
        return true;
    }

    static bool Point(ReadOnlySpan<byte> cell, LogBatch output)
    {
        double x = BinaryPrimitives.ReadDoubleBigEndian(cell), y = BinaryPrimitives.ReadDoubleBigEndian(cell[8..]);
        Span<byte> wkb = stackalloc byte[21];
        wkb[0] = wkb[1] = 1;
        wkb[2..5].Clear();
        BinaryPrimitives.WriteDoubleLittleEndian(wkb[5..], x);
        BinaryPrimitives.WriteDoubleLittleEndian(wkb[13..], y);
        output.WriteDouble(x);
        output.WriteDouble(y);
        output.WriteLong(1);
        output.WriteBytes(wkb);
        output.WriteLong(0);
        return true;
    }

    // Debezium's schema of an array has one dimension whatever the value has: of more, as there, one null for each row.
    static CellWriter Array(CellWriter element) => (cell, output) =>
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
            output.WriteLong(length < 0 ? 0 : 1);
            if (length < 0) continue;
            if (!element(rest[..length], output)) return false;
            rest = rest[length..];
        }
        output.WriteLong(0);
        return true;
    };

    /// <summary>What stands for a large value that the log left out.</summary>
    public static byte[]? Placeholder(PostgresType type)
    {
        const string text = "__debezium_unavailable_value";
        var output = new LogBatch();
        output.Begin("", 0);
        switch (type)
        {
            case { Kind: PgKind.Text or PgKind.Xml or PgKind.Json or PgKind.Jsonb or PgKind.Bytea or PgKind.TsVector or PgKind.Enum or PgKind.Ltree }:
                output.WriteString(text);
                break;
            case { Kind: PgKind.Hstore }:
                output.WriteString($$"""{"{{text}}":"{{text}}"}""");
                break;
            case { Kind: PgKind.Array, Element.Kind: PgKind.Text or PgKind.Json or PgKind.Jsonb or PgKind.Bytea or PgKind.Enum }:
                Items([text], item => output.WriteString(item));
                break;
            case { Kind: PgKind.Array, Element.Kind: PgKind.Uuid }:
                Items(["b68a35a7-17ad-35b3-af2a-ae46edb4545a"], item => output.WriteString(item));
                break;
            case { Kind: PgKind.Array, Element.Kind: PgKind.Int2 or PgKind.Int4 or PgKind.Int8 or PgKind.Oid or PgKind.Date }:
                Items(text, item => output.WriteLong(item));
                break;
            default:
                return null;
        }
        output.BeginValue();
        output.End();
        return output.Key(output.Entries[0]).ToArray();

        void Items<T>(IEnumerable<T> items, Action<T> write)
        {
            output.WriteLong(items.Count());
            foreach (var item in items)
            {
                output.WriteLong(1);
                write(item);
            }
            output.WriteLong(0);
        }
    }
}
