using CdcSync.Capture.Care;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Kafka;
using CdcSync.EventLog.Postgres;
using CdcSync.EventLog.Store;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>A source waits, or a table of it: nothing arrives meanwhile, and nothing is missing, doubled or overtaken afterwards.</summary>
public class PauseTests(TestPostgres postgres, TestKafka kafka)
{
    [Fact]
    public async Task A_paused_source_is_not_read_over_a_restart_while_its_slot_is_watched_on_and_then_goes_on_where_it_was()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table a(id int primary key); insert into a values (0)");
        captured.Settings = captured.Settings with { Retention = new RetentionSettings { Interval = TimeSpan.FromMilliseconds(200) } };
        captured.Start();
        await captured.CaughtUpAsync();
        captured.Pauses.Pause();
        await StandsAsync(captured, stands: true);
        await captured.ExecuteAsync("insert into a values (1)");
        await captured.StopAsync();
        captured.Start();
        await using var watch = new Postgres.SlotWatch(captured.Settings, captured.Said, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watching = watch.RunAsync(end.Token);
        for (var i = 0; i < 10; i++)
        {
            await captured.ExecuteAsync($"insert into a select g from generate_series({i * 10_000 + 2}, {i * 10_000 + 10_001}) g; checkpoint");
            await Task.Delay(150, TestContext.Current.CancellationToken);
        }
        await StandsAsync(captured, stands: true);
        Assert.Equal(SourceState.Paused, captured.Worker!.Status.State);
        Assert.Equal(1, captured.Log.Records.Count(r => r.Topic == "t.public.a"));
        Assert.True(watch.Latest is { HeldBytes: > 5_000_000, Left: not null }, $"{watch.Latest}");
        Assert.Contains(captured.Said.Lines, l => l.Contains("waits since", StringComparison.Ordinal) && l.Contains("a test", StringComparison.Ordinal) && l.Contains("to see", StringComparison.Ordinal));
        await end.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        captured.Pauses.Resume();
        await captured.CaughtUpAsync();
        Assert.Equal(SourceState.Streaming, captured.Worker!.Status.State);
        Assert.Equal(100_002, captured.Log.Records.Count(r => r.Topic == "t.public.a"));
    }

