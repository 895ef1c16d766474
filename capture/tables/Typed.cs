using System.Globalization;

namespace CdcSync.Capture.Tables;

/// <summary>Values of keys and high-water columns as text that a bookmark can hold, with their type: as parameters they must come back as they were.</summary>
static class Typed
{
    public static string Write(object value) => value switch
    {
        string text => $"s:{text}",
        byte or short or int or long => string.Create(CultureInfo.InvariantCulture, $"l:{Convert.ToInt64(value, CultureInfo.InvariantCulture)}"),
        decimal number => string.Create(CultureInfo.InvariantCulture, $"n:{number}"),
        double number => string.Create(CultureInfo.InvariantCulture, $"f:{number:R}"),
        DateTime time => string.Create(CultureInfo.InvariantCulture, $"t:{(int)time.Kind}:{time.Ticks}"),
        DateTimeOffset time => string.Create(CultureInfo.InvariantCulture, $"o:{time:O}"),
        DateOnly date => string.Create(CultureInfo.InvariantCulture, $"d:{date:O}"),
        TimeOnly time => string.Create(CultureInfo.InvariantCulture, $"i:{time:O}"),
        TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"p:{time.Ticks}"),
        Guid id => $"g:{id:n}",
        bool flag => flag ? "b:1" : "b:0",
        byte[] bytes => $"x:{Convert.ToHexString(bytes)}",
        _ => throw new SourceException($"A key or high-water column has values of type {value.GetType().Name}, which cannot be remembered; choose another with 'key' or 'column'"),
    };

    public static object Read(string text)
    {
        var body = text[2..];
        var culture = CultureInfo.InvariantCulture;
        return text[0] switch
        {
            's' => body,
            'l' => long.Parse(body, culture),
            'n' => decimal.Parse(body, culture),
            'f' => double.Parse(body, culture),
            't' => new DateTime(long.Parse(body.AsSpan(2), culture), (DateTimeKind)(body[0] - '0')),
            'o' => DateTimeOffset.ParseExact(body, "O", culture),
            'd' => DateOnly.ParseExact(body, "O", culture),
            'i' => TimeOnly.ParseExact(body, "O", culture),
            'p' => new TimeSpan(long.Parse(body, culture)),
            'g' => Guid.ParseExact(body, "n"),
            'b' => body == "1",
            'x' => Convert.FromHexString(body),
            _ => throw new FormatException($"'{text}' is no remembered value"),
        };
    }

    /// <summary>The order of two values of one column.</summary>
    public static int Compare(object left, object right) => (left, right) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b),
        (string a, string b) => string.CompareOrdinal(a, b),
        _ when left.GetType() == right.GetType() => ((IComparable)left).CompareTo(right),
        _ => Convert.ToDecimal(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDecimal(right, CultureInfo.InvariantCulture)),
    };
}
