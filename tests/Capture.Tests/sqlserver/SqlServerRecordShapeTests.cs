using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CdcSync.Capture.Debezium;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>What <c>records</c> makes of changes, from the change table to the record: the same as for PostgreSQL.</summary>
public class SqlServerRecordShapeTests
{
    const string Item = "id int key; code varchar(10); name nvarchar(50); price decimal(10,2)";

    static async Task<SqlServerRig> FollowedAsync(RecordSettings records, string columns = Item, string table = "dbo.item")
    {
        var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { Records = records };
        await rig.Server.CreateAsync(rig.Database, table, columns);
        await rig.FollowAsync();
        return rig;
    }

    static AvroRecord After(AvroRecord? value) => (AvroRecord)value!["after"]!;

    static JsonElement Json(byte[]? bytes) => JsonDocument.Parse(bytes).RootElement;

    static Dictionary<string, string?> Headers(LogRecord record) => record.Headers.ToDictionary(h => h.Key, h => h.Value is null ? null : Encoding.UTF8.GetString(h.Value));

    [Theory]
    [InlineData(RecordFormat.Json)]
    [InlineData(RecordFormat.JsonWithoutSchema)]
    public async Task Records_are_json_with_and_without_schemas(RecordFormat format)
    {
        await using var rig = await FollowedAsync(new() { Format = format, JsonDecimalNumbers = true });
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "bolt"), ("price", 12.5m)));
        await rig.UntilAsync(1);
        var (key, value) = (Json(rig.Log.Records[0].Key), Json(rig.Log.Records[0].Value));
        if (format == RecordFormat.Json)
        {
            Assert.Equal($"erp.{rig.Database}.dbo.item.Envelope", value.GetProperty("schema").GetProperty("name").GetString());
            Assert.Equal($"erp.{rig.Database}.dbo.item.Key", key.GetProperty("schema").GetProperty("name").GetString());
            (key, value) = (key.GetProperty("payload"), value.GetProperty("payload"));
        }
        Assert.Equal("""{"id":1}""", key.GetRawText());
        Assert.Equal("""{"id":1,"code":null,"name":"bolt","price":12.50}""", value.GetProperty("after").GetRawText());
        Assert.Equal("sqlserver", value.GetProperty("source").GetProperty("connector").GetString());
        Assert.Equal(1, value.GetProperty("source").GetProperty("event_serial_no").GetInt32());
        Assert.Equal(JsonValueKind.Null, value.GetProperty("transaction").ValueKind);
    }

    [Fact]
    public async Task The_topic_of_structures_follows_the_format()
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { Records = new() { Format = RecordFormat.JsonWithoutSchema }, SchemaChanges = true, Snapshot = Capture.SqlServer.SnapshotStart.Initial };
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.FollowAsync();
        await rig.UntilAsync(2);
        var record = Assert.Single(rig.Log.Records, r => r.Topic == "erp");
        Assert.Equal($$"""{"databaseName":"{{rig.Database}}"}""", Encoding.UTF8.GetString(record.Key!));
        var change = Json(record.Value).GetProperty("tableChanges")[0];
        Assert.Equal("CREATE", change.GetProperty("type").GetString());
        Assert.Equal(["id", "code", "name", "price"], change.GetProperty("table").GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Text_is_masked_cut_and_hashed_and_keys_are_not()
    {
        ColumnMask Mask(string column) => new() { Columns = [$"dbo.item.{column}"] };
        await using var rig = await FollowedAsync(new()
        {
            Masks = [Mask("(name|uid|id)") with { Stars = 3 }, Mask("code") with { Truncate = 2 }, Mask("mail") with { Hash = "SHA-256", Salt = "s" }],
        }, "id varchar(5) key; code varchar(10); name nvarchar(50); uid uniqueidentifier; mail varchar(20); n int");
        await rig.CommitAsync(Insert("dbo.item", ("id", "k1"), ("code", "abcdef"), ("name", "bolt"), ("uid", Guid.NewGuid()), ("mail", "a@b.c"), ("n", 7)));
        await rig.CommitAsync(Insert("dbo.item", ("id", "k2")));
        await rig.UntilAsync(2);
        var rows = (await rig.ValuesAsync()).ConvertAll(After);
        Assert.Equal(["***", "ab", "***", "***", Convert.ToHexStringLower(SHA256.HashData("sa@b.c"u8))[..20], 7], rows[0].Values);
        Assert.Equal(["***", null, "***", "***", null, null], rows[1].Values);
        Assert.Equal("k1", (await rig.DecodeAsync(rig.Log.Records[0].Key))!["id"]);
        Assert.Contains("\"masked\":\"true\"", rig.Registry.Text($"erp.{rig.Database}.dbo.item-value"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_the_columns_asked_for_are_published(bool include)
    {
        await using var rig = await FollowedAsync(include ? new() { Columns = ["DBO.item.(id|name)"] } : new() { ExceptColumns = ["dbo.item.code", ".*price"] });
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("code", "secret"), ("name", "bolt")));
        await rig.UntilAsync(1);
        Assert.Equal(["id", "name"], After((await rig.ValuesAsync())[0]).Schema.Fields.Select(f => f.Name));
    }

    [Fact]
    public async Task Chosen_columns_are_the_key_and_a_change_of_them_is_a_delete_and_a_create()
    {
        await using var rig = await FollowedAsync(new() { Keys = [new() { Table = "dbo.item", Columns = ["code"] }] });
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("code", "A"), ("name", "bolt")));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("name", "Bolt")));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("code", "B")));
        await rig.UntilAsync(5);
        Assert.Equal(["c", "u", "d", null, "c"], (await rig.ValuesAsync()).Select(v => v?["op"]));
        var keys = new List<object?>();
        foreach (var record in rig.Log.Records) keys.Add((await rig.DecodeAsync(record.Key))!["code"]);
        Assert.Equal(["A", "A", "A", "A", "B"], keys);
        Assert.Equal("""{"code":"B"}""", Headers(rig.Log.Records[2])["__debezium.newkey"]);
        Assert.Equal("""{"code":"A"}""", Headers(rig.Log.Records[4])["__debezium.oldkey"]);
        Assert.Equal([2L, 2L], (await rig.ValuesAsync()).Where((_, i) => i is 2 or 4).Select(v => ((AvroRecord)v!["source"]!)["event_serial_no"]));
    }

    // SQL Server logs it either way; as one row it names the other key, as Debezium does.
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 3)]
    public async Task A_changed_primary_key_is_a_delete_and_a_create_however_it_was_logged(bool twoRows, int batch)
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Server.ModelOrSkip(rig.Database).KeyChangesAreTwoRows = twoRows;
        rig.Settings = rig.Settings with { BatchChanges = batch };
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "a")), Insert("dbo.item", ("id", 2), ("name", "b")), Update("dbo.item", ("id", 1), ("id", 9)));
        await rig.UntilAsync(5);
        Assert.Equal(["c", "c", "d", null, "c"], (await rig.ValuesAsync()).Select(v => v?["op"]));
        Assert.Equal(twoRows ? [] : ["__debezium.newkey"], Headers(rig.Log.Records[2]).Keys);
        Assert.Equal(twoRows ? [] : ["__debezium.oldkey"], Headers(rig.Log.Records[4]).Keys);
    }

    [Fact]
    public async Task Rows_come_flat_with_fields_of_the_envelope()
    {
        await using var rig = await FollowedAsync(new() { Flatten = new() { AddFields = ["op", "source.commit_lsn", "event_serial_no:serial"], AddHeaders = ["table"], Deletes = FlatDeletes.Rewrite } });
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "bolt")));
        await rig.CommitAsync(Delete("dbo.item", ("id", 1)));
        await rig.UntilAsync(2);
        var values = await rig.ValuesAsync();
        Assert.Equal(["bolt", "c", "false", 1L], ((string[])["name", "__op", "__deleted", "__serial"]).Select(f => values[0]![f]));
        Assert.Matches("^[0-9a-f]{8}:", (string)values[0]!["__source_commit_lsn"]!);
        Assert.Equal(["d", "true"], ((string[])["__op", "__deleted"]).Select(f => values[1]![f]));
        Assert.Equal("item", Headers(rig.Log.Records[0])["__table"]);
    }

    [Fact]
    public async Task Rows_of_an_outbox_are_the_events_they_hold()
    {
        await using var rig = await FollowedAsync(new() { Format = RecordFormat.Text, Outbox = new() { Tables = ["dbo.outbox"] } }, "id uniqueidentifier key; aggregatetype varchar(20); aggregateid varchar(20); payload nvarchar(max)", "dbo.outbox");
        var id = Guid.NewGuid();
        await rig.CommitAsync(Insert("dbo.outbox", ("id", id), ("aggregatetype", "order"), ("aggregateid", "7"), ("payload", """{"n":1}""")), Delete("dbo.outbox", ("id", id)));
        await rig.CommitAsync(Insert("dbo.outbox", ("id", Guid.NewGuid()), ("aggregatetype", "item"), ("aggregateid", "8"), ("payload", "x")));
        await rig.UntilAsync(2);
        Assert.Equal([("outbox.event.order", "7", """{"n":1}"""), ("outbox.event.item", "8", "x")], rig.Log.Records.Select(r => (r.Topic, Encoding.UTF8.GetString(r.Key!), Encoding.UTF8.GetString(r.Value!))));
        Assert.Equal(id.ToString().ToUpperInvariant(), Headers(rig.Log.Records[0])["id"]);
    }

    [Fact]
    public async Task Topics_have_a_delimiter_and_routes()
    {
        await using var rig = await FollowedAsync(new() { Topics = new() { Delimiter = "_", Routes = [new() { Match = "(erp)_.*_part", Topic = "$1_all", KeyField = "from" }] } });
        await rig.Server.CreateAsync(rig.Database, "dbo.part", "id int key");
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)), Insert("dbo.part", ("id", 2)));
        await rig.UntilAsync(2);
        Assert.Equal([$"erp_{rig.Database}_dbo_item", "erp_all"], rig.Log.Records.Select(r => r.Topic));
        Assert.Equal($"erp_{rig.Database}_dbo_part", (await rig.DecodeAsync(rig.Log.Records[1].Key))!["from"]);
    }

    [Fact]
    public async Task Names_are_adjusted_as_asked()
    {
        await using var rig = await FollowedAsync(new() { FieldNames = NameMode.AvroUnicode, SchemaNames = NameMode.AvroUnicode }, "id int key; unit-price int");
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("unit-price", 5)));
        await rig.UntilAsync(1);
        Assert.Equal(5, After((await rig.ValuesAsync())[0])["unit_u002dprice"]);
    }

    [Fact]
    public async Task Updates_that_change_nothing_published_are_left_out_when_asked()
    {
        await using var rig = await FollowedAsync(new() { SkipUnchanged = true, ExceptColumns = ["dbo.item.code"] }, Item + "; notes nvarchar(max)");
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("code", "a"), ("name", "n"), ("notes", "long")));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("code", "b")));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("name", "m")));
        await rig.UntilAsync(2);
        Assert.Equal(["n", "m"], (await rig.ValuesAsync()).Select(v => After(v)["name"]));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, null)]
    public async Task A_null_of_a_column_with_a_default_is_shown_as_asked(bool shows, int? state)
    {
        await using var rig = await FollowedAsync(new() { NullsAsDefaults = shows }, "id int key; state int default ((1))");
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("state", null)));
        await rig.UntilAsync(1);
        Assert.Equal(state, After((await rig.ValuesAsync())[0])["state"]);
    }

    [Fact]
    public async Task Schemas_say_the_source_types_of_columns_asked_for()
    {
        await using var rig = await FollowedAsync(new() { SourceTypeColumns = ["dbo.item.name"], SourceTypes = ["decimal"] });
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.UntilAsync(1);
        var schema = rig.Registry.Text($"erp.{rig.Database}.dbo.item-value");
        Assert.Contains("""{"__debezium.source.column.type":"NVARCHAR","__debezium.source.column.length":"50","__debezium.source.column.name":"name"}""", schema, StringComparison.Ordinal);
        Assert.Contains("\"__debezium.source.column.type\":\"DECIMAL\",\"__debezium.source.column.length\":\"10\",\"__debezium.source.column.scale\":\"2\"", schema, StringComparison.Ordinal);
        Assert.DoesNotContain("\"VARCHAR\"", schema, StringComparison.Ordinal);
    }
}
