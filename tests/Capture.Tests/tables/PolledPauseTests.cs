using CdcSync.Capture.Care;
using CdcSync.Capture.Tables;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.EventLog.Postgres;
using CdcSync.EventLog.Store;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests.Tables;

/// <summary>A polled source waits, or a table of it: nothing arrives meanwhile, and nothing is missing, doubled or overtaken afterwards.</summary>
public class PolledPauseTests(TestPostgres postgres)
{
    // The version is above the former one of the same key, whatever came between: a key's story rises also where only its newest state is seen.
    const string Schema = RandomLoad.Schema + """
        create table other(id int primary key, tick bigint not null default 0);
        create sequence tick;
        alter table thing add tick bigint not null default 0;
        create function touch() returns trigger language plpgsql as $$ begin new.tick := nextval('tick'); return new; end $$;
        create trigger touch before insert or update on thing for each row execute function touch();
        create trigger touch before insert or update on other for each row execute function touch();
        """;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>How the tables are read.</summary>
    public enum Way
    {
        Windows,
        Numbers,
        HighWater,
    }

    static WatchedTable Watched(string table, Way way) => way switch
    {
        Way.Windows => new() { Table = table },
        Way.Numbers => new() { Table = table, ChangeTable = new() { Transaction = "" } },
        _ => new() { Table = table, Changes = ChangeReading.HighWater, Column = "tick" },
    };

