using CdcSync.Capture.Care;
using CdcSync.Capture.Tables;
using CdcSync.Capture.Tests.SqlServer;
using CdcSync.EventLog;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.Tables;

/// <summary>Rowversion columns, read through the real client from the model of SQL Server: over restarts, failures and pauses each row's story rises to what it is.</summary>
public class RowversionTests
{
    static async Task<(TestSqlServer Server, ItemLoad Load, Polled Polled, string Database)> NewAsync()
    {
        var server = new TestSqlServer();
        var database = await server.NewDatabaseAsync();
        RowversionModel.Script(server.Model, server.ModelOrSkip(database));
        await server.CreateAsync(database, "dbo.item", ItemLoad.Columns + "; rv rowversion", captured: false);
        await server.CreateAsync(database, "dbo.other", "id int key; rv rowversion", captured: false);
        var load = new ItemLoad(server, database, seed: 8);
        await load.FirstRowsAsync();
        WatchedTable Watched(string name) => new() { Table = name, Changes = ChangeReading.Rowversion, Column = "rv", Key = ["id"] };
        return (server, load, new Polled(Polled.Of(server.Connection(database), Watched("dbo.item"), Watched("dbo.other")) with { Provider = "Microsoft.Data.SqlClient", BatchRows = 15 }), database);
    }

    static int Count(Polled polled, string table = "item") => polled.Log.Records.Count(r => r.Topic == $"t.dbo.{table}");

    static Task HoldsAsync(Polled polled, Func<HeldTable?, bool> holds) => polled.UntilAsync(_ => polled.Log.Bookmark(polled.Settings.Name) is { } place && holds(CaptureWorker.HeldIn(place).SingleOrDefault()));

    static async Task CaughtUpAsync(TestSqlServer server, string database, Polled polled, int marker)
    {
        var there = Count(polled, "other");
        await server.CommitAsync(database, Insert("dbo.other", ("id", marker)));
        await polled.UntilAsync(_ => Count(polled, "other") > there);
    }

    // Deletes do not show, nor what was overwritten before it was seen.
    static async Task AssertAsync(ItemLoad load, Polled polled)
    {
        var told = ItemLoad.Told(await polled.EnvelopesAsync("t.dbo.item")).GroupBy(t => t.Id).ToDictionary(g => g.Key, g => g.Select(t => int.Parse(t.What[1..])).ToList());
        Assert.All(told, t => Assert.True(t.Value.Zip(t.Value.Skip(1)).All(p => p.First < p.Second), $"{t.Key}: {string.Join(' ', t.Value)}"));
        Assert.Empty(load.Now.Where(n => told.GetValueOrDefault(n.Key) is not { } all || all[^1] != n.Value).Take(10));
    }

    [Fact]
    public async Task A_paused_source_is_not_read_over_a_restart_and_then_goes_on_where_it_was()
    {
        var (server, load, polled, database) = await NewAsync();
        await using var _ = server;
        await using var __ = polled;
        polled.Start();
        await polled.SnapshotDoneAsync();
        using var loading = new CancellationTokenSource();
        var writer = load.RunAsync(5, loading.Token);
        for (var i = 0; i < 3; i++)
        {
            var before = Count(polled);
            await polled.UntilAsync(_ => Count(polled) > before + 50);
            polled.Pauses.Pause();
            await polled.UntilAsync(_ => polled.Worker!.Status.State == SourceState.Paused);
            var there = polled.Log.Records.Count;
            if (i == 1)
            {
                await polled.StopAsync();
                polled.Start();
                await polled.UntilAsync(_ => polled.Worker!.Status.State == SourceState.Paused);
            }
            await Task.Delay(300, TestContext.Current.CancellationToken);
            Assert.Equal(there, polled.Log.Records.Count);
            polled.Pauses.Resume();
        }
        await loading.CancelAsync();
        await writer;
        await CaughtUpAsync(server, database, polled, 1);
        await AssertAsync(load, polled);
    }

    [Fact]
    public async Task A_paused_table_holds_everything_under_load_and_failures_and_gives_it_out_exactly()
    {
        var (server, load, polled, database) = await NewAsync();
        await using var _ = server;
        await using var __ = polled;
        polled.Pauses.Pause("dbo.item");      // from before its first row on
        polled.Start();
        await polled.SnapshotDoneAsync();
        await HoldsAsync(polled, h => h?.Held >= ItemLoad.FirstRows);
        polled.Log.FailOnce(60);
        using var loading = new CancellationTokenSource();
        var writer = load.RunAsync(5, loading.Token);
        for (var i = 0; i < 4; i++)
        {
            var there = Count(polled);
            await CaughtUpAsync(server, database, polled, i);     // the other one goes on
            Assert.Equal(there, Count(polled));
            if (i == 2)
            {
                await polled.StopAsync();
                polled.Start();
            }
            polled.Pauses.Resume("dbo.item");
            // Sometimes it is paused again before everything is given out.
            if (i % 2 == 0) await polled.UntilAsync(_ => Count(polled) > there);
            else await HoldsAsync(polled, h => h is null);
            polled.Pauses.Pause("dbo.item");
            await HoldsAsync(polled, h => h is not null);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
        await loading.CancelAsync();
        await writer;
        polled.Log.BeforeAppend = polled.Log.AfterAppend = null;
        await CaughtUpAsync(server, database, polled, 100);
        polled.Pauses.Resume("dbo.item");
        await HoldsAsync(polled, h => h is null);
        await AssertAsync(load, polled);
    }
}
