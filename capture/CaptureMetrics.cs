using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CdcSync.Capture;

static class CaptureMetrics
{
    static readonly Meter Meter = new("CdcSync.Capture");
    static readonly Counter<long> Changes = Meter.CreateCounter<long>("cdcsync_capture_changes", description: "Changes made durable in the log");
    static readonly Counter<long> Records = Meter.CreateCounter<long>("cdcsync_capture_records", description: "Records made durable in the log");
    static readonly Histogram<double> Latency = Meter.CreateHistogram<double>("cdcsync_capture_latency", "s", "From the source's commit to the log");

    static readonly Counter<long> SchemaChanges = Meter.CreateCounter<long>("cdcsync_capture_schema_changes", description: "Changes of a captured table's columns, types, key or identity");
    static readonly Gauge<double> Retention = Meter.CreateGauge<double>("cdcsync_capture_retention_left", "s", "Until the source forgets changes that were not read, as things go now");
    static readonly Gauge<long> SlotHeld = Meter.CreateGauge<long>("cdcsync_capture_slot_held_bytes", description: "Log that the source keeps for us");
    static readonly Gauge<long> SlotRoom = Meter.CreateGauge<long>("cdcsync_capture_slot_room_bytes", description: "Log that the source can keep for us beyond that");
    static readonly Gauge<double> SlotGrows = Meter.CreateGauge<double>("cdcsync_capture_slot_growth_bytes", description: "How much more the source keeps for us each second");
    static readonly Gauge<int> Waits = Meter.CreateGauge<int>("cdcsync_capture_paused", description: "1 while a source waits because somebody wants it to, or one of its tables does");
    static readonly Gauge<long> HeldRecords = Meter.CreateGauge<long>("cdcsync_capture_held_records", description: "Records of a table that waits");
    static readonly Counter<double> Waited = Meter.CreateCounter<double>("cdcsync_capture_snapshot_waited_seconds", description: "Time that snapshots' readers waited, and what for: rows, bytes or replication_lag of the load budget");
    static readonly ConcurrentDictionary<(string Source, string Mapping), bool> Mappings = new();

    static CaptureMetrics() => Meter.CreateObservableGauge("cdcsync_capture_mapping_stopped", static () => Mappings.Select(m => new Measurement<int>(m.Value ? 1 : 0,
        new KeyValuePair<string, object?>("source", m.Key.Source), new KeyValuePair<string, object?>("mapping", m.Key.Mapping))), description: "1 while a mapping stands still, alone");

    public static void Paused(string source, string? table, bool waits) =>
        Waits.Record(waits ? 1 : 0, new KeyValuePair<string, object?>("source", source), new KeyValuePair<string, object?>("table", table ?? "*"));

    public static void Held(string source, string table, long records) =>
        HeldRecords.Record(records, new KeyValuePair<string, object?>("source", source), new KeyValuePair<string, object?>("table", table));

    public static void MappingStopped(string source, string mapping, bool stopped) => Mappings[(source, mapping)] = stopped;

    public static void SchemaChanged(string source, string table) =>
        SchemaChanges.Add(1, new KeyValuePair<string, object?>("source", source), new KeyValuePair<string, object?>("table", table));

    public static void RetentionLeft(string source, string database, TimeSpan left) =>
        Retention.Record(left.TotalSeconds, new KeyValuePair<string, object?>("source", source), new KeyValuePair<string, object?>("database", database));

    public static void SlotHolds(string source, long held, long room, double grows)
    {
        var tag = new KeyValuePair<string, object?>("source", source);
        SlotHeld.Record(held, tag);
        SlotRoom.Record(room, tag);
        SlotGrows.Record(grows, tag);
    }

    public static void SnapshotWaited(string source, string reason, TimeSpan time) =>
        Waited.Add(time.TotalSeconds, new KeyValuePair<string, object?>("source", source), new KeyValuePair<string, object?>("reason", reason));

    public static void Appended(string source, int changes, int records, TimeSpan? latency)
    {
        var tag = new KeyValuePair<string, object?>("source", source);
        Changes.Add(changes, tag);
        Records.Add(records, tag);
        if (latency is { } time) Latency.Record(time.TotalSeconds, tag);
    }
}
