using System.Buffers.Binary;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;

namespace CdcSync.Capture.Debezium;

/// <summary>
/// What Debezium makes of dates and times in arrays. Its driver hands them over in Java's old types: times in milliseconds, the Julian calendar before October 1582
/// for timestamps, and no era for dates and timestamps with time zone.
/// </summary>
static class JavaItems
{
    // 1582-10-15 and the ten days before it, which Java's calendar does not have.
    const long Gregorian = -141427, Missing = 10;

    /// <summary>The shape with a writer of its own for items.</summary>
    public static TypeShape In(TypeShape shape, PostgresType type, TimeMode mode) => shape with
    {
        Item = type.Kind switch
        {
            PgKind.Date => Dates(shape.Write, mode == TimeMode.Structured),
            PgKind.Time => Times(shape.Write),
            PgKind.Timestamp => Timestamps(shape.Write),
            PgKind.TimestampTz => ZonedTimestamps(shape.Write, mode == TimeMode.Structured ? StructuredTemporals.Earliest(type.SecondDigits) : Earliest(type.SecondDigits)),
            _ => null,
        },
    };

    static CellWriter Dates(CellWriter write, bool structured) => (cell, output) =>
    {
        var days = BinaryPrimitives.ReadInt32BigEndian(cell);
        if (structured && days is (int.MaxValue or int.MinValue)) return write(cell, output);
        Span<byte> other = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(other, (int)((days switch
        {
            // Recorded: what is left of infinity.
            int.MaxValue => -622191234,
            int.MinValue => -625821272,
            _ => WithoutEra(days + (long)PgTime.EpochDays),
        }) - PgTime.EpochDays));
        return write(other, output);
    };

    static CellWriter Times(CellWriter write) => (cell, output) =>
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell) % PgTime.MicrosPerDay;
        return Long(micros - micros % 1000, write, output);
    };

    static CellWriter Timestamps(CellWriter write) => (cell, output) =>
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        var day = PgTime.FloorDiv(micros, PgTime.MicrosPerDay) + PgTime.EpochDays;
        if (micros == long.MinValue || day >= Gregorian) return write(cell, output);
        return Long(micros + (Julian(day) - day) * PgTime.MicrosPerDay, write, output);
    };

    static CellWriter ZonedTimestamps(CellWriter write, CellWriter earliest) => (cell, output) =>
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (micros == long.MinValue) return earliest(cell, output);
        var day = PgTime.FloorDiv(micros, PgTime.MicrosPerDay) + PgTime.EpochDays;
        return day >= Gregorian ? write(cell, output) : Long(micros + (WithoutEra(day) - day) * PgTime.MicrosPerDay, write, output);
    };

    // What is left of -infinity.
    static CellWriter Earliest(int digits) => (_, output) =>
    {
        output.WriteString($"+292269055-12-02T23:00:00{(digits > 0 ? "." : "")}{new string('0', digits)}Z");
        return true;
    };

    static bool Long(long value, CellWriter write, EventLog.LogBatch output)
    {
        Span<byte> cell = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(cell, value);
        return write(cell, output);
    }

    static long WithoutEra(long day)
    {
        if (day is < Gregorian and >= Gregorian - Missing) return day + Missing;
        var (year, month, dayOfMonth) = PgTime.Civil(day);
        return year > 0 ? day : Days(1 - year, month, dayOfMonth, julian: false);
    }

    static long Julian(long day)
    {
        var (year, month, dayOfMonth) = PgTime.Civil(day);
        return Days(year, month, dayOfMonth, julian: true);
    }

    // The days since 1970, by way of the astronomers' count of days.
    static long Days(long year, int month, int day, bool julian)
    {
        var early = month <= 2 ? 1 : 0;
        var (y, m) = (year + 4800 - early, month + 12 * early - 3);
        var count = day + (153 * m + 2) / 5 + 365 * y + y / 4;
        return (julian ? count - 32083 : count - y / 100 + y / 400 - 32045) - 2440588;
    }
}
