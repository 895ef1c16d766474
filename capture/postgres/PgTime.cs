using System.Buffers.Text;

namespace CdcSync.Capture.Postgres;

/// <summary>PostgreSQL counts time from 2000-01-01; everybody else from 1970.</summary>
static class PgTime
{
    public const int EpochDays = 10957;
    public const long EpochMicros = EpochDays * MicrosPerDay;
    public const long MicrosPerDay = 86_400_000_000;
    public const long MicrosPerSecond = 1_000_000;

    /// <summary>Civil date from days since 1970 (Howard Hinnant's algorithm), for years .NET's DateTime does not have too.</summary>
    public static (long Year, int Month, int Day) Civil(long days)
    {
        days += 719468;
        var era = Math.DivRem(days, 146097, out var day);
        if (day < 0) (era, day) = (era - 1, day + 146097);
        var year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
        var dayOfYear = day - (365 * year + year / 4 - year / 100);
        var month = (5 * dayOfYear + 2) / 153;
        var civilMonth = (int)(month < 10 ? month + 3 : month - 9);
        return (year + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, (int)(dayOfYear - (153 * month + 2) / 5 + 1));
    }

    /// <summary>
    /// <c>2026-06-30T06:30:00.123456Z</c> as Debezium writes it: UTC, as many digits behind the second as the column has. Years beyond four digits with a sign, as Java does.
    /// </summary>
    public static int WriteZoned(long micros, int digits, Span<byte> output)
    {
        var at = WriteDate(FloorDiv(micros, MicrosPerDay) + EpochDays, output, javaYear: true);
        output[at++] = (byte)'T';
        at += WriteTime(micros - FloorDiv(micros, MicrosPerDay) * MicrosPerDay, digits, trim: false, output[at..]);
        output[at++] = (byte)'Z';
        return at;
    }

    /// <summary>yyyy-mm-dd. Java's form counts year 0 as 1 BC and signs long years; PostgreSQL's has positive years and " BC" at the end of the whole text.</summary>
    public static int WriteDate(long unixDays, Span<byte> output, bool javaYear)
    {
        var (year, month, day) = Civil(unixDays);
        var at = 0;
        if (javaYear && year < 0) output[at++] = (byte)'-';
        if (javaYear && year > 9999) output[at++] = (byte)'+';
        var shown = javaYear ? Math.Abs(year) : year > 0 ? year : 1 - year;
        Utf8Formatter.TryFormat(shown, output[at..], out var written, new System.Buffers.StandardFormat('D', shown > 9999 ? (byte)0 : (byte)4));
        at += written;
        output[at++] = (byte)'-';
        Two(output[at..], month);
        output[at + 2] = (byte)'-';
        Two(output[(at + 3)..], day);
        return at + 5;
    }

    /// <summary>hh:mm:ss with a fraction of exactly <paramref name="digits"/> digits, or, trimmed, as few as needed.</summary>
    public static int WriteTime(long micros, int digits, bool trim, Span<byte> output)
    {
        var seconds = micros / MicrosPerSecond;
        Two(output, (int)(seconds / 3600));
        output[2] = (byte)':';
        Two(output[3..], (int)(seconds / 60 % 60));
        output[5] = (byte)':';
        Two(output[6..], (int)(seconds % 60));
        var fraction = (int)(micros % MicrosPerSecond);
        if (trim)
        {
            digits = fraction == 0 ? 0 : 6;
            for (var rest = fraction; digits > 0 && rest % 10 == 0; rest /= 10) digits--;
        }
        if (digits == 0) return 8;
        output[8] = (byte)'.';
        var divisor = 100_000;
        for (var i = 0; i < digits; i++, divisor /= 10) output[9 + i] = (byte)('0' + fraction / divisor % 10);
        return 9 + digits;
    }

    public static long FloorDiv(long value, long divisor) => Math.DivRem(value, divisor, out var rest) is var quotient && rest < 0 ? quotient - 1 : quotient;

    static void Two(Span<byte> output, int value)
    {
        output[0] = (byte)('0' + value / 10 % 10);
        output[1] = (byte)('0' + value % 10);
    }
}
