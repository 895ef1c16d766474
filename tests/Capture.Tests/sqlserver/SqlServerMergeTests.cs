using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Servers.SqlServer;
using CdcSync.Servers.Tds;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Change tables written row by row: what the capture job may leave there in whatever order, and what it must not.</summary>
public class SqlServerMergeTests
{
    static byte[] Lsn(int number) => [0, 0, 0, 0x30, 0, 0, (byte)(number >> 8), (byte)number, 0, 1];

    static Task<SqlServerRig> ScriptedAsync(params (int Commit, int Address, int Operation, string Table, int Id, string Name)[] rows) => ScriptedAsync(rig => { }, rows);

    static async Task<SqlServerRig> ScriptedAsync(Action<SqlServerRig> ready, params (int Commit, int Address, int Operation, string Table, int Id, string Name)[] rows)
    {
        var rig = await SqlServerRig.NewAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        foreach (var table in (string[])["dbo.a", "dbo.b"]) await rig.Server.CreateAsync(rig.Database, table, "id int key; name nvarchar(50)");
        ready(rig);
        await rig.FollowAsync();
        lock (model.Lock)
        {
            foreach (var row in rows)
                model.Instances.Single(i => i.Table == model.Table(row.Table)).Rows.Add(new ModelChange(Lsn(row.Commit), Lsn(row.Address), row.Operation, [3], new Dictionary<string, object?> { ["id"] = row.Id, ["name"] = row.Name }));
            model.Times.AddRange(rows.Select(r => r.Commit).Distinct().Order().Select(c => (Lsn(c), model.Now, model.Now, true)));
        }
        return rig;
    }

    static async Task<List<string>> StoryAsync(SqlServerRig rig, int records)
    {
        await rig.UntilAsync(records);
        var story = new List<string>();
        foreach (var record in rig.Log.Records)
            if (await rig.DecodeAsync(record.Value) is { } value)
            {
                var (before, after) = ((AvroRecord?)value["before"], (AvroRecord?)value["after"]);
                story.Add($"{record.Topic[^1]} {value["op"]} {before?["name"]}>{after?["name"]}");
            }
        return story;
    }

    // The second transaction began first: its changes have the lower addresses.
    [Fact]
    public async Task Commits_order_before_addresses()
    {
        await using var rig = await ScriptedAsync((200, 90, 2, "dbo.a", 1, "late"), (100, 95, 2, "dbo.b", 1, "early"), (200, 91, 2, "dbo.b", 2, "last"));
        Assert.Equal(["b c >early", "a c >late", "b c >last"], await StoryAsync(rig, 3));
    }

    [Fact]
    public async Task Addresses_order_inside_a_commit()
    {
        await using var rig = await ScriptedAsync((100, 93, 2, "dbo.a", 1, "third"), (100, 91, 2, "dbo.b", 1, "first"), (100, 92, 2, "dbo.a", 2, "second"));
        Assert.Equal(["b c >first", "a c >second", "a c >third"], await StoryAsync(rig, 3));
    }

    [Fact]
    public async Task Operations_order_at_one_address()
    {
        await using var rig = await ScriptedAsync((100, 90, 2, "dbo.a", 1, "new"), (100, 90, 1, "dbo.b", 1, "old"));
        Assert.Equal(["b d old>", "a c >new"], await StoryAsync(rig, 3));
    }

    [Fact]
    public async Task Rows_of_one_statement_are_paired_by_their_key()
    {
        await using var rig = await ScriptedAsync((100, 90, 3, "dbo.a", 1, "a"), (100, 90, 3, "dbo.a", 2, "b"), (100, 90, 4, "dbo.a", 2, "B"), (100, 90, 4, "dbo.a", 1, "A"));
        Assert.Equal(["a u b>B", "a u a>A"], await StoryAsync(rig, 2));
        var serials = (await rig.ValuesAsync("dbo.a")).Select(v => (long)((AvroRecord)v!["source"]!)["event_serial_no"]!);
        Assert.Equal([2, 4], serials);
    }

