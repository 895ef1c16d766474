using CdcSync.Capture.Care;
using CdcSync.Capture.Postgres;
using CdcSync.Demo;
using CdcSync.EventLog;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>What the slot keeps back, and what is said of it before it is lost.</summary>
public class SlotWatchTests(TestPostgres postgres)
{
    static readonly RetentionSettings Quick = new() { Interval = TimeSpan.FromMilliseconds(200) };

    [Fact]
    public async Task A_log_that_refuses_everything_raises_warning_and_error_before_the_source_gives_up_and_it_is_said_once_that_all_is_well()
    {
        await using var server = await PrivatePostgres.StartAsync(TestContext.Current.CancellationToken, "max_slot_wal_keep_size=256MB", "checkpoint_timeout=30s", "max_wal_size=64MB", "min_wal_size=32MB");
        var connection = await server.CreateDatabaseAsync("stuck", TestContext.Current.CancellationToken);
        await TestPostgres.ExecuteAsync(connection, "create table a(id int primary key, t text); alter table a alter t set storage external");
        await using var captured = new Captured(connection) { Said = { Least = Microsoft.Extensions.Logging.LogLevel.Information } };
        captured.Settings = captured.Settings with { Retention = Quick with { WarnBefore = TimeSpan.FromSeconds(60), AlarmBefore = TimeSpan.FromSeconds(20) } };
        captured.Start();
        await captured.CaughtUpAsync();
        captured.Log.BeforeAppend = _ => throw new EventLogException("the store is full");
        await using var watch = new SlotWatch(captured.Settings, captured.Said, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watching = watch.RunAsync(end.Token);
        var written = 0;
        try
        {
            // Some 4 MB at a time; until it is urgent, not until it is lost.
            for (; written < 60 && !Says(captured, "Act now"); written++)
            {
                await captured.ExecuteAsync($"insert into a select g + {written * 1000}, repeat(md5(g::text), 125) from generate_series(1, 1000) g");
                await Task.Delay(250, TestContext.Current.CancellationToken);
            }
            Assert.True(Says(captured, "Act now"), string.Join("\n", captured.Said.Lines));
            Assert.Contains(captured.Said.Lines, l => l.Contains("keeps", StringComparison.Ordinal) && l.Contains("comes to an end", StringComparison.Ordinal) && l.Contains("max_slot_wal_keep_size", StringComparison.Ordinal));
            Assert.Contains(await captured.ScalarAsync<string>($"select wal_status from pg_replication_slots where slot_name = '{captured.Settings.SlotName}'"), (string[])["reserved", "extended"]);
            captured.Log.BeforeAppend = null;
            await captured.CaughtUpAsync();
            for (var waited = 0; !Says(captured, "is well again"); waited++)
            {
                Assert.True(waited < 300, $"{watch.Latest}; {string.Join("\n", captured.Said.Lines)}");
                if (waited % 10 == 0) await captured.ExecuteAsync($"checkpoint; insert into a values ({-waited - 1}, '')");
                await Task.Delay(200, TestContext.Current.CancellationToken);
            }
            Assert.Equal(written * 1000, captured.Log.Records.Count(r => r.Topic == "t.public.a") - await captured.ScalarAsync<long>("select count(*) from a where id < 0"));
            Assert.Equal(1, captured.Said.Lines.Count(l => l.Contains("is well again", StringComparison.Ordinal)));
            Assert.InRange(captured.Said.Lines.Count(l => l.Contains("Act now", StringComparison.Ordinal)), 1, 2);
        }
        finally
        {
            await end.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    [Fact]
    public async Task An_idle_database_beside_a_busy_one_is_kept_well_by_heartbeats_and_without_them_the_forecast_sees_it_fall_back()
    {
        var neighbour = await postgres.NewDatabaseAsync("busy");
        await TestPostgres.ExecuteAsync(neighbour, "create table n(t text)");
        await using var beating = await Captured.NewAsync(postgres, "create table a(id int primary key)");
        await using var silent = await Captured.NewAsync(postgres, "create table a(id int primary key)");
        beating.Settings = beating.Settings with { Retention = Quick with { Interval = TimeSpan.FromSeconds(1) } };
        silent.Settings = silent.Settings with { Retention = Quick with { Interval = TimeSpan.FromSeconds(1) }, HeartbeatInterval = TimeSpan.FromHours(1) };
        beating.Start();
        await beating.CaughtUpAsync();
        silent.Start();
        await silent.UntilReadAsync();
        await using var first = new SlotWatch(beating.Settings, beating.Said, TimeProvider.System);
        await using var second = new SlotWatch(silent.Settings, silent.Said, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watching = Task.WhenAll(first.RunAsync(end.Token), second.RunAsync(end.Token));
        var before = await HeldFromAsync(beating);
        for (var i = 0; i < 20; i++)
        {
            // The server moves a slot only from one list of running transactions to the next: a checkpoint writes one.
            await TestPostgres.ExecuteAsync(neighbour, "insert into n select repeat(md5(g::text), 30) from generate_series(1, 5000) g; checkpoint");
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }
        var (well, behind) = (first.Latest!, second.Latest!);
        await end.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.True(await HeldFromAsync(beating) > before + 50_000_000, "the idle slot did not move");
        Assert.True(behind.HeldBytes > 80_000_000 && well.HeldBytes < 40_000_000, $"{well}; {behind}");
        Assert.True(behind.Left is { } left && left < TimeSpan.FromHours(24), $"{behind}");
        Assert.True(behind.BytesPerSecond > 2 * well.BytesPerSecond, $"{well}; {behind}");
    }

    [Fact]
    public void The_forecast_follows_what_is_given_back_and_sees_at_once_when_nothing_is_any_more()
    {
        var clock = new StepClock();
        var forecast = new RetentionForecast(TimeSpan.FromMinutes(1), clock);
        ulong written = 1000, kept = 0;
        double Step(ulong more, bool confirms)
        {
            clock.Step(TimeSpan.FromSeconds(30));
            written += more;
            if (confirms) kept = written - 500;
            return forecast.Grows(written, kept);
        }
        Step(0, true);
        for (var i = 0; i < 40; i++) Assert.Equal(0, Step(3000, confirms: true));
        Step(3000, false);
        Assert.Equal(100, Step(3000, false), 3);       // not a tenth of it, which the last ten minutes as a whole would say
        for (var i = 0; i < 40; i++) Assert.Equal(100, Step(3000, false), 3);
        Assert.Equal(0, Step(0, true));
    }

    [Theory]
    [InlineData(10, 990, null, RetentionLevel.Well)]
    [InlineData(10, 990, 13.0, RetentionLevel.Well)]
    [InlineData(10, 990, 11.0, RetentionLevel.Short)]
    [InlineData(10, 990, 1.9, RetentionLevel.Urgent)]
    [InlineData(700, 300, null, RetentionLevel.Short)]
    [InlineData(950, 50, null, RetentionLevel.Urgent)]
    [InlineData(10, -5, null, RetentionLevel.Urgent)]
    public void How_bad_it_is(long held, long room, double? hours, RetentionLevel level) =>
        Assert.Equal(level, RetentionAlarm.Judge(new RetentionSettings(), held, room, hours is { } left ? TimeSpan.FromHours(left) : null));

    [Fact]
    public void It_speaks_once_when_it_gets_worse_and_once_when_it_has_been_better_for_two_looks()
    {
        var alarm = new RetentionAlarm();
        RetentionLevel[] looks = [RetentionLevel.Well, RetentionLevel.Short, RetentionLevel.Well, RetentionLevel.Short, RetentionLevel.Urgent, RetentionLevel.Urgent, RetentionLevel.Well, RetentionLevel.Well, RetentionLevel.Well];
        Assert.Equal([false, true, false, false, true, false, false, true, false], looks.Select(alarm.IsNews));
    }

    static async Task<long> HeldFromAsync(Captured captured) =>
        await captured.ScalarAsync<long>($"select pg_wal_lsn_diff(restart_lsn, '0/0')::bigint from pg_replication_slots where slot_name = '{captured.Settings.SlotName}'");

    static bool Says(Captured captured, string text) => captured.Said.Lines.Any(l => l.Contains(text, StringComparison.Ordinal));
}
