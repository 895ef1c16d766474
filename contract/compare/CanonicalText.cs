using System.Globalization;

namespace CdcSync.Contract.Compare;

/// <summary>The one text form of a value in which two systems' values are compared: numbers without trailing zeros, times in UTC microseconds.</summary>
public static class CanonicalText
{
    /// <summary>The text of a value; null for null. Text is compared as it is, without trailing spaces (legacy <c>char(n)</c>).</summary>
    public static string? Of(object? value) => value switch
    {
        null or DBNull => null,
        string text => text.TrimEnd(' '),
        bool flag => flag ? "true" : "false",
        decimal number => Number(number),
        double number => number is >= -1e15 and <= 1e15 ? Number((decimal)number) : number.ToString("R", CultureInfo.InvariantCulture),
        float number => Number((decimal)number),
        DateTimeOffset time => Time(time.UtcDateTime),
        DateTime time => Time(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    static string Number(decimal number) => number == 0 ? "0" : number.ToString("0.############################", CultureInfo.InvariantCulture);
    static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
