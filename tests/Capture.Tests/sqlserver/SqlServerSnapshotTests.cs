using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Existing rows and changes meet without loss, doubles or older values after newer ones, however rows are read.</summary>
public class SqlServerSnapshotTests
{
    static int Id(AvroRecord? value) => (int)((AvroRecord)(value!["after"] ?? value["before"])!)["id"]!;

    static string? Marker(AvroRecord? value) => (string?)((AvroRecord)value!["source"]!)["snapshot"];

    static async Task<SqlServerRig> FilledAsync(int rows, SnapshotIsolation isolation)
    {
        var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { Snapshot = SnapshotStart.Initial, SnapshotIsolation = isolation, ChunkRows = 40, BatchChanges = 16 };
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; name nvarchar(50); notes nvarchar(max)");
        await rig.CommitAsync([.. Enumerable.Range(1, rows).Select(i => Insert("dbo.item", ("id", i), ("name", "n" + i), ("notes", "notes of " + i)))]);
        return rig;
    }

    [Theory]
    [InlineData(SnapshotIsolation.Snapshot)]
    [InlineData(SnapshotIsolation.Locks)]
    [InlineData(SnapshotIsolation.Chunks)]
    public async Task Rows_come_once_and_changes_follow(SnapshotIsolation isolation)
    {
        await using var rig = await FilledAsync(100, isolation);
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 101), ("name", "new")));
        await rig.UntilAsync(101);
        var values = await rig.ValuesAsync();
        Assert.Equal(Enumerable.Range(1, 101), values.Select(Id));
        Assert.All(values.Take(100), v => Assert.Equal("r", v!["op"]));
        Assert.Equal("first", Marker(values[0]));
        Assert.Equal("true", Marker(values[50]));
        Assert.Equal("c", values[100]!["op"]);
        Assert.Equal("false", Marker(values[100]));
    }

    [Theory]
    [InlineData(SnapshotIsolation.Snapshot)]
    [InlineData(SnapshotIsolation.Chunks)]
    public async Task Rows_are_read_no_faster_than_the_load_budget_lets_them(SnapshotIsolation isolation)
    {
        await using var rig = await FilledAsync(150, isolation);
        rig.Settings = rig.Settings with { Load = new Care.LoadSettings { RowsPerSecond = 25 } };
        var at = TimeProvider.System.GetTimestamp();
        rig.Start();
        await rig.UntilAsync(150);
        Assert.InRange(TimeProvider.System.GetElapsedTime(at), TimeSpan.FromSeconds(3.9), TimeSpan.FromSeconds(60));
        Assert.Equal(Enumerable.Range(1, 150), (await rig.ValuesAsync()).Select(Id));
    }

    // While a snapshot is read, rows are inserted, updated and deleted, and the capture job lags behind: the last record of each key must be what the table holds.
    [Theory]
    [InlineData(SnapshotIsolation.Snapshot)]
    [InlineData(SnapshotIsolation.Locks)]
    [InlineData(SnapshotIsolation.Chunks)]
    public async Task Changes_during_the_snapshot_are_neither_lost_nor_undone(SnapshotIsolation isolation)
    {
        await using var rig = await FilledAsync(100, isolation);
        var model = rig.Server.ModelOrSkip(rig.Database);
        var round = 0;
        model.AutoScan = false;
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "moment")
            {
                // Committed before the moment, not captured yet.
                model.Commit([Update("dbo.item", ("id", 10), ("name", $"before {round}")), Delete("dbo.item", ("id", 20 + round)), Insert("dbo.item", ("id", 1000 + round), ("name", "in"))]);
            }
            else if (name == "fence")
            {
                // Committed after the moment; then the capture job comes by.
                round++;
                model.Commit([Update("dbo.item", ("id", 11), ("name", $"after {round}")), Delete("dbo.item", ("id", 60 + round)), Insert("dbo.item", ("id", 2000 + round), ("name", "late"))]);
                model.Scan();
            }
            return Task.CompletedTask;
        };
        await rig.FollowAsync();
        rig.Server.Model.Before = null;
        model.AutoScan = true;
        await rig.CommitAsync(Insert("dbo.item", ("id", 9999), ("name", "end")));
        await rig.UntilAsync(() => rig.Log.Records.Any(r => r.Value is { } value && System.Text.Encoding.UTF8.GetString(value).Contains("\u0006end", StringComparison.Ordinal)));

        var seen = new SortedDictionary<int, string?>();
        var older = new Dictionary<int, int>();
        foreach (var value in await rig.ValuesAsync())
        {
            if (value is null) continue;
            if ((string)value["op"]! == "d") seen.Remove(Id(value));
            else seen[Id(value)] = (string?)((AvroRecord)value["after"]!)["name"];
            if (Id(value) is 10 or 11 && ((string)((AvroRecord)value["after"]!)["name"]!).Split(' ') is [_, var number])
            {
                var at = int.Parse(number);
                Assert.True(at >= older.GetValueOrDefault(Id(value), -1), "an older value came after a newer one");
                older[Id(value)] = at;
            }
        }
        var truth = model.Table("dbo.item").Rows.Values.ToDictionary(r => (int)r["id"]!, r => (string?)r["name"]);
        Assert.Equal(truth.OrderBy(t => t.Key), seen);
        Assert.True(round > 0);
    }

    [Fact]
    public async Task A_row_that_the_stream_told_of_without_its_large_value_is_completed()
    {
        await using var rig = await FilledAsync(10, SnapshotIsolation.Snapshot);
        var model = rig.Server.ModelOrSkip(rig.Database);
        var once = 0;
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "fence" && once++ == 0) model.Commit([Update("dbo.item", ("id", 3), ("name", "three"))]);
            return Task.CompletedTask;
        };
        await rig.FollowAsync();
        await rig.UntilAsync(11);
        var last = (AvroRecord)(await rig.ValuesAsync()).Last(v => Id(v) == 3)!["after"]!;
        Assert.Equal("three", last["name"]);
        Assert.Equal("notes of 3", last["notes"]);
    }

    // Two changes while the row waits: the second leaves out the large value that the first has written.
    [Fact]
    public async Task A_row_is_not_completed_with_an_older_large_value_than_the_stream_told()
    {
        await using var rig = await FilledAsync(10, SnapshotIsolation.Snapshot);
        var model = rig.Server.ModelOrSkip(rig.Database);
        var once = 0;
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "fence" && once++ == 0)
            {
                model.Commit([Update("dbo.item", ("id", 3), ("notes", "new notes"))]);
                model.Commit([Update("dbo.item", ("id", 3), ("name", "three"))]);
            }
            return Task.CompletedTask;
        };
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 11)));
        await rig.UntilAsync(() => rig.Log.Records.Count >= 12);
        var last = (await rig.ValuesAsync()).FindAll(v => Id(v) == 3);
        Assert.Equal(["u", "u"], last.Select(v => v!["op"]));
        Assert.Equal("new notes", ((AvroRecord)last[0]!["after"]!)["notes"]);
    }

    [Theory]
    [InlineData(SnapshotIsolation.Snapshot)]
    [InlineData(SnapshotIsolation.Chunks)]
    public async Task A_snapshot_cut_short_goes_on_after_the_last_published_key(SnapshotIsolation isolation)
    {
        await using var rig = await FilledAsync(200, isolation);
        var appends = 0;
        rig.Log.BeforeAppend = _ =>
        {
            if (++appends == 7) throw new InvalidOperationException("killed");
        };
        rig.Start();
        await rig.FailureAsync();
        var before = rig.Log.Records.Count;
        Assert.InRange(before, 1, 199);
        rig.Log.BeforeAppend = null;
        await rig.StopAsync();
        await rig.FollowAsync();
        await rig.UntilAsync(200);
        Assert.Equal(Enumerable.Range(1, 200), (await rig.ValuesAsync()).Select(Id));
    }

    [Fact]
    public async Task A_table_is_published_again_while_the_stream_goes_on()
    {
        await using var rig = await FilledAsync(90, SnapshotIsolation.Snapshot);
        await rig.FollowAsync();
        await rig.UntilAsync(90);
        await rig.StopAsync();
        Assert.True(await new SourceCatalog().RequestSnapshotAsync(rig.Log, rig.Settings, ["dbo.item"], restart: false, TestContext.Current.CancellationToken));
        await rig.CommitAsync(Insert("dbo.item", ("id", 91), ("name", "meanwhile")));
        await rig.FollowAsync();
        await rig.UntilAsync(181);
        var values = (await rig.ValuesAsync()).Skip(90).ToList();
        Assert.All(values.Where(v => (string)v!["op"]! == "r"), v => Assert.Equal("incremental", Marker(v)));
        Assert.Equal(Enumerable.Range(1, 90), values.Select(Id).Where(i => i < 91).Order());
        // The new row comes from the stream first; a later chunk may read it once more, never the other way round.
        Assert.Equal("c", values.First(v => Id(v) == 91)!["op"]);
        Assert.DoesNotContain(rig.Server.Model.Asked.Keys, k => k.Contains("insert", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_of_several_columns_and_types_are_gone_through_in_order()
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { Snapshot = SnapshotStart.Initial, SnapshotIsolation = SnapshotIsolation.Chunks, ChunkRows = 7 };
        await rig.Server.CreateAsync(rig.Database, "dbo.line", "region varchar(10) not null key1; day datetime2(7) not null key2; no decimal(9,2) not null key3; v int");
        var changes = from region in new[] { "a", "B", "c" } from day in Enumerable.Range(0, 5) from no in Enumerable.Range(0, 4)
                      select Insert("dbo.line", ("region", region), ("day", new DateTime(2024, 1, 1).AddTicks(day)), ("no", no + 0.25m), ("v", 1));
        await rig.CommitAsync([.. changes]);
        await rig.FollowAsync();
        await rig.UntilAsync(60);
        var keys = (await rig.ValuesAsync("dbo.line")).Select(v => (AvroRecord)v!["after"]!).Select(r => $"{r["region"]}/{r["day"]}/{r["no"]}").ToList();
        Assert.Equal(60, keys.Distinct().Count());
    }

    [Fact]
    public async Task Two_instances_of_a_table_are_one_table_to_a_snapshot()
    {
        await using var rig = await FilledAsync(5, SnapshotIsolation.Snapshot);
        await rig.Server.CaptureAsync(rig.Database, "dbo.item", "second");
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 6)));
        await rig.UntilAsync(6);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 6), (await rig.ValuesAsync()).Select(Id));
    }
}
