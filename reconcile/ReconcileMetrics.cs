using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CdcSync.Reconcile;

/// <summary>What an alert needs: when a comparison last had an answer, and how many differences it left.</summary>
static class ReconcileMetrics
{
    static readonly Meter Meter = new("CdcSync.Reconcile");
    static readonly Counter<long> Runs = Meter.CreateCounter<long>("cdcsync_reconcile_runs", description: "Runs, by outcome");
    static readonly ConcurrentDictionary<string, ReconcileRun> Last = new(StringComparer.Ordinal);

    static ReconcileMetrics()
    {
        Meter.CreateObservableGauge("cdcsync_reconcile_differences",
            () => Last.Values.Select(r => new Measurement<long>(r.Left, new KeyValuePair<string, object?>("name", r.Name))), description: "Differences the last run left");
        Meter.CreateObservableGauge("cdcsync_reconcile_last_answer_seconds",
            () => Last.Values.Select(r => new Measurement<long>(r.FinishedAt.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("name", r.Name))), "s", "When a run last had an answer, Unix time");
    }

    public static void Note(ReconcileRun run)
    {
        Runs.Add(1, new("name", run.Name), new("outcome", run.Outcome.ToString()));
        if (run.Outcome != ReconcileOutcome.CouldNotCompare) Last[run.Name] = run;
    }
}
