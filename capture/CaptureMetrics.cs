using System.Diagnostics.Metrics;

namespace CdcSync.Capture;

static class CaptureMetrics
{
    static readonly Meter Meter = new("CdcSync.Capture");
    static readonly Counter<long> Changes = Meter.CreateCounter<long>("cdcsync_capture_changes", description: "Changes made durable in the log");
    static readonly Counter<long> Records = Meter.CreateCounter<long>("cdcsync_capture_records", description: "Records made durable in the log");
    static readonly Histogram<double> Latency = Meter.CreateHistogram<double>("cdcsync_capture_latency", "s", "From the source's commit to the log");

    public static void Appended(string source, int changes, int records, TimeSpan? latency)
    {
        var tag = new KeyValuePair<string, object?>("source", source);
        Changes.Add(changes, tag);
        Records.Add(records, tag);
        if (latency is { } time) Latency.Record(time.TotalSeconds, tag);
    }
}
