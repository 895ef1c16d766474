using System.Diagnostics.Metrics;

namespace CdcSync.Capture.Snapshot;

/// <summary>Rows, rate and time left of the snapshot being read.</summary>
sealed class SnapshotMeter(string source, TimeProvider clock)
{
    static readonly Meter Meter = new("CdcSync.Capture");
    static readonly Counter<long> Read = Meter.CreateCounter<long>("cdcsync_capture_snapshot_rows", description: "Rows read by snapshots");
    static readonly Gauge<long> Left = Meter.CreateGauge<long>("cdcsync_capture_snapshot_rows_left", description: "Rows of the table being read that are left, about");
    static readonly Gauge<double> Seconds = Meter.CreateGauge<double>("cdcsync_capture_snapshot_seconds_left", "s", "Until the table being read is done, about");
    static readonly Gauge<long> Tables = Meter.CreateGauge<long>("cdcsync_capture_snapshot_tables_left", description: "Tables that are left, the one being read included");

    // Over the last seconds, not since the beginning: a snapshot that was slow at night is not slow now.
    static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    readonly Queue<(long At, long Rows)> _recent = new();
    long _rows;

    /// <summary>So many rows more; where that leaves the table.</summary>
    public SnapshotStatus Count(string id, string table, int rows, long tableRows, long? total, int tablesLeft, bool paused)
    {
        var now = clock.GetTimestamp();
        _rows += rows;
        if (_recent.Count == 0) _recent.Enqueue((now, _rows - rows));
        _recent.Enqueue((now, _rows));
        while (_recent.Count > 2 && clock.GetElapsedTime(_recent.Peek().At, now) > Window) _recent.Dequeue();
        var (at, before) = _recent.Peek();
        var elapsed = clock.GetElapsedTime(at, now).TotalSeconds;
        var rate = elapsed > 0 && !paused ? (_rows - before) / elapsed : 0;
        TimeSpan? left = total is { } all && rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, all - tableRows) / rate) : null;
        var tags = new KeyValuePair<string, object?>("source", source);
        Read.Add(rows, tags);
        if (total is { } known) Left.Record(Math.Max(0, known - tableRows), tags);
        if (left is { } time) Seconds.Record(time.TotalSeconds, tags);
        Tables.Record(tablesLeft + 1, tags);
        return new SnapshotStatus(id, table, tableRows, total, tablesLeft, rate, left, paused);
    }

    /// <summary>Nothing is read any more.</summary>
    public void End()
    {
        var tags = new KeyValuePair<string, object?>("source", source);
        _recent.Clear();
        Left.Record(0, tags);
        Seconds.Record(0, tags);
        Tables.Record(0, tags);
    }
}
