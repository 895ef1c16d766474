using System.Diagnostics.Metrics;

namespace CdcSync.Reconcile;

/// <summary>What an alert needs: when a comparison last had an answer, and how many differences it left.</summary>
static class ReconcileMetrics
{
    static readonly Meter Meter = new("CdcSync.Reconcile");
    static readonly Counter<long> Runs = Meter.CreateCounter<long>("cdcsync_reconcile_runs", description: "Runs, by outcome");
    static readonly Gauge<long> Differences = Meter.CreateGauge<long>("cdcsync_reconcile_differences", description: "Differences the last run left");
    static readonly Gauge<long> LastAnswer = Meter.CreateGauge<long>("cdcsync_reconcile_last_answer_seconds", "s", "When a run last had an answer, Unix time");

    public static void Note(ReconcileRun run)
    {
        var name = new KeyValuePair<string, object?>("name", run.Name);
        Runs.Add(1, name, new("outcome", run.Outcome.ToString()));
        if (run.Outcome == ReconcileOutcome.CouldNotCompare) return;
        Differences.Record(run.Left, name);
        LastAnswer.Record(run.FinishedAt.ToUnixTimeSeconds(), name);
    }
}
