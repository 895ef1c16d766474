using System.Diagnostics.Metrics;

namespace CdcSync.EventLog;

/// <summary>What the log counts, whichever log it is.</summary>
static class LogMeter
{
    static readonly Meter Meter = new("CdcSync.EventLog");
    static readonly Counter<long> AppendedRecords = Meter.CreateCounter<long>("cdcsync_log_appended_records", description: "Records made durable");
    static readonly Counter<long> AppendedBytes = Meter.CreateCounter<long>("cdcsync_log_appended_bytes", "By", "Bytes of keys and values made durable");
    static readonly Histogram<double> AppendSeconds = Meter.CreateHistogram<double>("cdcsync_log_append_seconds", "s", "Time of one append, commit included");
    static readonly Counter<long> AppendFailures = Meter.CreateCounter<long>("cdcsync_log_append_failures", description: "Appends that failed");
    static readonly Counter<long> ReadRecords = Meter.CreateCounter<long>("cdcsync_log_read_records", description: "Records handed to readers");
    static readonly Counter<long> RemovedRecords = Meter.CreateCounter<long>("cdcsync_log_removed_records", description: "Records removed by retention or compaction");

    public static void Appended(string producer, AppendCount append)
    {
        var tag = new KeyValuePair<string, object?>("producer", producer);
        AppendedRecords.Add(append.Records, tag);
        AppendedBytes.Add(append.Bytes, tag);
        AppendSeconds.Record(append.Took.TotalSeconds, tag);
    }

    public static void AppendFailed(string producer) => AppendFailures.Add(1, new KeyValuePair<string, object?>("producer", producer));
    public static void Read(string group, int records) => ReadRecords.Add(records, new KeyValuePair<string, object?>("group", group));
    public static void Removed(string why, long records) => RemovedRecords.Add(records, new KeyValuePair<string, object?>("why", why));
}

/// <summary>What an append holds, over all its parts, and how long the log took over them.</summary>
readonly record struct AppendCount(long Records, long Bytes, TimeSpan Took)
{
    public AppendCount With(LogBatch part, TimeSpan took) => new(Records + part.Count, Bytes + part.Bytes, Took + took);
}
