using System.Buffers;
using System.Globalization;
using System.Numerics;
using CdcSync.Contract.Avro;

namespace CdcSync.Capture.Debezium;

/// <summary>Values as ADO.NET gives them to the Avro form of Debezium's. Providers differ in what they give for a type: what means the same is taken.</summary>
static class PlainValues
{
    public const int EpochDay = 719162;
    const NumberStyles Digits = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
    static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Writes a value.</summary>
    /// <exception cref="Exception">FormatException, InvalidCastException or OverflowException: the type cannot say it; nothing usable was written.</exception>
    public static void Write(PlainType type, object value, IBufferWriter<byte> output)
    {
        switch (type.Kind)
        {
            case PlainKind.Boolean:
                output.WriteBoolean(value is string text ? text.Trim() is "1" or "t" or "true" or "Y" or "T" : Convert.ToBoolean(value, Culture));
                break;
            case PlainKind.Int16 or PlainKind.Int32 or PlainKind.Int64:
                output.WriteLong(Whole(type.Kind, value));
                break;
            case PlainKind.Single:
                output.WriteFloat(Convert.ToSingle(value, Culture));
                break;
            case PlainKind.Double:
                output.WriteDouble(Convert.ToDouble(value, Culture));
                break;
            case PlainKind.Decimal:
                output.WriteBytes(Unscaled(value, type.Scale, type.Precision).ToByteArray(isBigEndian: true));
                break;
            case PlainKind.AnyDecimal:
                WriteAnyDecimal(value, output);
                break;
            case PlainKind.Bytes:
                output.WriteBytes((byte[])value);
                break;
            case PlainKind.Uuid:
                output.WriteString(value is Guid id ? id.ToString("D") : Guid.Parse(Text(value)).ToString("D"));
                break;
            case PlainKind.Date:
                output.WriteLong(Day(value) - EpochDay);
                break;
            case PlainKind.Time:
                output.WriteLong(TimeOfDay(value) / TimeSpan.TicksPerMicrosecond);
                break;
            case PlainKind.Timestamp:
                output.WriteLong(FloorMicros((value as DateTime? ?? DateTime.Parse(Text(value), Culture)).Ticks - DateTime.UnixEpoch.Ticks));
                break;
            case PlainKind.ZonedTimestamp:
                output.WriteString(Zoned(value));
                break;
            default:
                output.WriteString(Text(value));
                break;
        }
    }

    /// <summary>A value as text, whatever it is.</summary>
    public static string Text(object value) => value switch
    {
        string text => text,
        byte[] bytes => Convert.ToHexString(bytes),
        IFormattable other => other.ToString(null, Culture),
        _ => value.ToString() ?? "",
    };

    // A database that does not hold a column to its type (SQLite) may give more than the schema says.
    static long Whole(PlainKind kind, object value)
    {
        var number = Convert.ToInt64(value, Culture);
        return kind == PlainKind.Int16 ? (short)Checked(number, short.MinValue, short.MaxValue) : kind == PlainKind.Int32 ? Checked(number, int.MinValue, int.MaxValue) : number;
    }

    static long Checked(long number, long least, long most) => number >= least && number <= most ? number : throw new OverflowException();

    static void WriteAnyDecimal(object value, IBufferWriter<byte> output)
    {
        var (number, scale) = Parse(Text(value));
        while (scale > 0 && number % 10 == 0) (number, scale) = (number / 10, scale - 1);
        output.WriteLong(scale);
        output.WriteBytes(number.ToByteArray(isBigEndian: true));
    }

    static BigInteger Unscaled(object value, int scale, int precision)
    {
        var (number, given) = Parse(Text(value));
        for (; given < scale; given++) number *= 10;
        for (; given > scale; given--) number = BigInteger.DivRem(number, 10, out var rest) is var quotient && rest.IsZero ? quotient : throw new OverflowException();
        return BigInteger.Abs(number) < BigInteger.Pow(10, precision) ? number : throw new OverflowException();
    }

    static (BigInteger Number, int Scale) Parse(string text)
    {
        if (text.AsSpan().ContainsAny('e', 'E')) text = decimal.Parse(text, Digits, Culture).ToString(Culture);
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? (BigInteger.Parse(text, NumberStyles.AllowLeadingSign, Culture), 0)
            : (BigInteger.Parse(text.Remove(point, 1), NumberStyles.AllowLeadingSign, Culture), text.Length - point - 1);
    }

    static int Day(object value) => value switch
    {
        DateOnly date => date.DayNumber,
        DateTime time => DateOnly.FromDateTime(time).DayNumber,
        _ => DateOnly.Parse(Text(value), Culture).DayNumber,
    };

    static long TimeOfDay(object value) => value switch
    {
        TimeOnly time => time.Ticks,
        TimeSpan span => span.Ticks,
        DateTime time => time.TimeOfDay.Ticks,
        _ => TimeOnly.Parse(Text(value), Culture).Ticks,
    };

    static long FloorMicros(long ticks) => ticks / 10 - (ticks % 10 < 0 ? 1 : 0);

    static string Zoned(object value)
    {
        var time = value switch
        {
            DateTimeOffset given => given,
            DateTime given => new DateTimeOffset(DateTime.SpecifyKind(given, DateTimeKind.Utc)),
            _ => DateTimeOffset.Parse(Text(value), Culture, DateTimeStyles.AssumeUniversal),
        };
        var clock = time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", Culture);
        return time.Offset == TimeSpan.Zero ? clock + "Z" : clock + time.ToString("zzz", Culture);
    }
}
