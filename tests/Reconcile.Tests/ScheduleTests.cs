using CdcSync.Contract.Settings;
using CdcSync.Reconcile.Reporting;
using CdcSync.Reconcile.Scheduling;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Reconcile.Tests;

public sealed class ScheduleTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0 5 * * *", "UTC", "2026-03-01T05:00:00Z", "2026-03-02T05:00:00Z")]
    [InlineData("0 5 * * 1-5", "UTC", "2026-03-06T05:00:00Z", "2026-03-09T05:00:00Z")]
    [InlineData("0 5 * * 0", "UTC", "2026-03-06T05:00:00Z", "2026-03-08T05:00:00Z")]
    [InlineData("0 5 * * *", "Europe/Berlin", "2026-03-28T04:00:00Z", "2026-03-29T03:00:00Z")]
    [InlineData("*/20 * * * * ?", "UTC", "2026-03-01T05:00:05Z", "2026-03-01T05:00:20Z")]
    public void The_next_time_is_right(string cron, string zone, string after, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected), new Schedule(cron, zone).NextAfter(DateTimeOffset.Parse(after)));

    [Theory]
    [InlineData("every morning", "UTC")]
    [InlineData("61 5 * * *", "UTC")]
    [InlineData("0 5 30 2 *", "UTC")]
    [InlineData("0 5 * * *", "Mars/Olympus")]
    public void What_is_no_schedule_says_so(string cron, string zone) => Assert.Throws<SettingsException>(() => new Schedule(cron, zone));

    [Fact]
    public async Task A_missed_run_is_made_up_for_once_by_one_of_two_processes()
    {
        await using var store = await StoreAsync("now() - interval '1 hour'");
        var runs = 0;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var loops = Enumerable.Range(0, 2).Select(_ => Loop(store, () => Interlocked.Increment(ref runs), true).RunAsync(ending.Token)).ToList();

        while (Volatile.Read(ref runs) == 0) await Task.Delay(20, Stop);
        await Task.Delay(300, Stop);
        await ending.CancelAsync();

        foreach (var loop in loops) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_missed_run_that_nobody_wants_is_left_out()
    {
        await using var store = await StoreAsync("now() - interval '1 hour'");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var runs = 0;
        var loop = Loop(store, () => runs++, false).RunAsync(ending.Token);
        await using var due = store.CreateCommand("select due > now() from reconcile.schedule");
        while (await due.ExecuteScalarAsync(Stop) is false) await Task.Delay(20, Stop);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
        Assert.Equal(0, runs);
    }

    async Task<NpgsqlDataSource> StoreAsync(string due)
    {
        var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("schedule"));
        await new RunHistory(store).PrepareAsync(Stop);
        await using var set = store.CreateCommand($"insert into reconcile.schedule values ('nightly', {due})");
        await set.ExecuteNonQueryAsync(Stop);
        return store;
    }

    static ScheduledReconciliation Loop(NpgsqlDataSource store, Action ran, bool makeUp) => new(
        new ReconcileSettings { Name = "nightly", Object = "item", Sink = "shop", Schedule = "0 5 1 1 *", MakeUp = makeUp },
        _ =>
        {
            ran();
            return Task.FromResult(new ReconcileRun { Name = "nightly", Object = "item", Source = "a", Target = "b", StartedAt = DateTimeOffset.UnixEpoch });
        }, store, TimeProvider.System, NullLogger.Instance);
}