    // More than a page of one change table: 32 rows of 8 kB, so that pages end within updates too.
    [Fact]
    public async Task Changes_of_many_pages_come_whole_and_their_updates_joined()
    {
        await using var rig = await SqlServerRig.NewAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.a", "id int key; name nvarchar(4000)");
        await rig.Server.CreateAsync(rig.Database, "dbo.b", "id int key; name nvarchar(50)");
        await rig.FollowAsync();
        model.AutoScan = false;
        var pad = new string('x', 3990);
        await rig.CommitAsync([.. Enumerable.Range(1, 101).Select(i => Insert("dbo.a", ("id", i), ("name", $"old {i} {pad}")))]);
        await rig.CommitAsync([.. Enumerable.Range(1, 101).Select(i => Update("dbo.a", ("id", i), ("name", $"new {i} {pad}"))), Insert("dbo.b", ("id", 1), ("name", "b"))]);
        model.Scan();
        var story = (await StoryAsync(rig, 203)).ConvertAll(s => s.Replace(" " + pad, "", StringComparison.Ordinal));
        Assert.Equal([.. Enumerable.Range(1, 101).Select(i => $"a c >old {i}"), .. Enumerable.Range(1, 101).Select(i => $"a u old {i}>new {i}"), "b c >b"], story);
    }

    // What of the transaction was handed on is read again and left out, also where rows share an address or are halves of updates.
    [Fact]
    public async Task Cut_off_between_any_two_changes_of_a_transaction_it_goes_on_with_the_next()
    {
        var looks = 0;
        await using var rig = await ScriptedAsync(
            rig =>
            {
                rig.Settings = rig.Settings with { BatchChanges = 1 };
                rig.Server.Model.Before = (name, _, _) => name == "low_water" && ++looks % 2 == 0 ? throw new TdsErrorException(1205, "not now") : Task.CompletedTask;
            },
            (100, 90, 2, "dbo.a", 1, "first"), (100, 90, 2, "dbo.a", 2, "second"), (100, 90, 2, "dbo.a", 3, "third"), (100, 91, 3, "dbo.a", 1, "first"), (100, 91, 3, "dbo.a", 2, "second"),
            (100, 91, 4, "dbo.a", 1, "FIRST"), (100, 91, 4, "dbo.a", 2, "SECOND"), (100, 92, 1, "dbo.a", 3, "third"), (100, 93, 2, "dbo.b", 1, "other"), (101, 94, 2, "dbo.a", 4, "next"));
        Assert.Equal(["a c >first", "a c >second", "a c >third", "a u first>FIRST", "a u second>SECOND", "a d third>", "b c >other", "a c >next"], await StoryAsync(rig, 9));
        Assert.True(looks > 4);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.Equal(9, rig.Log.Records.Count);      // with the delete's tombstone
    }

    [Theory]
    [InlineData(3, 3, 4, "one half is missing")]
    [InlineData(3, 2, 2, "one half is missing")]
    [InlineData(4, 2, 2, "without the old row before it")]
    public async Task Half_an_update_stops_the_source(int first, int second, int third, string why)
    {
        await using var rig = await ScriptedAsync((100, 90, first, "dbo.a", 1, "a"), (100, second == 3 ? 90 : 91, second, "dbo.a", 2, "b"), (100, third == 4 ? 90 : 92, third, "dbo.a", 1, "c"));
        Assert.Contains(why, Assert.IsType<SourceException>(await rig.FailureAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(rig.Log.Records);
    }

    // Three bytes of mask: its last byte has the first eight columns.
    [Fact]
    public async Task The_mask_of_a_wide_table_is_read_from_its_end()
    {
        await using var rig = await SqlServerRig.NewAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; " + string.Join("; ", Enumerable.Range(1, 20).Select(i => $"c{i} nvarchar(max)")));
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", [("id", 1), .. Enumerable.Range(1, 20).Select(i => ($"c{i}", (object?)"long"))]));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("c4", null), ("c19", "new")));
        await rig.UntilAsync(2);
        var after = (AvroRecord)(await rig.ValuesAsync())[1]!["after"]!;
        Assert.Equal([.. Enumerable.Range(1, 20).Select(i => i switch { 4 => null, 19 => "new", _ => "__debezium_unavailable_value" })], Enumerable.Range(1, 20).Select(i => (string?)after[$"c{i}"]));
    }
}