    async Task<(Polled Polled, string Connection)> NewAsync(Way way)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, Schema);
        var settings = Polled.Of(connection, Watched("public.thing", way), Watched("public.other", way)) with { BatchRows = 60, Lag = TimeSpan.FromMilliseconds(500) };
        if (way != Way.HighWater) await Polled.EnableAsync(settings);
        return (new Polled(settings), connection);
    }

    // Rows of a high-water column are told once as long as not more than thousands change between two looks.
    static Task WriteAsync(Way way, string connection, CancellationToken stop) =>
        Task.WhenAll(RandomLoad.RunAsync(connection, 1, way == Way.HighWater ? 80 : 5, stop), RandomLoad.RunAsync(connection, 2, way == Way.HighWater ? 80 : 5, stop));

    static int Count(Polled polled, string table) => polled.Log.Records.Count(r => r.Topic == $"t.public.{table}");

    static Task HoldsAsync(Polled polled, Func<HeldTable?, bool> holds) => polled.UntilAsync(_ => polled.Log.Bookmark(polled.Settings.Name) is { } place && holds(CaptureWorker.HeldIn(place).SingleOrDefault()));

    // Both are read in one round up to one moment: a later row of the other table comes after all of the paused one's.
    static async Task CaughtUpAsync(Polled polled, string connection, int marker)
    {
        if (marker > 0) await Task.Delay(polled.Settings.Lag * 3, Stop);     // what commits late has come
        var there = Count(polled, "other");
        await TestPostgres.ExecuteAsync(connection, $"insert into other values ({marker})");
        await polled.UntilAsync(_ => Count(polled, "other") > there);
    }

    static async Task AssertAsync(Way way, Dictionary<long, List<string>> history, Dictionary<long, List<string>> story, string connection)
    {
        if (way != Way.HighWater)
        {
            Assert.Empty(Polled.Compare(history, story).Take(10));
            return;
        }
        foreach (var (id, told) in story)
        {
            var versions = told.ConvertAll(t => int.Parse(t[1..]));
            Assert.True(versions.Zip(versions.Skip(1)).All(p => p.First < p.Second), $"{id}: {string.Join(' ', told)}");
        }
        var now = await Polled.RowsAsync(connection, "select id, version from thing");
        Assert.Empty(now.Where(n => story.GetValueOrDefault(long.Parse(n.Key)) is not { } told || told[^1][1..] != n.Value).Take(10));
    }

    [Theory]
    [InlineData(Way.Windows), InlineData(Way.Numbers), InlineData(Way.HighWater)]
    public async Task A_paused_source_is_not_read_over_a_restart_and_then_goes_on_where_it_was(Way way)
    {
        var (polled, connection) = await NewAsync(way);
        await using var _ = polled;
        polled.Start();
        await polled.SnapshotDoneAsync();
        using var load = new CancellationTokenSource();
        var writers = WriteAsync(way, connection, load.Token);
        for (var i = 0; i < 3; i++)
        {
            var before = Count(polled, "thing");
            await polled.UntilAsync(_ => Count(polled, "thing") > before + 50);
            polled.Pauses.Pause();
            await polled.UntilAsync(_ => polled.Worker!.Status.State == SourceState.Paused);
            var there = polled.Log.Records.Count;
            if (i == 1)
            {
                await polled.StopAsync();
                polled.Start();
                await polled.UntilAsync(_ => polled.Worker!.Status.State == SourceState.Paused);
            }
            await Task.Delay(500, Stop);
            Assert.Equal(there, polled.Log.Records.Count);
            polled.Pauses.Resume();
        }
        await load.CancelAsync();
        await writers;
        await CaughtUpAsync(polled, connection, 1);
        Assert.Equal(SourceState.Streaming, polled.Worker!.Status.State);
        await AssertAsync(way, await RandomLoad.HistoryAsync(connection), await polled.StoryAsync("t.public.thing"), connection);
    }

    [Theory]
    [InlineData(Way.Windows), InlineData(Way.Numbers), InlineData(Way.HighWater)]
    public async Task A_paused_table_holds_everything_under_load_and_failures_and_gives_it_out_exactly(Way way)
    {
        var (polled, connection) = await NewAsync(way);
        await using var _ = polled;
        Assert.Contains("public.thing", (await new TablesSource(polled.Settings, new MemoryRegistry(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System).ListTablesAsync(Stop))!);
        polled.HeldPiece = 100;
        polled.Pauses.Pause("public.thing");      // from before its first row on
        polled.Start();
        await polled.SnapshotDoneAsync();
        await HoldsAsync(polled, h => h?.Held >= RandomLoad.FirstRows);
        polled.Log.FailOnce(60);
        using var load = new CancellationTokenSource();
        var writers = WriteAsync(way, connection, load.Token);
        for (var i = 0; i < 5; i++)
        {
            var there = Count(polled, "thing");
            await CaughtUpAsync(polled, connection, -i);     // the other one goes on
            Assert.Equal(there, Count(polled, "thing"));
            if (i == 3)
            {
                await polled.StopAsync();
                polled.Start();
            }
            polled.Pauses.Resume("public.thing");
            // Sometimes it is paused again before everything is given out.
            if (i % 2 == 0) await polled.UntilAsync(_ => Count(polled, "thing") > there);
            else await HoldsAsync(polled, h => h is null);
            polled.Pauses.Pause("public.thing");
            await HoldsAsync(polled, h => h is not null);
            await Task.Delay(300, Stop);
        }
        await load.CancelAsync();
        await writers;
        polled.Log.BeforeAppend = polled.Log.AfterAppend = null;
        await CaughtUpAsync(polled, connection, 1);
        polled.Pauses.Resume("public.thing");
        await HoldsAsync(polled, h => h is null);
        await AssertAsync(way, await RandomLoad.HistoryAsync(connection), await polled.StoryAsync("t.public.thing"), connection);
    }

    [Theory]
    [InlineData(Way.Windows), InlineData(Way.HighWater)]
    public async Task Killed_while_a_table_or_the_source_waits_and_while_it_is_given_out_nothing_is_lost_or_doubled(Way way)
    {
        var (polled, connection) = await NewAsync(way);
        await using var _ = polled;
        var place = await postgres.NewDatabaseAsync("store");
        await using var store = NpgsqlDataSource.Create(place);
        await StoreMigrations.ApplyAsync(store, typeof(CaptureWorker).Assembly, Stop);
        await using IEventLog log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        var (name, pauses, schemas) = ($"k{Guid.NewGuid():n}"[..10], new PauseStore(store), Directory.CreateTempSubdirectory("cdcsync-schemas-").FullName);
        var (table, whole) = (new Pause(name, "public.thing", "test", DateTimeOffset.UnixEpoch, null), new Pause(name, null, "test", DateTimeOffset.UnixEpoch, null));
        using var load = new CancellationTokenSource();
        Task? writers = null;
        for (var i = 0; i < 6; i++)
        {
            using var worker = CaptureProcessStart.Start(name, connection, "postgres", place, null, new Dictionary<string, string>
            {
                ["CDCSYNC_TABLES"] = "public.thing,public.other", ["CDCSYNC_COLUMN"] = way == Way.HighWater ? "tick" : "", ["CDCSYNC_SIGNALS"] = place, ["CDCSYNC_HELD_PIECE"] = "10", ["CDCSYNC_SCHEMAS"] = schemas,
            });
            await worker.StandardOutput.ReadLineAsync(Stop);
            // Rows first: what was there before a high-water column was looked at is no change.
            await Killing.UntilAsync(log, name, p => i > 0 || TablesState.Parse(WorkerState.Parse(p.State).Source).Done?.Count == 2);
            writers ??= WriteAsync(way, connection, load.Token);
            if (i == 5)
            {
                await load.CancelAsync();
                await writers;
                await Task.Delay(3000, Stop);    // what commits late has come
                await TestPostgres.ExecuteAsync(connection, "insert into other values (1)");
                await Killing.UntilThereAsync(log, $"{name}.public.other");
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
        foreach (var record in await PostgresFaultTests.ReadAllAsync(log, $"{name}.public.thing")) told.Add(Killing.Read(record.Value, schemas));
        Directory.Delete(schemas, recursive: true);
        await AssertAsync(way, await RandomLoad.HistoryAsync(connection), Polled.StoryOf(told), connection);
    }
}
