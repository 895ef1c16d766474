using System.Buffers.Binary;
using System.Globalization;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Dates, times and intervals under each <see cref="TimeMode"/>.</summary>
static class Temporals
{
    const string Space = "io.debezium.time.";

    public static TypeShape Of(PostgresType type, RecordSettings settings)
    {
        var shape = settings.Times == TimeMode.Structured ? StructuredTemporals.Of(type, settings.IsExact) : Plain(type, settings);
        return settings.IsExact ? shape : JavaItems.In(shape, type, settings.Times);
    }

    static TypeShape Plain(PostgresType type, RecordSettings settings) => type.Kind switch
    {
        PgKind.TimeTz => new(ConnectSchema.Of(ConnectKind.String, Space + "ZonedTime"), TimeTz),
        PgKind.TimestampTz => new(ConnectSchema.Of(ConnectKind.String, Space + "ZonedTimestamp"), Zoned(type.SecondDigits)),
        PgKind.Interval when settings.Intervals == IntervalMode.String => new(ConnectSchema.Of(ConnectKind.String, Space + "Interval"), IntervalText),
        PgKind.Interval => new(ConnectSchema.Of(ConnectKind.Int64, Space + "MicroDuration"), Interval),
        PgKind.Date => Date(settings),
        PgKind.Time => Time(type, settings.Times),
        _ => Timestamp(type, settings.Times, settings.IsExact),
    };

    static TypeShape Date(RecordSettings settings)
    {
        // What Debezium makes of the driver's infinity.
        var (most, least) = settings.IsExact ? (int.MaxValue, int.MinValue) : (2146033979, -2147472691);
        return settings.Times switch
        {
            TimeMode.Connect => new(ConnectSchema.Of(ConnectKind.Int32, ConnectNames.Date), Days(most, least)),
            TimeMode.IsoString => new(ConnectSchema.Of(ConnectKind.String, Space + "IsoDate"), DateText(settings.IsExact ? ("infinity", "-infinity") : ("+5877611-06-21Z", "-5877611-06-22Z"))),
            _ => new(ConnectSchema.Of(ConnectKind.Int32, Space + "Date"), Days(most, least)),
        };
    }

    static CellWriter Days(int most, int least) => (cell, output) =>
    {
        output.WriteLong(BinaryPrimitives.ReadInt32BigEndian(cell) switch
        {
            int.MaxValue => most,
            int.MinValue => least,
            var days => days + (long)PgTime.EpochDays,
        });
        return true;
    };

    static CellWriter DateText((string Most, string Least) ends) => (cell, output) =>
    {
        var days = BinaryPrimitives.ReadInt32BigEndian(cell);
        if (days is int.MaxValue or int.MinValue)
        {
            output.WriteString(days > 0 ? ends.Most : ends.Least);
            return true;
        }
        Span<byte> text = stackalloc byte[24];
        var length = PgTime.WriteDate(days + (long)PgTime.EpochDays, text, javaYear: true);
        text[length++] = (byte)'Z';
        output.WriteBytes(text[..length]);
        return true;
    };

    static TypeShape Time(PostgresType type, TimeMode mode) => mode switch
    {
        TimeMode.Adaptive when type.SecondDigits <= 3 => new(ConnectSchema.Of(ConnectKind.Int32, Space + "Time"), TimeMillis),
        TimeMode.Connect => new(ConnectSchema.Of(ConnectKind.Int32, ConnectNames.Time), TimeMillis),
        TimeMode.IsoString => new(ConnectSchema.Of(ConnectKind.String, Space + "IsoTime"), TimeText),
        TimeMode.Nanoseconds => new(ConnectSchema.Of(ConnectKind.Int64, Space + "NanoTime"), TimeNanos),
        _ => new(ConnectSchema.Of(ConnectKind.Int64, Space + "MicroTime"), TimeMicros),
    };