    [Fact]
    public async Task A_paused_table_holds_everything_under_load_and_failures_and_gives_it_out_exactly()
    {
        await using var captured = await Captured.NewAsync(postgres, RandomLoad.Schema + "create table other(id int primary key)");
        captured.Settings = captured.Settings with { BatchChanges = 50 };
        captured.HeldPiece = 200;      // the load's large transactions hold tens of thousands
        var random = new Random(11);
        captured.Pauses.Pause("public.thing");      // from before its first row on
        captured.Start();
        await captured.UntilReadAsync();
        Assert.DoesNotContain(captured.Log.Records, r => r.Topic == "t.public.thing");
#pragma warning disable CA5394
        captured.Log.BeforeAppend = _ => { if (random.Next(25) == 0) throw new EventLogException("the log is away"); };
        captured.Log.AfterAppend = _ => { if (random.Next(25) == 0) throw new EventLogException("the answer is lost"); };
#pragma warning restore CA5394
        using var load = new CancellationTokenSource();
        var writers = Task.WhenAll(RandomLoad.RunAsync(captured.Connection, 1, 5, load.Token), RandomLoad.RunAsync(captured.Connection, 2, 5, load.Token));
        for (var i = 0; i < 6; i++)
        {
            var there = captured.Log.Records.Count(r => r.Topic == "t.public.thing");
            await captured.ExecuteAsync($"insert into other values ({i})");
            await captured.UntilAsync(records => records.Count(r => r.Topic == "t.public.other") == i + 1);     // the others go on
            Assert.Equal(there, captured.Log.Records.Count(r => r.Topic == "t.public.thing"));
            if (i == 3)
            {
                await captured.StopAsync();
                captured.Start();
            }
            captured.Pauses.Resume("public.thing");
            // Sometimes it is paused again before everything is given out.
            if (i % 2 == 0) await captured.UntilAsync(records => records.Count(r => r.Topic == "t.public.thing") > there);
            else await HoldsAsync(captured, nothing: true);
            captured.Pauses.Pause("public.thing");
            await HoldsAsync(captured, nothing: false);
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }
        await load.CancelAsync();
        await writers;
        captured.Pauses.Resume("public.thing");
        captured.Log.BeforeAppend = captured.Log.AfterAppend = null;
        await HoldsAsync(captured, nothing: true);
        await captured.CaughtUpAsync();
        await captured.StopAsync();
        Assert.DoesNotContain(captured.Log.Records, r => r.Topic == "t.public.thing" && r.Headers.Any(h => h.Key == LogBatch.HomeHeader));
        Assert.Empty(RandomLoad.Compare(await RandomLoad.HistoryAsync(captured.Connection), await PostgresFaultTests.StoryAsync(captured.Log.Records.Where(r => r.Topic == "t.public.thing"), captured.Registry)).Take(10));
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("kafka")]
    public async Task Killed_while_a_table_waits_and_while_it_is_given_out_nothing_is_lost_or_doubled(string kind)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, RandomLoad.Schema);
        var database = await postgres.NewDatabaseAsync("store");
        var place = kind == "kafka" ? await kafka.BootstrapAsync() : database;
        var name = $"p{Guid.NewGuid():n}"[..10];
        await using var store = NpgsqlDataSource.Create(database);
        await StoreMigrations.ApplyAsync(store, typeof(CaptureWorker).Assembly, TestContext.Current.CancellationToken);
        await using IEventLog log = kind == "kafka" ? await KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = place }, null, TestContext.Current.CancellationToken)
            : await PostgresLog.OpenAsync(store, null, null, null, TestContext.Current.CancellationToken);
        var pauses = new PauseStore(store);
        var wish = new Pause(name, "public.thing", "test", DateTimeOffset.UnixEpoch, null);
        using var load = new CancellationTokenSource();
        Task? writers = null;
        for (var i = 0; i < 7; i++)
        {
            using var worker = CaptureProcessStart.Start(name, connection, kind, place, null, new Dictionary<string, string> { ["CDCSYNC_SIGNALS"] = database, ["CDCSYNC_BATCH_BYTES"] = "16384", ["CDCSYNC_HELD_PIECE"] = "40" });
            await worker.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            while (writers is null && await log.ReadBookmarkAsync(name, TestContext.Current.CancellationToken) is null) await Task.Delay(20, TestContext.Current.CancellationToken);
            writers ??= Task.WhenAll(RandomLoad.RunAsync(connection, 1, 5, load.Token), RandomLoad.RunAsync(connection, 2, 5, load.Token));
            if (i % 2 == 0) Assert.True(await pauses.PauseAsync(wish, TestContext.Current.CancellationToken));
            else Assert.True(await pauses.ResumeAsync(name, wish.Table, TestContext.Current.CancellationToken));
            if (i == 6)
            {
                await load.CancelAsync();
                await writers;
                await Task.Delay(500, TestContext.Current.CancellationToken);
                Assert.True(await pauses.ResumeAsync(name, wish.Table, TestContext.Current.CancellationToken));
                await PostgresFaultTests.UntilAsync(log, name, connection);
                await UntilAsync(log, name, h => h is null);
            }
            else
            {
                var at = i;
                await UntilAsync(log, name, h => at % 2 == 0 ? h is { Held: > 50 } : h is null or { Given: > 0 });
                await Task.Delay(Random.Shared.Next(0, 300), TestContext.Current.CancellationToken);
            }
            worker.Kill();
            await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.NotEmpty(await PostgresFaultTests.ReadAllAsync(log, HeldTable.TopicOf(name, "public.thing")));
        Assert.Empty(RandomLoad.Compare(await RandomLoad.HistoryAsync(connection), await PostgresFaultTests.StoryAsync(await PostgresFaultTests.ReadAllAsync(log, $"{name}.public.thing"), null)).Take(10));
    }

    [Fact]
    public async Task Objects_do_not_follow_a_paused_table_and_are_right_again_deletes_included_when_it_goes_on()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, """
            create table c(id int primary key, name text); insert into c select g, 'n' || g from generate_series(1, 50) g;
            create table i(id int primary key, name text); insert into i select g, 'i' || g from generate_series(1, 5) g
            """);
        await using var rig = MappingRig.Of(connection,
        [
            new() { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, name from c where id = any(@keys)", AffectedBy = new Dictionary<string, string> { ["c"] = "id" } },
            new() { Object = "item", Source = "erp", Key = ["i.id"], Query = "select id, name as description from i where id = any(@keys)", AffectedBy = new Dictionary<string, string> { ["i"] = "id" } },
        ]);
        rig.Captured.Start();
        await rig.AgreeAsync();
        var before = await rig.TopicsAsync();
        rig.Captured.Pauses.Pause("public.c");
        await rig.Captured.UntilBookmarkAsync(b => CaptureWorker.HeldIn(b).Count == 1);
        await rig.Captured.ExecuteAsync("delete from c where id <= 10; update c set name = 'new' where id = 11; insert into c values (51, 'x'); update i set name = 'y' where id = 1");
        await rig.Captured.CaughtUpAsync();
        var meanwhile = await rig.TopicsAsync();
        Assert.Equal(before.Where(o => o.Key.StartsWith("customer", StringComparison.Ordinal)), meanwhile.Where(o => o.Key.StartsWith("customer", StringComparison.Ordinal)));
        Assert.NotEqual(before["item 1"], meanwhile["item 1"]);
        var items = rig.Captured.Log.Records.Count(r => r.Topic == "canonical.item");
        rig.Captured.Pauses.Resume("public.c");
        await rig.AgreeAsync();
        Assert.Equal(items, rig.Captured.Log.Records.Count(r => r.Topic == "canonical.item"));     // what does not depend on the table is left alone
    }

    [Fact]
    public async Task Transactions_are_told_while_a_table_of_theirs_waits_and_strange_names_can_wait_too()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table a(id int primary key); create table \"Größe/ß\"(id int primary key)");
        captured.Settings = captured.Settings with { Records = new() { Transactions = true } };
        captured.Start();
        await captured.UntilBookmarkAsync(b => Captured.IsDone(b));
        captured.Pauses.Pause("public.Größe/ß");
        await captured.UntilBookmarkAsync(b => CaptureWorker.HeldIn(b).Count == 1);
        await captured.ExecuteAsync("begin; insert into \"Größe/ß\" values (1), (2); insert into a values (1); insert into \"Größe/ß\" values (3); commit");
        await captured.UntilAsync(records => records.Count(r => r.Topic == "t.transaction") == 2);
        Assert.Single(captured.Log.Records, r => r.Topic == "t.public.a");
        Assert.Equal(3, captured.Log.Records.Count(r => r.Topic.StartsWith("cdcsync.held.", StringComparison.Ordinal)));
        Assert.Equal(6, captured.Log.Records.Count);
        await captured.StopAsync();
        // Many in one batch: a transaction begins after a row that waits.
        await captured.ExecuteAsync("do $$ begin for i in 4..9 loop insert into \"Größe/ß\" values (i); commit; end loop; end $$");
        captured.Start();
        await captured.UntilAsync(records => records.Count(r => r.Topic == "t.transaction") == 14);
        Assert.Equal(24, captured.Log.Records.Count);
        captured.Pauses.Resume("public.Größe/ß");
        await captured.UntilBookmarkAsync(b => CaptureWorker.HeldIn(b).Count == 0);
        Assert.Equal(33, captured.Log.Records.Count);
        Assert.All(captured.Log.Records.Skip(24), r => Assert.StartsWith("t.public.Gr", r.Topic, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_store_keeps_who_wanted_what_and_tells_at_once()
    {
        await using var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("store"));
        await StoreMigrations.ApplyAsync(store, typeof(CaptureWorker).Assembly, TestContext.Current.CancellationToken);
        var pauses = new PauseStore(store);
        await using var wishes = pauses.WishesOf("erp").ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await wishes.MoveNextAsync());
        Assert.Empty(wishes.Current);
        var (source, table) = (new Pause("erp", null, "ann", DateTimeOffset.UnixEpoch, "night run"), new Pause("erp", "public.a", "bob", DateTimeOffset.UnixEpoch, null));
        foreach (var wish in (Pause[])[source, table, new("wms", null, "eve", DateTimeOffset.UnixEpoch, null)]) Assert.True(await pauses.PauseAsync(wish, TestContext.Current.CancellationToken));
        Assert.False(await pauses.PauseAsync(source with { By = "carl" }, TestContext.Current.CancellationToken));
        while (wishes.Current.Count < 2) Assert.True(await wishes.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));   // told, not looked for: that would be after 30 s
        Assert.Equal([source, table], wishes.Current);
        Assert.True(await pauses.ResumeAsync("erp", null, TestContext.Current.CancellationToken));
        Assert.False(await pauses.ResumeAsync("erp", null, TestContext.Current.CancellationToken));
        Assert.True(await wishes.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal([table], wishes.Current);
        Assert.Equal(2, (await pauses.ListAsync(TestContext.Current.CancellationToken)).Count);
    }

    static async Task UntilAsync(IEventLog log, string name, Func<HeldTable?, bool> holds)
    {
        for (var waited = 0; CaptureWorker.HeldIn(await log.ReadBookmarkAsync(name, TestContext.Current.CancellationToken)) is var held && !holds(held.Count == 0 ? null : held[0]); waited++)
        {
            Assert.True(waited < 1200, $"not within 60 s: {(held.Count == 0 ? null : held[0])}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    static async Task StandsAsync(Captured captured, bool stands)
    {
        for (var waited = 0; captured.Worker?.Status.State == SourceState.Paused != stands
            || await captured.ScalarAsync<bool>($"select active from pg_replication_slots where slot_name = '{captured.Settings.SlotName}'") == stands; waited++)
        {
            Assert.True(waited < 300, $"{captured.Worker?.Status}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    static Task HoldsAsync(Captured captured, bool nothing) => captured.UntilBookmarkAsync(b => CaptureWorker.HeldIn(b) is { Count: 0 } == nothing, seconds: 150);
}
