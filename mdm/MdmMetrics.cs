using System.Diagnostics.Metrics;
using CdcSync.Mdm.Resolution;

namespace CdcSync.Mdm;

/// <summary>What golden records count.</summary>
static class MdmMetrics
{
    static readonly Meter Meter = new("CdcSync.Mdm");
    static readonly Counter<long> Records = Meter.CreateCounter<long>("cdcsync_mdm_records", description: "Canonical records resolved");
    static readonly Counter<long> Stale = Meter.CreateCounter<long>("cdcsync_mdm_stale_records", description: "Canonical records older than what was stored");
    static readonly Counter<long> Golden = Meter.CreateCounter<long>("cdcsync_mdm_golden_changes", description: "Golden records written or dropped");
    static readonly Counter<long> Moves = Meter.CreateCounter<long>("cdcsync_mdm_moves", description: "Records that came to another golden record, new ones included");
    static readonly Counter<long> Letters = Meter.CreateCounter<long>("cdcsync_mdm_published", description: "Records appended to golden and xref topics");
    static readonly Counter<long> Failures = Meter.CreateCounter<long>("cdcsync_mdm_failures", description: "Times the log or the store failed and was tried again");
    static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>("cdcsync_mdm_batch_seconds", "s", "Time to resolve a batch, durable");

    public static void Resolved(Outcome outcome, TimeSpan took)
    {
        Records.Add(outcome.Applied);
        Stale.Add(outcome.Stale);
        Golden.Add(outcome.Golden);
        Moves.Add(outcome.Moved);
        Seconds.Record(took.TotalSeconds);
    }

    public static void Published(int count) => Letters.Add(count);

    public static void Failed() => Failures.Add(1);
}
