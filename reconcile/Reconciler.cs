using CdcSync.Contract.Compare;
using CdcSync.Reconcile.Compare;
using CdcSync.Reconcile.Explain;
using CdcSync.Reconcile.Repairing;
using CdcSync.Reconcile.Reporting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Reconcile;

/// <summary>Compares both ends of one object's way: merge, read again, explain, repair, report. One run of a name at a time, over all processes of a store.</summary>
public sealed class Reconciler(ReconcileSettings settings, Ends ends, NpgsqlDataSource store, TimeProvider clock, ILogger logger)
{
    readonly FieldComparison _fields = new(settings.Tolerances, settings.Ignore);
    readonly RunHistory _history = new(store);

    /// <summary>One run.</summary>
    /// <param name="repair">What to do about differences; null to report only.</param>
    /// <param name="stop">Ends it; nothing is recorded then.</param>
    public async Task<ReconcileRun> RunAsync(RepairRequest? repair, CancellationToken stop)
    {
        await _history.PrepareAsync(stop);
        await using var turn = await RunTurn.TryTakeAsync(store, settings.Name, stop);
        var run = Begin();
        if (turn is null) return Finish(run with { Outcome = ReconcileOutcome.CouldNotCompare, Message = $"Another run of {settings.Name} is going on; try again when it has ended" });
        Log.Started(logger, settings.Name, ends.Source.Name, ends.Target.Name);
        run = await AnswerAsync(run, repair, stop);
        run = await _history.AddAsync(run, stop);
        run = run with { Reports = await new ReportFiles(settings.Reports).WriteAsync(run, stop) };
        await _history.NoteReportsAsync(run, stop);
        await ForgetOldAsync(stop);
        return Finish(run);
    }

    async Task<ReconcileRun> AnswerAsync(ReconcileRun run, RepairRequest? repair, CancellationToken stop)
    {
        try
        {
            run = await CompareAsync(run, stop);
            if (repair is not null && run.Differences.Count > 0) run = await RepairAsync(run, repair, stop);
            return run with { Outcome = run.Left == 0 ? ReconcileOutcome.Agree : ReconcileOutcome.Differences, FinishedAt = clock.GetUtcNow() };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            // Whatever keeps a side from being read, the answer is the same, and the history shows it.
            Log.CouldNotCompare(logger, failure, settings.Name, failure.Message);
            return run with { Outcome = ReconcileOutcome.CouldNotCompare, Message = failure.Message, FinishedAt = clock.GetUtcNow() };
        }
    }

    async Task<ReconcileRun> CompareAsync(ReconcileRun run, CancellationToken stop)
    {
        var counts = new MergeCounts();
        var suspects = new List<Suspect>();
        var unexamined = 0L;
        await foreach (var suspect in Merge.DifferencesAsync(ends.Source, ends.Target, null, _fields, counts, stop))
            if (suspects.Count < settings.MaxDifferences) suspects.Add(suspect);
            else unexamined++;
        var rereading = new Rereading(ends, _fields, settings, clock);
        var confirmed = await rereading.ConfirmAsync(suspects, stop);
        var differences = await new Causes(ends, _fields).ExplainAsync(confirmed, Math.Min(counts.Source, counts.Target), stop);
        return run with
        {
            SourceRecords = counts.Source, TargetRecords = counts.Target, Equal = counts.Equal, WithinTolerance = counts.WithinTolerance + rereading.WithinTolerance,
            Settled = rereading.Counts.Settled, Moving = rereading.Counts.Moving, Unexamined = unexamined, Differences = differences,
        };
    }

    async Task<ReconcileRun> RepairAsync(ReconcileRun run, RepairRequest request, CancellationToken stop)
    {
        var work = new RepairWork(settings, ends, new Rereading(ends, _fields, settings, clock), _fields);
        if (work.Refusal(run, request) is { } refusal)
        {
            Log.RepairRefused(logger, settings.Name, run.Differences.Count);
            return run with { Message = refusal, Differences = [.. run.Differences.Select(d => d with { Repair = "not repaired: too many differences" })] };
        }
        return run with { Differences = await work.RunAsync(run.Differences, request.DryRun, stop) };
    }

    ReconcileRun Begin() => new()
    {
        Name = settings.Name, Object = settings.Object, Source = ends.Source.Name, Target = ends.Target.Name, StartedAt = clock.GetUtcNow(), FinishedAt = clock.GetUtcNow(),
    };

    ReconcileRun Finish(ReconcileRun run)
    {
        ReconcileMetrics.Note(run);
        Log.Finished(logger, run.Name, run.Outcome, run.SourceRecords, run.TargetRecords, run.Left);
        return run;
    }

    async Task ForgetOldAsync(CancellationToken stop)
    {
        foreach (var file in await _history.ForgetAsync(settings.Name, clock.GetUtcNow() - settings.Keep, stop)) File.Delete(file);
    }
}