    static bool TimeMillis(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell) / 1000);

    static bool TimeMicros(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell));

    static bool TimeNanos(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell) * 1000);

    static bool TimeText(ReadOnlySpan<byte> cell, LogBatch output) => TimeOfDay(BinaryPrimitives.ReadInt64BigEndian(cell) % PgTime.MicrosPerDay, output);

    static bool TimeTz(ReadOnlySpan<byte> cell, LogBatch output)
    {
        // The day's end stays one where it needs no conversion.
        if (BinaryPrimitives.ReadInt32BigEndian(cell[8..]) == 0) return TimeOfDay(BinaryPrimitives.ReadInt64BigEndian(cell), output);
        var utc = BinaryPrimitives.ReadInt64BigEndian(cell) + BinaryPrimitives.ReadInt32BigEndian(cell[8..]) * PgTime.MicrosPerSecond;
        return TimeOfDay(utc - PgTime.FloorDiv(utc, PgTime.MicrosPerDay) * PgTime.MicrosPerDay, output);
    }

    static bool TimeOfDay(long micros, LogBatch output)
    {
        Span<byte> text = stackalloc byte[32];
        var length = PgTime.WriteTime(micros, 6, trim: true, text);
        text[length++] = (byte)'Z';
        output.WriteBytes(text[..length]);
        return true;
    }

    static TypeShape Timestamp(PostgresType type, TimeMode mode, bool exact) => mode switch
    {
        TimeMode.Adaptive or TimeMode.AdaptiveTimeMicroseconds when type.SecondDigits <= 3 => new(ConnectSchema.Of(ConnectKind.Int64, Space + "Timestamp"), Millis),
        TimeMode.Connect => new(ConnectSchema.Of(ConnectKind.Int64, ConnectNames.Timestamp), Millis),
        TimeMode.IsoString => new(ConnectSchema.Of(ConnectKind.String, Space + "IsoTimestamp"), TimestampText(exact ? ("infinity", "-infinity") : ("+292278994-08-16T23:00:00Z", "-292275055-05-16T23:00:00Z"))),
        TimeMode.Nanoseconds => new(ConnectSchema.Of(ConnectKind.Int64, Space + "NanoTimestamp"), Nanos),
        _ => new(ConnectSchema.Of(ConnectKind.Int64, Space + "MicroTimestamp"), exact ? Micros : MicrosAsJava),
    };

    static bool Millis(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell) switch
    {
        // What Debezium makes of the driver's infinity.
        long.MaxValue => 9223372036825200000,
        long.MinValue => -9223372036832400000,
        var micros => PgTime.FloorDiv(micros, 1000) + PgTime.EpochMicros / 1000,
    });

    static bool Micros(ReadOnlySpan<byte> cell, LogBatch output) => Done(output, BinaryPrimitives.ReadInt64BigEndian(cell) switch
    {
        long.MaxValue => long.MaxValue,
        long.MinValue => long.MinValue,
        var micros => unchecked(micros + PgTime.EpochMicros),
    });

    // Seconds beyond 64 bits of microseconds stay at the end, and what is behind the second runs over it.
    static bool MicrosAsJava(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (micros is long.MaxValue or long.MinValue || micros <= long.MaxValue - PgTime.EpochMicros) return Micros(cell, output);
        return Done(output, unchecked(long.MaxValue + micros % PgTime.MicrosPerSecond));
    }

    // 64 bits of nanoseconds end in the years 1677 and 2262.
    static bool Nanos(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (micros is long.MaxValue or long.MinValue) return Done(output, micros);
        var nanos = ((Int128)micros + PgTime.EpochMicros) * 1000;
        return nanos >= long.MinValue && nanos <= long.MaxValue && Done(output, (long)nanos);
    }

    static CellWriter TimestampText((string Most, string Least) ends) => (cell, output) =>
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (micros is long.MaxValue or long.MinValue)
        {
            output.WriteString(micros > 0 ? ends.Most : ends.Least);
            return true;
        }
        var day = PgTime.FloorDiv(micros, PgTime.MicrosPerDay);
        Span<byte> text = stackalloc byte[48];
        var at = PgTime.WriteDate(day + PgTime.EpochDays, text, javaYear: true);
        text[at++] = (byte)'T';
        at += PgTime.WriteTime(micros - day * PgTime.MicrosPerDay, 6, trim: true, text[at..]);
        text[at++] = (byte)'Z';
        output.WriteBytes(text[..at]);
        return true;
    };

    static CellWriter Zoned(int digits) => (cell, output) =>
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (micros is long.MaxValue or long.MinValue)
        {
            output.WriteString(micros > 0 ? "infinity" : "-infinity");
            return true;
        }
        Span<byte> text = stackalloc byte[48];
        output.WriteBytes(text[..PgTime.WriteZoned(micros, digits, text)]);
        return true;
    };

    // A month has 30.4375 days, Debezium says.
    static bool Interval(ReadOnlySpan<byte> cell, LogBatch output) => Done(output,
        BinaryPrimitives.ReadInt64BigEndian(cell) + BinaryPrimitives.ReadInt32BigEndian(cell[8..]) * PgTime.MicrosPerDay
        + BinaryPrimitives.ReadInt32BigEndian(cell[12..]) * (304375L * PgTime.MicrosPerDay / 10000));

    static bool IntervalText(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        int days = BinaryPrimitives.ReadInt32BigEndian(cell[8..]), months = BinaryPrimitives.ReadInt32BigEndian(cell[12..]);
        var seconds = (micros % 60_000_000 / 1_000_000m).ToString("0.######", CultureInfo.InvariantCulture);
        output.WriteString(string.Create(CultureInfo.InvariantCulture,
            $"P{months / 12}Y{months % 12}M{days}DT{micros / 3_600_000_000}H{micros / 60_000_000 % 60}M{seconds}S"));
        return true;
    }

    static bool Done(LogBatch output, long value)
    {
        output.WriteLong(value);
        return true;
    }
}
