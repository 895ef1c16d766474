using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Postgres;

/// <summary>A cell as a CLR value, for keys and mappings.</summary>
static class PgValue
{
    public static object Decode(PostgresType type, CellKind kind, ReadOnlyMemory<byte> cell) => kind switch
    {
        CellKind.Binary => Binary(type, cell.Span),
        CellKind.Text => Parse(type, cell.Span),
        _ => throw new FormatException($"A cell of kind {kind} has no value"),
    };

    static object Binary(PostgresType type, ReadOnlySpan<byte> cell)
    {
        try
        {
            return type.Kind switch
            {
                PgKind.Bool => cell[0] != 0,
                PgKind.Int2 => BinaryPrimitives.ReadInt16BigEndian(cell),
                PgKind.Int4 => BinaryPrimitives.ReadInt32BigEndian(cell),
                PgKind.Int8 => BinaryPrimitives.ReadInt64BigEndian(cell),
                PgKind.Oid => (long)BinaryPrimitives.ReadUInt32BigEndian(cell),
                PgKind.Float4 => BinaryPrimitives.ReadSingleBigEndian(cell),
                PgKind.Float8 => BinaryPrimitives.ReadDoubleBigEndian(cell),
                PgKind.Numeric => new PgNumeric(cell).ToDecimal(),
                PgKind.Money => BinaryPrimitives.ReadInt64BigEndian(cell) / 100m,
                PgKind.Uuid => new Guid(cell, bigEndian: true),
                PgKind.Bytea => cell.ToArray(),
                PgKind.Date => Date(BinaryPrimitives.ReadInt32BigEndian(cell)),
                PgKind.Time => Time(BinaryPrimitives.ReadInt64BigEndian(cell)),
                PgKind.Timestamp => Timestamp(BinaryPrimitives.ReadInt64BigEndian(cell), DateTimeKind.Unspecified),
                PgKind.TimestampTz => Timestamp(BinaryPrimitives.ReadInt64BigEndian(cell), DateTimeKind.Utc),
                PgKind.Bit when type.Modifier == 1 && cell.Length == 5 => (cell[4] & 0x80) != 0,
                _ => PgText.Of(type, cell),
            };
        }
        catch (Exception broken) when (broken is ArgumentException or IndexOutOfRangeException)
        {
            throw new FormatException($"{cell.Length} bytes are no {type.Name}: {broken.Message}", broken);
        }
    }

    // Infinity has no CLR counterpart; the ends of DateTime's range keep its order and are what ERPs mean by "never ends".
    static DateOnly Date(int days) => days switch
    {
        int.MaxValue => DateOnly.MaxValue,
        int.MinValue => DateOnly.MinValue,
        _ => days + 730119L is >= 0 and <= 3652058 and var day ? DateOnly.FromDayNumber((int)day) : throw new FormatException($"The date {days} days from 2000-01-01 is outside the years 1 to 9999"),
    };

    // 24:00 is a time for PostgreSQL and the end of the day's last tick for .NET.
    static TimeOnly Time(long micros) => micros >= PgTime.MicrosPerDay ? TimeOnly.MaxValue : new TimeOnly(micros * 10);

    static DateTime Timestamp(long micros, DateTimeKind kind)
    {
        if (micros == long.MaxValue) return DateTime.SpecifyKind(DateTime.MaxValue, kind);
        if (micros == long.MinValue) return DateTime.SpecifyKind(DateTime.MinValue, kind);
        if (micros is < -63_082_281_600_000_000 or > 252_455_615_999_999_999)
            throw new FormatException($"The timestamp {micros} us from 2000-01-01 is outside the years 1 to 9999");
        return new DateTime(630_822_816_000_000_000 + micros * 10, kind);
    }

    static object Parse(PostgresType type, ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8);
        var culture = CultureInfo.InvariantCulture;
        return type.Kind switch
        {
            PgKind.Bool => text is "t" or "true",
            PgKind.Int2 => short.Parse(text, culture),
            PgKind.Int4 => int.Parse(text, culture),
            PgKind.Int8 or PgKind.Oid => long.Parse(text, culture),
            PgKind.Float4 => float.Parse(text, culture),
            PgKind.Float8 => double.Parse(text, culture),
            PgKind.Numeric => decimal.Parse(text, NumberStyles.Float, culture),
            PgKind.Uuid => Guid.Parse(text),
            PgKind.Date => DateOnly.ParseExact(text, "yyyy-MM-dd", culture),
            PgKind.Time => TimeOnly.Parse(text, culture),
            PgKind.Timestamp => DateTime.SpecifyKind(DateTime.Parse(text, culture), DateTimeKind.Unspecified),
            PgKind.TimestampTz => DateTime.Parse(text, culture, DateTimeStyles.AdjustToUniversal),
            PgKind.Bytea when text.StartsWith("\\x", StringComparison.Ordinal) => Convert.FromHexString(text.AsSpan(2)),
            _ => text,
        };
    }
}
