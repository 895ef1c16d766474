using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Change tables to records, in order, with the real SqlClient.</summary>
public class SqlServerStreamTests
{
    const string Item = "id int key; name nvarchar(50); notes nvarchar(max)";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Changes_become_records_in_the_order_of_the_log(bool encrypted)
    {
        await using var rig = await SqlServerRig.NewAsync(encrypted);
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "bolt"), ("notes", "long")), Insert("dbo.item", ("id", 2), ("name", "nut")));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("name", "Bolt")), Delete("dbo.item", ("id", 2)));
        await rig.UntilAsync(5);

        var values = await rig.ValuesAsync();
        Assert.Equal(["c", "c", "u", "d", null], values.Select(v => v?["op"]));
        var update = values[2]!;
        Assert.Equal("bolt", ((AvroRecord)update["before"]!)["name"]);
        Assert.Equal("Bolt", ((AvroRecord)update["after"]!)["name"]);
        var source = (AvroRecord)update["source"]!;
        Assert.Equal("sqlserver", source["connector"]);
        Assert.Equal("erp", source["name"]);
        Assert.Equal(rig.Database, source["db"]);
        Assert.Equal(2L, source["event_serial_no"]);
        Assert.Equal(1L, ((AvroRecord)values[3]!["source"]!)["event_serial_no"]);
        Assert.Matches("^[0-9a-f]{8}:[0-9a-f]{8}:[0-9a-f]{4}$", (string)source["commit_lsn"]!);
        Assert.Equal(source["commit_lsn"], ((AvroRecord)values[3]!["source"]!)["commit_lsn"]);
        Assert.NotEqual(source["change_lsn"], ((AvroRecord)values[3]!["source"]!)["change_lsn"]);
        Assert.InRange(Math.Abs((long)source["ts_ms"]! - TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()), 0, 120_000);
    }

    [Fact]
    public async Task A_large_value_that_an_update_left_alone_is_told_from_null()
    {
        await using var rig = await SqlServerRig.NewAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item + "; photo varbinary(max); more xml");
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "bolt"), ("notes", new string('x', 20_000)), ("photo", new byte[] { 1, 2 })));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("name", "b2")));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("notes", null), ("more", "<a/>")));
        await rig.UntilAsync(3);

        var afters = (await rig.ValuesAsync()).ConvertAll(v => (AvroRecord)v!["after"]!);
        Assert.Equal(new string('x', 20_000), afters[0]["notes"]);
        Assert.Equal("__debezium_unavailable_value", afters[1]["notes"]);
        Assert.Equal("__debezium_unavailable_value"u8.ToArray(), afters[1]["photo"]);
        Assert.Null(afters[2]["notes"]);
        Assert.Equal("<a/>", afters[2]["more"]);
        Assert.Equal("__debezium_unavailable_value"u8.ToArray(), afters[2]["photo"]);
    }

    [Fact]
    public async Task Transactions_over_several_tables_keep_their_order()
    {
        await using var rig = await SqlServerRig.NewAsync();
        foreach (var table in (string[])["dbo.a", "dbo.b", "dbo.c"]) await rig.Server.CreateAsync(rig.Database, table, "id int key; n int");
        await rig.FollowAsync();
        var expected = new List<(string, int)>();
        for (var i = 0; i < 60; i++)
        {
            var changes = Enumerable.Range(0, 5).Select(j => (Table: "dbo." + "abc"[(i * 7 + j * 3) % 3], Id: i * 10 + j)).ToList();
            expected.AddRange(changes);
            await rig.CommitAsync([.. changes.Select(c => Insert(c.Table, ("id", c.Id), ("n", i)))]);
        }
        await rig.UntilAsync(expected.Count);

        var got = new List<(string, int)>();
        foreach (var record in rig.Log.Records) got.Add((record.Topic[$"erp.{rig.Database}.".Length..], (int)((AvroRecord)(await rig.DecodeAsync(record.Value))!["after"]!)["id"]!));
        Assert.Equal(expected, got);
    }

    [Fact]
    public async Task A_key_change_is_a_delete_and_an_insert()
    {
        await using var rig = await SqlServerRig.NewAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "bolt")));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("id", 5)));
        await rig.UntilAsync(4);
        Assert.Equal(["c", "d", null, "c"], (await rig.ValuesAsync()).Select(v => v?["op"]));
    }

    [Fact]
    public async Task A_restart_inside_a_large_transaction_loses_and_doubles_nothing()
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { BatchChanges = 7 };
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; name nvarchar(50)");
        await rig.FollowAsync();
        var appended = 0;
        rig.Log.BeforeAppend = _ =>
        {
            if (appended++ is 3 or 9) throw new EventLog.EventLogException("away");
        };
        await rig.CommitAsync([.. Enumerable.Range(0, 200).Select(i => Insert("dbo.item", ("id", i), ("name", "n" + i)))]);
        await rig.UntilAsync(100);
        await rig.StopAsync();
        rig.Start();
        await rig.UntilAsync(200);
        await rig.CommitAsync(Insert("dbo.item", ("id", 1000)));
        await rig.UntilAsync(201);
        Assert.Equal([.. Enumerable.Range(0, 200), 1000], (await rig.ValuesAsync()).Select(v => (int)((AvroRecord)v!["after"]!)["id"]!));
    }

    [Fact]
    public async Task A_dropped_connection_loses_and_doubles_nothing()
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; name nvarchar(50)");
        await rig.FollowAsync();
        for (var round = 0; round < 5; round++)
        {
            rig.Server.Server!.DropAfter(round * 30 + 10);
            await rig.CommitAsync([.. Enumerable.Range(round * 100, 100).Select(i => Insert("dbo.item", ("id", i), ("name", new string('n', 200))))]);
            await rig.UntilAsync(round * 100 + 50);
            rig.Server.Server.DropAll();
        }
        await rig.UntilAsync(500);
        Assert.Equal(Enumerable.Range(0, 500), (await rig.ValuesAsync()).Select(v => (int)((AvroRecord)v!["after"]!)["id"]!));
    }

    [Fact]
    public async Task An_idle_database_is_asked_one_cheap_question()
    {
        await using var rig = await SqlServerRig.NewAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.FollowAsync();
        model.ScanIdle();
        await rig.UntilAsync(() => rig.Server.Model.Asked.GetValueOrDefault("window") > 0);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        var before = rig.Server.Model.Asked.ToDictionary();
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        var asked = rig.Server.Model.Asked.Where(a => a.Value != before.GetValueOrDefault(a.Key)).Select(a => a.Key);
        Assert.Equal(["max_lsn"], asked);
    }

    [Fact]
    public async Task Several_databases_of_one_source_keep_their_places_apart()
    {
        await using var rig = await SqlServerRig.NewAsync();
        var other = await rig.Server.NewDatabaseAsync();
        foreach (var database in (string[])[rig.Database, other]) await rig.Server.CreateAsync(database, "dbo.item", "id int key");
        rig.Settings = rig.Settings with { Databases = [rig.Database, other] };
        await rig.FollowAsync();
        for (var i = 0; i < 30; i++)
        {
            await rig.Server.CommitAsync(i % 3 == 0 ? other : rig.Database, Insert("dbo.item", ("id", i)));
            if (i % 10 != 9) continue;
            await rig.UntilAsync(i + 1);
            await rig.StopAsync();
            rig.Start();
        }
        await rig.UntilAsync(30);
        Assert.Equal(Enumerable.Range(0, 30).Where(i => i % 3 != 0), (await rig.ValuesAsync()).Select(v => (int)((AvroRecord)v!["after"]!)["id"]!));
        Assert.Equal(Enumerable.Range(0, 30).Where(i => i % 3 == 0), (await rig.ValuesAsync(database: other)).Select(v => (int)((AvroRecord)v!["after"]!)["id"]!));
    }
}
