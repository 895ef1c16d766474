using CdcSync.Reconcile.Reporting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Reconcile.Scheduling;

/// <summary>
/// Runs a comparison when it is due. What is due stands in the store: of several processes one runs it, and a run that nobody was there for is made up for at start.
/// </summary>
public sealed class ScheduledReconciliation(ReconcileSettings settings, Func<CancellationToken, Task<ReconcileRun>> run, NpgsqlDataSource store, TimeProvider clock, ILogger logger)
{
    static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    readonly Schedule _schedule = new(settings.Schedule ?? throw new ArgumentException($"{settings.Name} has no schedule", nameof(settings)), settings.TimeZone);

    /// <summary>Runs until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await new RunHistory(store).PrepareAsync(stop);
        var due = await BeginAsync(stop);
        while (true)
        {
            Log.Due(logger, settings.Name, due);
            // In steps: a machine that slept, or whose clock was set, notices within a minute.
            while (due - clock.GetUtcNow() is { Ticks: > 0 } left) await Task.Delay(left < LongestSleep ? left : LongestSleep, clock, stop);
            var next = NextAfter(clock.GetUtcNow());
            if (await ClaimAsync(due, next, stop)) await OnceAsync(stop);
            due = await DueAsync(stop) ?? next;
        }
    }

    async Task<DateTimeOffset> BeginAsync(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var next = NextAfter(now);
        if (await DueAsync(stop) is not { } stored || (stored < now && !settings.MakeUp) || stored > next)
        {
            // First time, a missed run that nobody wants, or the schedule was changed to an earlier time.
            await SetAsync(next, stop);
            return next;
        }
        if (stored < now) Log.Missed(logger, settings.Name, stored);
        return stored;
    }

    async Task OnceAsync(CancellationToken stop)
    {
        try
        {
            await run(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            // The loop's edge: one failed run must not end the schedule.
            Log.ScheduledRunFailed(logger, failure, settings.Name, failure.Message);
        }
    }

    DateTimeOffset NextAfter(DateTimeOffset time) => _schedule.NextAfter(time) ?? DateTimeOffset.MaxValue.AddDays(-1);

    async Task<DateTimeOffset?> DueAsync(CancellationToken stop)
    {
        await using var command = store.CreateCommand("select due from reconcile.schedule where name = $1");
        command.Parameters.Add(new() { Value = settings.Name });
        return await command.ExecuteScalarAsync(stop) is DateTime due ? new DateTimeOffset(due) : null;
    }

    async Task SetAsync(DateTimeOffset due, CancellationToken stop)
    {
        await using var command = store.CreateCommand("insert into reconcile.schedule(name, due) values ($1, $2) on conflict (name) do update set due = excluded.due");
        command.Parameters.Add(new() { Value = settings.Name });
        command.Parameters.Add(new() { Value = due });
        await command.ExecuteNonQueryAsync(stop);
    }

    async Task<bool> ClaimAsync(DateTimeOffset due, DateTimeOffset next, CancellationToken stop)
    {
        await using var command = store.CreateCommand("update reconcile.schedule set due = $3 where name = $1 and due = $2");
        command.Parameters.Add(new() { Value = settings.Name });
        command.Parameters.Add(new() { Value = due });
        command.Parameters.Add(new() { Value = next });
        return await command.ExecuteNonQueryAsync(stop) == 1;
    }
}
