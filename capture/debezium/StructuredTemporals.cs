using System.Buffers.Binary;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using static CdcSync.Capture.Debezium.StructuredTimes;

namespace CdcSync.Capture.Debezium;

/// <summary>PostgreSQL's dates, times and intervals as <see cref="StructuredTimes"/>. Zoned times keep their offset; timestamps with time zone have none and are in UTC.</summary>
static class StructuredTemporals
{
    const long NanosPerMicro = 1000;

    public static TypeShape Of(PostgresType type, bool exact)
    {
        var digits = type.SecondDigits;
        return type.Kind switch
        {
            PgKind.Date => new(StructuredTimes.Date, Date) { Zero = AvroForm.Of(o => Epoch(o, time: false, 1)) },
            PgKind.Time => TimeShape(digits, exact),
            PgKind.TimeTz => new(ZonedTime, ZonedTimeOf(digits)) { Zero = AvroForm.Of(o => Numbers(o, 0, 0, 0, 0, 0, digits)) },
            PgKind.Timestamp => new(StructuredTimes.Timestamp, TimestampOf(digits, zoned: false))
            {
                Zero = AvroForm.Of(o =>
                {
                    Epoch(o, time: true, 1);
                    Numbers(o, digits);
                }),
            },
            PgKind.TimestampTz => new(ZonedTimestamp, TimestampOf(digits, zoned: true))
            {
                Zero = AvroForm.Of(o =>
                {
                    Epoch(o, time: true, 0);
                    Numbers(o, 0);
                    Nothing(o, 2);
                    Numbers(o, digits);
                }),
            },
            _ => IntervalShape(type.Modifier < 0 || (exact && (type.Modifier & 0xffff) > 6) ? 6 : type.Modifier & 0xffff),
        };
    }

    static void Epoch(LogBatch output, bool time, int nothing)
    {
        Numbers(output, 1970, 1, 1);
        if (time) Numbers(output, 0, 0, 0, 0);
        Nothing(output, nothing);
    }

    static bool Date(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var days = BinaryPrimitives.ReadInt32BigEndian(cell);
        if (days is int.MaxValue or int.MinValue)
        {
            Nothing(output, 3);
            Word(output, Infinity(days > 0));
            return true;
        }
        Day(output, days + (long)PgTime.EpochDays);
        Nothing(output, 1);
        return true;
    }

    static string Infinity(bool positive) => positive ? "POSITIVE_INFINITY" : "NEGATIVE_INFINITY";

    static void Day(LogBatch output, long unixDays)
    {
        var (year, month, day) = PgTime.Civil(unixDays);
        Numbers(output, year, month, day);
    }

    static void Clock(LogBatch output, long micros) =>
        Numbers(output, micros / 3_600_000_000, micros / 60_000_000 % 60, micros / PgTime.MicrosPerSecond % 60, micros % PgTime.MicrosPerSecond * NanosPerMicro);

    // 24:00 is no time of day for Java: Debezium says null of it.
    static TypeShape TimeShape(int digits, bool exact) => new(Time, (cell, output) =>
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (micros >= PgTime.MicrosPerDay && !exact) return false;
        Clock(output, micros);
        Numbers(output, digits);
        return true;
    }) { Zero = AvroForm.Of(o => Numbers(o, 0, 0, 0, 0, digits)) };

    static CellWriter ZonedTimeOf(int digits) => (cell, output) =>
    {
        Clock(output, BinaryPrimitives.ReadInt64BigEndian(cell));
        // PostgreSQL counts westward.
        Numbers(output, -BinaryPrimitives.ReadInt32BigEndian(cell[8..]), digits);
        return true;
    };

    static CellWriter TimestampOf(int digits, bool zoned) => (cell, output) =>
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (micros is long.MaxValue or long.MinValue)
        {
            Nothing(output, zoned ? 9 : 7);
            Word(output, Infinity(micros > 0));
        }
        else
        {
            var day = PgTime.FloorDiv(micros, PgTime.MicrosPerDay);
            Day(output, day + PgTime.EpochDays);
            Clock(output, micros - day * PgTime.MicrosPerDay);
            if (zoned) Utc(output);
            Nothing(output, 1);
        }
        Numbers(output, digits);
        return true;
    };

    static void Utc(LogBatch output)
    {
        Numbers(output, 0);
        Word(output, "Z");
    }

    /// <summary>What Debezium makes of -infinity in an array.</summary>
    public static CellWriter Earliest(int digits) => (_, output) =>
    {
        Numbers(output, 292269055, 12, 2, 23, 0, 0, 0);
        Utc(output);
        Nothing(output, 1);
        Numbers(output, digits);
        return true;
    };

    static TypeShape IntervalShape(int digits) => new(Duration, (cell, output) =>
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        int days = BinaryPrimitives.ReadInt32BigEndian(cell[8..]), months = BinaryPrimitives.ReadInt32BigEndian(cell[12..]);
        Numbers(output, months / 12, months % 12, days, micros / 3_600_000_000, micros / 60_000_000 % 60, micros / PgTime.MicrosPerSecond % 60, micros % PgTime.MicrosPerSecond * NanosPerMicro, digits);
        return true;
    }) { Zero = AvroForm.Of(o => Numbers(o, 0, 0, 0, 0, 0, 0, 0, digits)) };
}
