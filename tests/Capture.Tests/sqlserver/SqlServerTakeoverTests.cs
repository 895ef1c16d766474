using System.Text.Json;
using CdcSync.Capture.Debezium.Takeover;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.Servers.SqlServer;
using Microsoft.Extensions.Logging.Abstractions;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Going on from what a Debezium connector stored of SQL Server databases.</summary>
public class SqlServerTakeoverTests
{
    sealed record Published(string Topic, string Operation, object? Id, string Commit, string Change, long Serial);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<List<Published>> PublishedAsync(SqlServerRig rig, MemoryLog log)
    {
        var published = new List<Published>();
        foreach (var record in log.Records)
            if (await rig.DecodeAsync(record.Value) is { } value && value["source"] is AvroRecord source)
                published.Add(new(record.Topic, (string)value["op"]!, ((AvroRecord)(value["after"] ?? value["before"])!)["id"], (string?)source["commit_lsn"] ?? "", (string?)source["change_lsn"] ?? "", (long?)source["event_serial_no"] ?? 0));
        return published;
    }

    // What Connect's offset topic holds: a key for each database.
    static ConnectorPlace Stored(params (string Database, object Offset)[] offsets)
    {
        var stored = StoredOffsets.Of("test");
        foreach (var (database, offset) in offsets)
            stored.Add(JsonSerializer.SerializeToUtf8Bytes(new object[] { "wms", new Dictionary<string, string> { ["server"] = "erp", ["database"] = database } }), JsonSerializer.SerializeToUtf8Bytes(offset));
        return new ConnectorPlace("sqlserver", stored, "wms", "erp");
    }

    static object At(string commit, string? change, long serial) => new { commit_lsn = commit, change_lsn = change, event_serial_no = serial };

