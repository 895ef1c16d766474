using CdcSync.Capture.Care;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.EventLog.Postgres;
using CdcSync.EventLog.Store;
using CdcSync.Servers;
using Npgsql;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>A source waits, or a table of it, by CDC and by Change Tracking: nothing arrives meanwhile, and nothing is missing, doubled or overtaken afterwards.</summary>
public class SqlServerPauseTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<(SqlServerRig Rig, ItemLoad Load)> NewAsync(CaptureMode mode)
    {
        var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { Mode = mode, Snapshot = SnapshotStart.Initial, BatchChanges = 25, PollInterval = TimeSpan.FromMilliseconds(20) };
        var model = rig.Server.ModelOrSkip(rig.Database);
        foreach (var (table, columns) in ((string, string)[])[("dbo.item", ItemLoad.Columns), ("dbo.other", "id int key")])
        {
            await rig.Server.CreateAsync(rig.Database, table, columns, captured: mode == CaptureMode.Cdc);
            if (mode == CaptureMode.ChangeTracking) model.TrackedTables[model.Table(table)] = 0;
        }
        var load = new ItemLoad(rig.Server, rig.Database, seed: 5);
        await load.FirstRowsAsync();
        return (rig, load);
    }

    static int Count(SqlServerRig rig, string table = "dbo.item") => rig.Log.Records.Count(r => r.Topic == $"erp.{rig.Database}.{table}");

    static Task HoldsAsync(SqlServerRig rig, Func<HeldTable?, bool> holds) => rig.UntilAsync(() => rig.Log.Bookmark("erp") is { } place && holds(CaptureWorker.HeldIn(place).SingleOrDefault()));

    // Everything committed so far is in the log, where it belongs or held: a row of the other table comes after it.
    static async Task CaughtUpAsync(SqlServerRig rig, int marker)
    {
        var there = Count(rig, "dbo.other");
        await rig.CommitAsync(Insert("dbo.other", ("id", marker)));
        await rig.UntilAsync(() => Count(rig, "dbo.other") > there);
    }

    static async Task AssertAsync(SqlServerRig rig, ItemLoad load)
    {
        if (rig.Settings.Mode == CaptureMode.Cdc) load.AssertTold(await rig.ValuesAsync());
        else load.AssertNet(await rig.ValuesAsync());
    }

    [Theory]
    [InlineData(CaptureMode.Cdc), InlineData(CaptureMode.ChangeTracking)]
    public async Task A_paused_source_asks_nothing_over_a_restart_and_then_goes_on_where_it_was(CaptureMode mode)
    {
        var (rig, load) = await NewAsync(mode);
        await using var _ = rig;
        await rig.FollowAsync();
        await rig.UntilAsync(() => Count(rig) == ItemLoad.FirstRows);
        using var loading = new CancellationTokenSource();
        var writer = load.RunAsync(5, loading.Token);
        await rig.UntilAsync(() => Count(rig) > 200);
        for (var i = 0; i < 2; i++)
        {
            rig.Pauses.Pause();
            await rig.UntilAsync(() => rig.Worker!.Status.State == SourceState.Paused);
            var (there, asked) = (rig.Log.Records.Count, Asked(rig));
            await Task.Delay(300, Stop);
            if (i == 0)
            {
                await rig.StopAsync();
                rig.Start();
                await rig.UntilAsync(() => rig.Worker!.Status.State == SourceState.Paused);
                await Task.Delay(300, Stop);
            }
            Assert.Equal((there, asked), (rig.Log.Records.Count, Asked(rig)));
            rig.Pauses.Resume();
            await rig.UntilAsync(() => rig.Log.Records.Count > there + 50);
        }
        await loading.CancelAsync();
        await writer;
        await CaughtUpAsync(rig, 1);
        Assert.Equal(SourceState.Streaming, rig.Worker!.Status.State);
        await AssertAsync(rig, load);
    }

    // What only reading asks.
    static int Asked(SqlServerRig rig) => rig.Server.Model.Asked.Where(a => a.Key is "window" or "changes" or "tracked_changes" or "max_lsn").Sum(a => a.Value);

    [Theory]
    [InlineData(CaptureMode.Cdc), InlineData(CaptureMode.ChangeTracking)]
    public async Task A_paused_table_holds_everything_under_load_and_failures_and_gives_it_out_exactly(CaptureMode mode)
    {
        var (rig, load) = await NewAsync(mode);
        await using var _ = rig;
        rig.Pauses.Pause("dbo.item");      // from before its first row on
        await rig.FollowAsync();
        await HoldsAsync(rig, h => h?.Held >= ItemLoad.FirstRows);
        rig.Log.FailOnce(100);
        using var loading = new CancellationTokenSource();
        var writer = load.RunAsync(5, loading.Token);
        for (var i = 0; i < 6; i++)
        {
            var there = Count(rig);
            await CaughtUpAsync(rig, i);     // the other one goes on
            Assert.Equal(there, Count(rig));
            if (i == 3)
            {
                await rig.StopAsync();
                rig.Start();
            }
            rig.Pauses.Resume("dbo.item");
            // Sometimes it is paused again before everything is given out.
            if (i % 2 == 0) await rig.UntilAsync(() => Count(rig) > there);
            else await HoldsAsync(rig, h => h is null);
            rig.Pauses.Pause("dbo.item");
            await HoldsAsync(rig, h => h is not null);
            await Task.Delay(200, Stop);
        }
        await loading.CancelAsync();
        await writer;
        rig.Pauses.Resume("dbo.item");
        rig.Log.BeforeAppend = rig.Log.AfterAppend = null;
        await HoldsAsync(rig, h => h is null);
        await CaughtUpAsync(rig, 100);
        await AssertAsync(rig, load);
    }

    [Fact]
    public async Task A_table_waits_in_all_databases_that_have_it_and_its_transactions_are_told_meanwhile()
    {
        var (rig, load) = await NewAsync(CaptureMode.Cdc);
        await using var _ = rig;
        var second = await rig.Server.NewDatabaseAsync();
        await rig.Server.CreateAsync(second, "dbo.item", ItemLoad.Columns);
        rig.Settings = rig.Settings with { Databases = [rig.Database, second], Records = new() { Transactions = true } };
        var other = new ItemLoad(rig.Server, second, seed: 6);
        await rig.FollowAsync();
        await rig.UntilAsync(() => Count(rig) == ItemLoad.FirstRows);
        rig.Pauses.Pause("dbo.item");
        await HoldsAsync(rig, h => h is not null);
        var (there, told) = (Count(rig), rig.Log.Records.Count(r => r.Topic == "erp.transaction"));
        using var loading = new CancellationTokenSource();
        var writers = Task.WhenAll(load.RunAsync(5, loading.Token), other.RunAsync(5, loading.Token));
        await HoldsAsync(rig, h => h?.Held > 500);
        await loading.CancelAsync();
        await writers;
        await CaughtUpAsync(rig, 1);
        Assert.Equal(there, Count(rig));
        Assert.DoesNotContain(rig.Log.Records, r => r.Topic == $"erp.{second}.dbo.item");
        Assert.True(rig.Log.Records.Count(r => r.Topic == "erp.transaction") > told + 20);
        rig.Pauses.Resume("dbo.item");
        await HoldsAsync(rig, h => h is null);
        load.AssertTold(await rig.ValuesAsync());
        other.AssertTold(await rig.ValuesAsync(database: second));
    }

    [Theory]
    [InlineData(CaptureMode.Cdc), InlineData(CaptureMode.ChangeTracking)]
    public async Task What_may_be_paused_is_what_is_followed(CaptureMode mode)
    {
        var (rig, _) = await NewAsync(mode);
        await using var __ = rig;
        await rig.Server.CreateAsync(rig.Database, "dbo.left_out", "id int key", captured: false);
        await using var source = rig.Open();
        Assert.Equal(["dbo.item", "dbo.other"], await source.ListTablesAsync(Stop));
    }

    [Theory]
    [InlineData(CaptureMode.Cdc), InlineData(CaptureMode.ChangeTracking)]
    public async Task Killed_while_a_table_or_the_source_waits_and_while_it_is_given_out_nothing_is_lost_or_doubled(CaptureMode mode)
    {
        var (rig, load) = await NewAsync(mode);
        await using var _ = rig;
        var place = await postgres.NewDatabaseAsync("store");
        await using var store = NpgsqlDataSource.Create(place);
        await StoreMigrations.ApplyAsync(store, typeof(CaptureWorker).Assembly, Stop);
        await using IEventLog log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        var (name, pauses, schemas) = ($"k{Guid.NewGuid():n}"[..10], new PauseStore(store), Directory.CreateTempSubdirectory("cdcsync-schemas-").FullName);
        var (table, whole) = (new Pause(name, "dbo.item", "test", DateTimeOffset.UnixEpoch, null), new Pause(name, null, "test", DateTimeOffset.UnixEpoch, null));
        using var loading = new CancellationTokenSource();
        Task? writer = null;
        for (var i = 0; i < 6; i++)
        {
            using var worker = CaptureProcessStart.Start(name, rig.Settings.Connection, "postgres", place, null, new Dictionary<string, string>
            {
                ["CDCSYNC_SQLSERVER"] = mode.ToString(), ["CDCSYNC_SIGNALS"] = place, ["CDCSYNC_BATCH_BYTES"] = "4096", ["CDCSYNC_HELD_PIECE"] = "10", ["CDCSYNC_SCHEMAS"] = schemas,
            });
            await worker.StandardOutput.ReadLineAsync(Stop);
            await Killing.UntilAsync(log, name, _ => true);
            writer ??= load.RunAsync(5, loading.Token);
            if (i == 5)
            {
                await loading.CancelAsync();
                await writer;
                await rig.CommitAsync(Insert("dbo.other", ("id", 1)));
                await Killing.UntilThereAsync(log, $"{name}.{rig.Database}.dbo.other");
                await Killing.HoldsAsync(log, name, h => h is null);
            }
            else if (i % 2 == 0)
            {
                Assert.True(await pauses.PauseAsync(table, Stop));
                await Killing.HoldsAsync(log, name, h => h is { Held: > 60 });
                if (i == 2) Assert.True(await pauses.PauseAsync(whole, Stop));
            }
            else
            {
                if (i == 3) Assert.True(await pauses.ResumeAsync(name, null, Stop));
                Assert.True(await pauses.ResumeAsync(name, table.Table, Stop));
                await Killing.HoldsAsync(log, name, h => h is null or { Given: > 0 });
            }
            await Task.Delay(i == 5 ? 300 : Random.Shared.Next(0, 300), Stop);
            worker.Kill();
            await worker.WaitForExitAsync(Stop);
            // It was killed while it waited: a pause that outlives it is there for the next one.
            if (i == 4) Assert.True(await pauses.ResumeAsync(name, table.Table, Stop));
        }
        var told = new List<AvroRecord?>();
        foreach (var record in await PostgresFaultTests.ReadAllAsync(log, $"{name}.{rig.Database}.dbo.item")) told.Add(Killing.Read(record.Value, schemas));
        Directory.Delete(schemas, recursive: true);
        if (mode == CaptureMode.Cdc) load.AssertTold(told);
        else load.AssertNet(told);
    }
}
