using System.Diagnostics.Metrics;
using CdcSync.Host.Run;

namespace CdcSync.Host.Tests;

public class PrometheusMetricsTests
{
    [Fact]
    public void Counters_gauges_and_histograms_are_written_as_prometheus_reads_them()
    {
        using var metrics = new PrometheusMetrics();
        using var meter = new Meter("CdcSync.Test");
        var counter = meter.CreateCounter<long>("cdcsync_test_changes", description: "Changes");
        counter.Add(2, new KeyValuePair<string, object?>("source", "a\"b"));
        counter.Add(3, new KeyValuePair<string, object?>("source", "a\"b"));
        meter.CreateObservableGauge("cdcsync_test_lag", () => 1.5);
        meter.CreateHistogram<double>("cdcsync_test_seconds").Record(0.02);
        var page = metrics.Write();
        Assert.Contains("# HELP cdcsync_test_changes_total Changes\n# TYPE cdcsync_test_changes_total counter\ncdcsync_test_changes_total{source=\"a\\\"b\"} 5\n", page, StringComparison.Ordinal);
        Assert.Contains("cdcsync_test_lag 1.5\n", page, StringComparison.Ordinal);
        Assert.Contains("cdcsync_test_seconds_bucket{le=\"0.01\"} 0\ncdcsync_test_seconds_bucket{le=\"0.025\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("cdcsync_test_seconds_count 1\n", page, StringComparison.Ordinal);
    }
}