    // What is published from there on, up to a place.
    static async Task<List<Published>> ContinueAsync(SqlServerRig rig, MemoryLog log, Func<Task<bool>> isDone)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var source = rig.Open();
        var running = new CaptureWorker(source, log, null, NullLogger.Instance, TimeProvider.System).RunAsync(ended.Token);
        for (var waited = 0; !await isDone() && !running.IsCompleted && waited < 3000; waited++) await Task.Delay(20, Stop);
        Assert.True(await isDone(), running.Exception?.InnerException?.Message ?? "not done within a minute");
        await ended.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await PublishedAsync(rig, log);
    }

    static Func<Task<bool>> Beyond(MemoryLog log, SourcePosition place) => async () => await log.ReadBookmarkAsync("erp", default) is { } bookmark && bookmark.Position >= place;

    static async Task<SqlServerRig> WrittenAsync()
    {
        var rig = await SqlServerRig.NewAsync();
        foreach (var table in (string[])["dbo.item", "dbo.part"]) await rig.Server.CreateAsync(rig.Database, table, "id int key; n int");
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("n", 1)), Insert("dbo.part", ("id", 1), ("n", 1)), Insert("dbo.item", ("id", 2), ("n", 1)));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("n", 2)), Update("dbo.part", ("id", 1), ("n", 2)), Delete("dbo.item", ("id", 2)));
        await rig.CommitAsync(Insert("dbo.part", ("id", 3), ("n", 1)));
        await rig.UntilAsync(8);    // a tombstone among them
        await rig.StopAsync();
        return rig;
    }

    [Fact]
    public async Task From_the_offset_of_any_record_the_next_record_is_the_next_one()
    {
        await using var rig = await WrittenAsync();
        var (all, end) = (await PublishedAsync(rig, rig.Log), await rig.PlaceAsync());
        Assert.Equal(7, all.Count);
        rig.Settings = rig.Settings with { Snapshot = SnapshotStart.Initial };
        for (var i = 0; i < all.Count; i++)
        {
            var log = new MemoryLog();
            var place = await Stored((rig.Database, At(all[i].Commit, all[i].Change, all[i].Serial))).ApplyAsync(rig.Settings, log, trust: false, TimeProvider.System, Stop);
            Assert.Equal([$"{rig.Database}.dbo.item", $"{rig.Database}.dbo.part"], place.Published);
            Assert.Equal(all[(i + 1)..], await ContinueAsync(rig, log, Beyond(log, end)));
        }
    }

    [Fact]
    public async Task An_offset_without_a_change_has_all_of_its_commit_behind_it()
    {
        await using var rig = await WrittenAsync();
        var (all, end) = (await PublishedAsync(rig, rig.Log), await rig.PlaceAsync());
        foreach (var offset in (object[])[At(all[2].Commit, "NULL", 1), At(all[2].Commit, null, 0), new { snapshot = "INITIAL", snapshot_completed = true, commit_lsn = all[2].Commit, change_lsn = "NULL", event_serial_no = 1 }])
        {
            var log = new MemoryLog();
            await Stored((rig.Database, offset)).ApplyAsync(rig.Settings, log, trust: false, TimeProvider.System, Stop);
            Assert.Equal(all[3..], await ContinueAsync(rig, log, Beyond(log, end)));
        }
    }

    [Fact]
    public async Task Each_database_goes_on_from_its_own_place_and_one_without_begins_with_its_rows()
    {
        await using var rig = await SqlServerRig.NewAsync();
        var databases = new List<string> { rig.Database, await rig.Server.NewDatabaseAsync(), await rig.Server.NewDatabaseAsync() };
        foreach (var database in databases) await rig.Server.CreateAsync(database, "dbo.item", "id int key; n int");
        rig.Settings = rig.Settings with { Databases = databases };
        await rig.FollowAsync();
        for (var id = 1; id <= 3; id++)
            foreach (var database in databases) await rig.Server.CommitAsync(database, Insert("dbo.item", ("id", id), ("n", 1)));
        await rig.UntilAsync(9);
        await rig.StopAsync();
        rig.Settings = rig.Settings with { Snapshot = SnapshotStart.Initial, SnapshotIsolation = SnapshotIsolation.Chunks };
        var all = await PublishedAsync(rig, rig.Log);
        object Of(string database, int id) => all.Single(p => p.Topic.Contains(database, StringComparison.Ordinal) && Equals(p.Id, id)) is var one ? At(one.Commit, one.Change, one.Serial) : "";
        var log = new MemoryLog();
        var place = await Stored((databases[0], Of(databases[0], 2)), (databases[1].ToUpperInvariant(), Of(databases[1], 1))).ApplyAsync(rig.Settings, log, trust: false, TimeProvider.System, Stop);
        Assert.Equal([$"{databases[2]}.*"], place.Unpublished);
        var ours = await ContinueAsync(rig, log, () => Task.FromResult(log.Records.Count >= 6));
        Assert.Equal([$"{databases[0]} c 3", $"{databases[1]} c 2", $"{databases[1]} c 3", $"{databases[2]} r 1", $"{databases[2]} r 2", $"{databases[2]} r 3"],
            ours.Select(p => $"{p.Topic.Split('.')[1]} {p.Operation} {p.Id}").Order(Comparer<string>.Create((l, r) => (databases.FindIndex(l.StartsWith), l).CompareTo((databases.FindIndex(r.StartsWith), r)))));
    }

    [Fact]
    public async Task What_cannot_be_gone_on_from_is_refused_with_its_reason_and_nothing_is_changed()
    {
        await using var rig = await WrittenAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        var (all, log) = (await PublishedAsync(rig, rig.Log), new MemoryLog());
        var good = At(all[0].Commit, all[0].Change, all[0].Serial);
        async Task Refused(string why, object offset, SqlServerSettings? settings = null, string? database = null)
        {
            var stored = Stored((database ?? rig.Database, offset));
            Assert.Contains(why, (await Assert.ThrowsAsync<TakeoverException>(() => stored.ApplyAsync(settings ?? rig.Settings, log, trust: false, TimeProvider.System, Stop))).Message, StringComparison.Ordinal);
            Assert.Null(await log.ReadBookmarkAsync("erp", Stop));
        }
        await Refused("another server's", At("7fffffff:00000000:0001", null, 0));
        await Refused("check table.include.list", good, rig.Settings with { Tables = ["x.*"] });
        await Refused("check 'databases'", good, database: "other");
        await Refused("'mode' must be cdc", good, rig.Settings with { Mode = CaptureMode.ChangeTracking });
        // Captured since then: its rows are published.
        await rig.Server.CreateAsync(rig.Database, "dbo.late", "id int key; n int");
        Assert.Equal([$"{rig.Database}.dbo.late"], (await new SqlServerTakeover(rig.Settings).FindAsync(new Dictionary<string, SqlServerOffset> { [rig.Database] = SqlServerOffset.Parse(JsonSerializer.SerializeToElement(good)) }, false, Stop)).Unpublished);
        model.CleanUp(model.MaxLsn!);
        await Refused("The server keeps changes of dbo.item", good);
        var trusted = await Stored((rig.Database, good)).ApplyAsync(rig.Settings, log, trust: true, TimeProvider.System, Stop);
        Assert.Equal(3, trusted.Published.Count);
        Assert.Contains("published already", (await Assert.ThrowsAsync<TakeoverException>(() => Stored((rig.Database, good)).ApplyAsync(rig.Settings, log, true, TimeProvider.System, Stop))).Message, StringComparison.Ordinal);
    }
}
