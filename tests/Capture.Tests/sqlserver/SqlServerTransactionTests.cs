using CdcSync.Capture.Debezium;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>BEGIN and END of transactions, and each record's place in its own: counted on over whatever ends the process.</summary>
public class SqlServerTransactionTests
{
    static async Task<SqlServerRig> FollowedAsync(int batch, params SkippedOperation[] skip)
    {
        var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { BatchChanges = batch, Records = new() { Transactions = true, Skip = skip } };
        foreach (var table in (string[])["dbo.a", "dbo.b"]) await rig.Server.CreateAsync(rig.Database, table, "id int key; n int");
        await rig.FollowAsync();
        return rig;
    }

    // BEGIN id | table total/in-table | END id total table=count ...
    static async Task<List<string>> StoryAsync(SqlServerRig rig, string? database = null)
    {
        var story = new List<string>();
        foreach (var record in rig.Log.Records)
            if (record.Topic == "erp.transaction" && await rig.DecodeAsync(record.Value) is { } marker)
            {
                var counts = ((IReadOnlyList<object?>?)marker["data_collections"] ?? []).Cast<AvroRecord>().Select(c => $"{c["data_collection"]}={c["event_count"]}".Replace(rig.Database, "DB", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
                story.Add($"{marker["status"]} {string.Join(' ', [marker["event_count"]?.ToString() ?? "-", .. counts])}");
            }
            else if ((database is null || record.Topic.Contains(database, StringComparison.Ordinal)) && await rig.DecodeAsync(record.Value) is { } value && value["transaction"] is AvroRecord block)
            {
                Assert.Equal(((AvroRecord)value["source"]!)["commit_lsn"], block["id"]);
                story.Add($"{record.Topic[^1]} {block["total_order"]}/{block["data_collection_order"]}");
            }
        return story;
    }

    static int Ends(SqlServerRig rig) => rig.Log.Records.Count(r => r.Topic == "erp.transaction");

    [Fact]
    public async Task Each_transaction_begins_ends_and_counts()
    {
        await using var rig = await FollowedAsync(batch: 100, SkippedOperation.Delete);
        await rig.CommitAsync(Insert("dbo.a", ("id", 1)), Insert("dbo.b", ("id", 1)), Update("dbo.a", ("id", 1), ("n", 5)), Insert("dbo.a", ("id", 2)));
        await rig.CommitAsync(Insert("dbo.b", ("id", 2)), Delete("dbo.a", ("id", 2)));
        await rig.UntilAsync(() => Ends(rig) == 4);
        Assert.Equal(["BEGIN -", "a 1/1", "b 2/1", "a 3/2", "a 4/3", "END 4 DB.dbo.a=3 DB.dbo.b=1", "BEGIN -", "b 1/1", "END 1 DB.dbo.b=1"], await StoryAsync(rig));
        var markers = rig.Log.Records.Where(r => r.Topic == "erp.transaction").ToList();
        var (begin, end) = ((await rig.DecodeAsync(markers[0].Value))!, (await rig.DecodeAsync(markers[1].Value))!);
        Assert.Equal(begin["id"], end["id"]);
        Assert.Equal(begin["id"], (await rig.DecodeAsync(markers[0].Key))!["id"]);
        Assert.Matches("^[0-9a-f]{8}:[0-9a-f]{8}:[0-9a-f]{4}$", (string)begin["id"]!);
        Assert.Equal(((AvroRecord)(await rig.DecodeAsync(rig.Log.Records[1].Value))!["source"]!)["ts_ms"], begin["ts_ms"]);
    }

    static List<string> Large(int changes) =>
        ["BEGIN -", .. Enumerable.Range(0, changes).Select(i => $"{(i % 3 == 0 ? 'b' : 'a')} {i + 1}/{(i % 3 == 0 ? i / 3 + 1 : i - i / 3)}"), $"END {changes} DB.dbo.a={changes - (changes + 2) / 3} DB.dbo.b={(changes + 2) / 3}"];

    static TestChange[] Changes(int count) => [.. Enumerable.Range(0, count).Select(i => Insert(i % 3 == 0 ? "dbo.b" : "dbo.a", ("id", i)))];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_inside_a_transaction_counts_on(bool isKilled)
    {
        await using var rig = await FollowedAsync(batch: 7, SkippedOperation.Delete);
        await rig.StopAsync();
        rig.Settings = rig.Settings with { Records = rig.Settings.Records with { SkipUnchanged = true } };
        await rig.FollowAsync();
        var appended = 0;
        rig.Log.BeforeAppend = _ =>
        {
            if (++appended is 4 or 6 or 9) throw isKilled ? new InvalidOperationException("killed") : new EventLogException("away");
        };
        // What has no record of its own is not counted, before a restart or after it.
        var changes = Changes(80).SelectMany((c, i) => i % 5 == 4 ? [c, Update(c.Table, ("id", i), ("n", null))] : (TestChange[])[c]).ToList();
        await rig.CommitAsync([.. changes[..20], Delete("dbo.a", ("id", 1)), .. changes[20..]]);
        for (var kills = 0; isKilled && kills < 3; kills++)
        {
            await rig.FailureAsync();
            await rig.StopAsync();
            rig.Start();
        }
        await rig.UntilAsync(() => Ends(rig) == 2);
        Assert.True(appended > 9);
        Assert.Equal(Large(80), await StoryAsync(rig));
    }

    [Fact]
    public async Task Databases_count_apart()
    {
        await using var rig = await FollowedAsync(batch: 3);
        await rig.StopAsync();
        var other = await rig.Server.NewDatabaseAsync();
        rig.Settings = rig.Settings with { Databases = [rig.Database, other] };
        foreach (var table in (string[])["dbo.a", "dbo.b"]) await rig.Server.CreateAsync(other, table, "id int key; n int");
        await rig.FollowAsync();
        await Task.WhenAll(rig.CommitAsync(Changes(50)), rig.Server.CommitAsync(other, Changes(50)));
        await rig.UntilAsync(() => Ends(rig) == 4);
        foreach (var database in (string[])[rig.Database, other]) Assert.Equal(Large(50)[1..^1], (await StoryAsync(rig, database)).Where(s => s[0] is 'a' or 'b'));
        Assert.Equal(2, (await StoryAsync(rig)).Count(s => s.StartsWith("END 50 ", StringComparison.Ordinal)));
    }
}
