using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>
/// Debezium's structs for dates, times and intervals (<c>time.precision.mode=structured</c>): the fields of the calendar, and words for infinity. Every field is
/// optional, so that each is written behind its union's index.
/// </summary>
static class StructuredTimes
{
    public static readonly ConnectSchema Date = Of("Date", "year month day specialValue"), Time = Of("Time", "hour minute second nanos precision"),
        ZonedTime = Of("ZonedTime", "hour minute second nanos offsetSeconds precision"),
        Timestamp = Of("Timestamp", "year month day hour minute second nanos specialValue precision"),
        ZonedTimestamp = Of("ZonedTimestamp", "year month day hour minute second nanos offsetSeconds zoneId specialValue precision"),
        Duration = Of("Duration", "years months days hours minutes seconds nanos precision");

    static ConnectSchema Of(string name, string fields) =>
        ConnectSchema.Struct($"io.debezium.time.Structured{name}", 1, [.. fields.Split(' ').Select(f => new ConnectField(f, ConnectSchema.Of(KindOf(f)).AsOptional()))]);

    static ConnectKind KindOf(string field) => field switch
    {
        "month" or "day" or "hour" or "minute" or "second" => ConnectKind.Int8,
        "seconds" => ConnectKind.Int64,
        "zoneId" or "specialValue" => ConnectKind.String,
        _ => ConnectKind.Int32,
    };

    /// <summary>Writes fields that are numbers.</summary>
    public static void Numbers(LogBatch output, params ReadOnlySpan<long> values)
    {
        foreach (var value in values)
        {
            output.WriteLong(1);
            output.WriteLong(value);
        }
    }

    /// <summary>Writes so many fields without a value.</summary>
    public static void Nothing(LogBatch output, int count)
    {
        for (; count > 0; count--) output.WriteLong(0);
    }

    /// <summary>Writes a field that is text.</summary>
    public static void Word(LogBatch output, string text)
    {
        output.WriteLong(1);
        output.WriteString(text);
    }
}
