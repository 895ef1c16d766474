using System.Text.Json;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Servers.SqlServer;
using CdcSync.Servers.Tds;
using Microsoft.Extensions.Logging.Abstractions;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Mappings' SQL at a SQL Server: the statements sent, and what becomes of their rows.</summary>
public class SqlServerMappingTests
{
    static MappingSettings Item => new()
    {
        Object = "item", Source = "erp", Key = ["dbo.item.id"],
        Query = "select i.id, i.code as number, i.name from dbo.item i where i.id = any(@keys)",
        AffectedBy = new Dictionary<string, string> { ["dbo.item_text"] = "select item from dbo.item_text where id = any(@ids)" },
    };

    static TdsResult Answer(SqlServerRig rig, TdsRequest request)
    {
        var rows = rig.Server.Model.Databases[rig.Database].Table("dbo.item").Rows.Values.AsEnumerable();
        if (request.Text.Contains("top (0)", StringComparison.Ordinal)) rows = [];
        if (request.Parameters.TryGetValue("@keys", out var keys))
        {
            Assert.Contains("exists (select 1 from openjson(@keys) with (k0 int '$[0]') keys where keys.k0 = i.id)", request.Text, StringComparison.Ordinal);
            var wanted = JsonSerializer.Deserialize<string[][]>((string)keys!)!.Select(k => int.Parse(k[0])).ToHashSet();
            rows = rows.Where(r => wanted.Contains((int)r["id"]!));
        }
        else Assert.Contains("where 1 = 1", request.Text, StringComparison.Ordinal);
        return TdsResult.Of("id int;number nvarchar(20);name nvarchar(50)", [.. rows.Select(r => new[] { r["id"], r["code"], r["name"] })]);
    }

    [Fact]
    public async Task Objects_follow_their_tables()
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; code nvarchar(20); name nvarchar(50)");
        await rig.Server.CreateAsync(rig.Database, "dbo.item_text", "id int key; item int; text nvarchar(50)");
        rig.Settings = rig.Settings with { Snapshot = SnapshotStart.Initial };
        rig.Server.Model.Script("from dbo.item i where", request => Answer(rig, request));
        rig.Server.Model.Script("select item from dbo.item_text where id in (select value from openjson(@ids))", _ => TdsResult.Of("item int", [1]));
        var records = new CanonicalRecords(new MemoryRegistry());
        await using var mapper = new CanonicalMapper("erp", new SqlServerQueries(rig.Settings), [Item], records, NullLogger.Instance);
        rig.Mapper = mapper;
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("code", "B-1"), ("name", "bolt")), Insert("dbo.item", ("id", 2), ("code", "N-1"), ("name", "nut")));
        await rig.FollowAsync();
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic == "canonical.item") == 2);
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("name", "Bolt")), Delete("dbo.item", ("id", 2)));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic == "canonical.item") == 4);
        await rig.CommitAsync(Insert("dbo.item_text", ("id", 7), ("item", 1), ("text", "x")));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic == "canonical.item") == 5);

        var objects = new List<(string Id, string? Name)>();
        foreach (var record in rig.Log.Records.Where(r => r.Topic == "canonical.item"))
        {
            var read = await records.ReadAsync(record, TestContext.Current.CancellationToken);
            objects.Add((read.Key.Id, (read.Object as Item)?.Name));
        }
        Assert.Equal([("1", "bolt"), ("2", "nut")], objects.Take(2).Order());
        Assert.Equal([("1", "Bolt"), ("2", null)], objects.Skip(2).Take(2).Order());
        Assert.Equal(("1", "Bolt"), objects[4]);
        Assert.DoesNotContain(rig.Log.Records, r => r.Topic == CanonicalMapper.DeadLetterTopic);
        Assert.DoesNotContain(await mapper.CheckAsync(TestContext.Current.CancellationToken), f => f.Level == PreflightLevel.Fail);
    }

    [Fact]
    public async Task A_row_that_cannot_be_evaluated_stops_itself_alone()
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Server.ModelOrSkip(rig.Database);
        rig.Server.Model.Script("from dbo.item i where", request =>
        {
            if (request.Text.Contains("top (0)", StringComparison.Ordinal)) return TdsResult.Of("id int;number nvarchar(20);name nvarchar(50)");
            var keys = JsonSerializer.Deserialize<string[][]>((string)request.Parameters["@keys"]!)!.Select(k => int.Parse(k[0])).ToList();
            return keys.Contains(13) ? throw new TdsErrorException(8134, "Divide by zero error encountered.") : TdsResult.Of("id int;number nvarchar(20);name nvarchar(50)", [.. keys.Select(k => new object?[] { k, "s" + k, "n" + k })]);
        });
        await using var queries = new SqlServerQueries(rig.Settings);
        var mapping = new ObjectMapping(Item, "dbo");
        var rows = new List<MappedRow>();
        await foreach (var row in queries.ReadKeysAsync(mapping, [.. Enumerable.Range(1, 50).Select(i => new[] { i.ToString() })], TestContext.Current.CancellationToken)) rows.Add(row);
        Assert.Equal(50, rows.Count);
        Assert.Contains("Divide by zero", Assert.Single(rows, r => r.Error is not null).Error, StringComparison.Ordinal);
        Assert.Equal("13", Assert.Single(rows, r => r.Error is not null).Id);
    }
}
