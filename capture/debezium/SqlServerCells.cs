using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Per type and setting, from a cell straight to the Avro form of Debezium's value. False when the form cannot say the value: the nearest one was written.</summary>
static class SqlServerCells
{
    const long UnixTicks = 621_355_968_000_000_000;

    public static CellWriter For(SqlServerType type, RecordSettings settings) => type.Kind switch
    {
        SqlKind.Bit => static (cell, output) =>
        {
            output.WriteBoolean(cell[0] != 0);
            return true;
        },
        SqlKind.TinyInt or SqlKind.SmallInt or SqlKind.Int or SqlKind.BigInt => static (cell, output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell)),
        SqlKind.Real => static (cell, output) =>
        {
            output.WriteFloat(BinaryPrimitives.ReadSingleBigEndian(cell));
            return true;
        },
        SqlKind.Float => static (cell, output) =>
        {
            output.WriteDouble(BinaryPrimitives.ReadDoubleBigEndian(cell));
            return true;
        },
        SqlKind.Decimal => Decimal(type.Scale, settings.Decimals),
        SqlKind.Text => static (cell, output) =>
        {
            output.WriteBytes(cell);
            return true;
        },
        SqlKind.Guid => static (cell, output) => Done(output, new Guid(cell, bigEndian: true).ToString().ToUpperInvariant()),
        SqlKind.Bytes => Bytes(settings.Binary),
        SqlKind.Date => Date(settings.Times),
        SqlKind.Time => TimeOfDay(type.Scale, settings.Times),
        SqlKind.DateTime => Timestamp(type.Scale, settings.Times),
        SqlKind.DateTimeOffset => Zoned(type.Scale, settings.Times),
        SqlKind.Geography or SqlKind.Geometry => static (cell, output) =>
        {
            output.WriteBytes(cell[4..]);
            output.WriteLong(1);
            return Done(output, BinaryPrimitives.ReadInt32BigEndian(cell));
        },
        _ => static (cell, output) => Done(output, System.Text.Encoding.UTF8.GetString(cell)),
    };

    static bool Done(LogBatch output, long value)
    {
        output.WriteLong(value);
        return true;
    }

    static bool Done(LogBatch output, string value)
    {
        output.WriteString(value);
        return true;
    }

    static CellWriter Decimal(int scale, DecimalMode mode) => mode switch
    {
        DecimalMode.Double => (cell, output) =>
        {
            output.WriteDouble(double.Parse(SqlServerValue.DecimalText(BinaryPrimitives.ReadInt128BigEndian(cell), scale), CultureInfo.InvariantCulture));
            return true;
        },
        DecimalMode.String => (cell, output) => Done(output, SqlServerValue.DecimalText(BinaryPrimitives.ReadInt128BigEndian(cell), scale)),
        _ => static (cell, output) =>
        {
            // Two's complement, big-endian, as short as can be: Java's BigInteger.toByteArray.
            var value = BinaryPrimitives.ReadInt128BigEndian(cell);
            var bits = 129 - (int)Int128.LeadingZeroCount(value < 0 ? ~value : value);
            output.WriteBytes(cell[(16 - (bits + 7) / 8)..]);
            return true;
        },
    };

    static CellWriter Bytes(BinaryMode mode) => mode switch
    {
        BinaryMode.Base64 => static (cell, output) => Done(output, Convert.ToBase64String(cell)),
        BinaryMode.Base64UrlSafe => static (cell, output) => Done(output, Convert.ToBase64String(cell).Replace('+', '-').Replace('/', '_')),
        BinaryMode.Hex => static (cell, output) => Done(output, Convert.ToHexStringLower(cell)),
        _ => static (cell, output) =>
        {
            output.WriteBytes(cell);
            return true;
        },
    };

    static CellWriter Date(TimeMode mode) => mode switch
    {
        TimeMode.IsoString => static (cell, output) => Done(output, Day(cell).ToString("yyyy-MM-dd'Z'", CultureInfo.InvariantCulture)),
        TimeMode.Structured => static (cell, output) =>
        {
            var day = Day(cell);
            StructuredTimes.Numbers(output, day.Year, day.Month, day.Day);
            StructuredTimes.Nothing(output, 1);
            return true;
        },
        _ => static (cell, output) => Done(output, BinaryPrimitives.ReadInt32BigEndian(cell)),
    };

    static DateOnly Day(ReadOnlySpan<byte> cell) => DateOnly.FromDayNumber(BinaryPrimitives.ReadInt32BigEndian(cell) + 719162);

    static CellWriter TimeOfDay(int scale, TimeMode mode) => mode switch
    {
        TimeMode.IsoString => (cell, output) => Done(output, new TimeOnly(Ticks(cell)).ToString("HH:mm:ss" + Fraction(Ticks(cell)), CultureInfo.InvariantCulture) + "Z"),
        TimeMode.Structured => (cell, output) =>
        {
            var ticks = Ticks(cell);
            var time = new TimeOnly(ticks);
            StructuredTimes.Numbers(output, time.Hour, time.Minute, time.Second, ticks % TimeSpan.TicksPerSecond * 100, scale);
            return true;
        },
        TimeMode.Connect => static (cell, output) => Done(output, Ticks(cell) / 10_000),
        TimeMode.Microseconds or TimeMode.AdaptiveTimeMicroseconds => static (cell, output) => Done(output, Ticks(cell) / 10),
        TimeMode.Nanoseconds => static (cell, output) => Done(output, Ticks(cell) * 100),
        _ when scale <= 3 => static (cell, output) => Done(output, Ticks(cell) / 10_000),
        _ when scale <= 6 => static (cell, output) => Done(output, Ticks(cell) / 10),
        _ => static (cell, output) => Done(output, Ticks(cell) * 100),
    };

    static CellWriter Timestamp(int scale, TimeMode mode) => mode switch
    {
        TimeMode.IsoString => static (cell, output) => Done(output, new DateTime(Ticks(cell)).ToString("yyyy-MM-ddTHH:mm:ss" + Fraction(Ticks(cell)), CultureInfo.InvariantCulture) + "Z"),
        TimeMode.Structured => (cell, output) =>
        {
            Moment(output, new DateTime(Ticks(cell)));
            StructuredTimes.Nothing(output, 1);
            StructuredTimes.Numbers(output, scale);
            return true;
        },
        TimeMode.Connect => static (cell, output) => Done(output, (Ticks(cell) - UnixTicks) / 10_000),
        TimeMode.Microseconds => static (cell, output) => Done(output, (Ticks(cell) - UnixTicks) / 10),
        TimeMode.Nanoseconds => Nanoseconds,
        _ when scale <= 3 => static (cell, output) => Done(output, (Ticks(cell) - UnixTicks) / 10_000),
        _ when scale <= 6 => static (cell, output) => Done(output, (Ticks(cell) - UnixTicks) / 10),
        _ => Nanoseconds,
    };

    // 64 bits of nanoseconds reach from 1677 to 2262; an ERP's 9999-12-31 becomes the last of them, and the record says so.
    static bool Nanoseconds(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var ticks = Ticks(cell) - UnixTicks;
        var fits = ticks is >= long.MinValue / 100 and <= long.MaxValue / 100;
        output.WriteLong(fits ? ticks * 100 : ticks < 0 ? long.MinValue : long.MaxValue);
        return fits;
    }

    static CellWriter Zoned(int scale, TimeMode mode) => (cell, output) =>
    {
        var (local, minutes) = (new DateTime(Ticks(cell)), BinaryPrimitives.ReadInt16BigEndian(cell[8..]));
        if (mode == TimeMode.Structured)
        {
            Moment(output, local);
            StructuredTimes.Numbers(output, minutes * 60);
            StructuredTimes.Nothing(output, 2);
            StructuredTimes.Numbers(output, scale);
            return true;
        }
        // Java's ISO_OFFSET_DATE_TIME: no trailing zeros, Z for no offset.
        var offset = minutes == 0 ? "Z" : $"{(minutes < 0 ? '-' : '+')}{Math.Abs(minutes) / 60:00}:{Math.Abs(minutes) % 60:00}";
        return Done(output, local.ToString("yyyy-MM-ddTHH:mm:ss" + Fraction(local.Ticks), CultureInfo.InvariantCulture) + offset);
    };

    static void Moment(LogBatch output, DateTime time) =>
        StructuredTimes.Numbers(output, time.Year, time.Month, time.Day, time.Hour, time.Minute, time.Second, time.Ticks % TimeSpan.TicksPerSecond * 100);

    static string Fraction(long ticks) => ticks % TimeSpan.TicksPerSecond == 0 ? "" : ".FFFFFFF";

    static long Ticks(ReadOnlySpan<byte> cell) => BinaryPrimitives.ReadInt64BigEndian(cell);
}
