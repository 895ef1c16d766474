using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Servers;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Every recorded type and setting of Debezium: the value on the wire leads to its schema and its bytes.</summary>
public class SqlServerTypeTests
{
    static List<JsonElement> Cases() =>
        [.. JsonDocument.Parse(File.ReadAllText(Needs.Shared("reference", "debezium", "sqlserver_types.json"))).RootElement.GetProperty("cases").EnumerateArray()];

    static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public static TheoryData<string> Configurations() => [.. Cases().Where(c => c.TryGetProperty("avro_field_via_confluent_avro_data_7_9_9", out _) && Text(c, "table").Length > 0 && !Text(c, "id").StartsWith("default", StringComparison.Ordinal))
        .Select(c => Text(c, "id").Split('/')[0]).Distinct()];

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task A_recorded_type_leads_to_the_recorded_schema_and_bytes(string group)
    {
        var cases = Cases().Where(c => Text(c, "id").StartsWith(group + "/", StringComparison.Ordinal)).ToList();
        await using var rig = await SqlServerRig.NewAsync();
        rig.Settings = Configured(rig.Settings, Text(cases[0], "connector_config"));
        var columns = cases.Select(c => $"{Text(c, "column")} {Sql(Text(c, "sql_type"))}{(Text(c, "sql_type").Contains("NOT NULL", StringComparison.Ordinal) ? " not null" : "")}");
        await rig.Server.CreateAsync(rig.Database, "dbo.types", "id int key; " + string.Join("; ", columns));
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.types", [("id", 1), .. cases.Select(c => (Text(c, "column"), Literal(Text(c, "literal"), Sql(Text(c, "sql_type")))))]));
        await rig.UntilAsync(1);

        var after = (AvroRecord)(await rig.ValuesAsync("dbo.types"))[0]!["after"]!;
        var schema = JsonNode.Parse(rig.Registry.Text($"erp.{rig.Database}.dbo.types-value"))!;
        var fields = schema["fields"]![0]!["type"]![1]!["fields"]!.AsArray().ToDictionary(f => (string)f!["name"]!);
        var differences = new List<string>();
        foreach (var one in cases)
        {
            var name = Text(one, "column");
            var expected = one.GetProperty("avro_field_via_confluent_avro_data_7_9_9").GetRawText();
            // A record is spelled out where it is first met, and named from then on.
            var isNamed = fields[name]!["type"] is JsonArray types && types[1] is JsonValue && expected.Contains("Structured", StringComparison.Ordinal);
            if (!isNamed && fields[name]!.ToJsonString() != JsonNode.Parse(expected)!.ToJsonString())
                differences.Add($"{name}: {fields[name]!.ToJsonString()}, Debezium has {expected}");
            var single = AvroSchema.Parse($$"""{"type":"record","name":"Row","namespace":"w","fields":[{{expected}}]}""");
            var theirs = ((AvroRecord)AvroReader.For(single).Read(Convert.FromHexString(Text(one, "avro_single_field_record_hex")))!)[0];
            if (!Same(after[name], theirs)) differences.Add($"{name} {Text(one, "sql_type")} {Text(one, "literal")}: {Show(after[name])}, Debezium has {Show(theirs)}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    static bool Same(object? left, object? right) => (left, right) switch
    {
        (AvroRecord a, AvroRecord b) => a.Values.Zip(b.Values).All(p => Same(p.First, p.Second)),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (AvroDecimal a, AvroDecimal b) => a.Unscaled == b.Unscaled && a.Scale == b.Scale,
        _ => Equals(left, right),
    };

    static string Show(object? value) => value switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexString(bytes),
        AvroRecord record => string.Join(' ', record.Values.Select(Show)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    static string Sql(string recorded)
    {
        var text = recorded.ToLowerInvariant().Replace(" not null", "", StringComparison.Ordinal).Replace(", ", ",", StringComparison.Ordinal);
        return text.Split(' ')[0];
    }

    static SqlServerSettings Configured(SqlServerSettings settings, string configuration) => configuration.Split('=') switch
    {
        ["time.precision.mode", var mode] => settings with { Records = settings.Records with { Times = Enum.Parse<TimeMode>(mode.Replace("_", "", StringComparison.Ordinal), ignoreCase: true) } },
        ["decimal.handling.mode", var mode] => settings with { Records = settings.Records with { Decimals = Enum.Parse<DecimalMode>(mode, ignoreCase: true) } },
        ["binary.handling.mode", var mode] => settings with { Records = settings.Records with { Binary = Enum.Parse<BinaryMode>(mode.Replace("-", "", StringComparison.Ordinal).Replace("safe", "safe", StringComparison.Ordinal), ignoreCase: true) } },
        _ => settings,
    };

    static object? Literal(string literal, string sql)
    {
        var culture = CultureInfo.InvariantCulture;
        var plain = literal.TrimStart('N').Trim('\'');
        if (literal == "NULL") return null;
        return sql.Split('(')[0] switch
        {
            "bit" => plain == "1",
            "tinyint" or "smallint" or "int" or "bigint" => long.Parse(plain, culture),
            "real" => float.Parse(plain, culture),
            "float" => double.Parse(plain, culture),
            "decimal" or "numeric" or "money" or "smallmoney" => decimal.Parse(plain, culture),
            "date" => DateOnly.Parse(plain, culture),
            "time" => TimeOnly.Parse(plain, culture),
            "datetime" or "datetime2" or "smalldatetime" => DateTime.Parse(plain, culture),
            "datetimeoffset" => DateTimeOffset.Parse(plain, culture),
            "uniqueidentifier" => Guid.Parse(plain),
            "binary" or "varbinary" => Convert.FromHexString(plain[2..]),
            // What a server with a Western code page makes of it.
            "char" or "varchar" or "text" => plain.Replace('č', 'c'),
            _ => plain,
        };
    }

    public static TheoryData<string> Defaults() => [.. Cases().Where(c => Text(c, "id").StartsWith("default/", StringComparison.Ordinal) && c.GetProperty("expected_connect_schema").TryGetProperty("default", out _)).Select(c => Text(c, "id"))];

    [Theory]
    [MemberData(nameof(Defaults))]
    public void A_recorded_default_is_understood(string id)
    {
        var one = Cases().Find(c => Text(c, "id") == id);
        var sql = Sql(Text(one, "sql_type"));
        var type = new TestColumn("c", sql).Wire;
        var expected = one.GetProperty("expected_connect_schema").GetProperty("default");
        var column = new SqlServerColumn("c", SqlServerType.Of(type.Name, null, type.Length, type.Precision, type.Scale), true, 0, Definition(expected, sql), false, 0);
        var shape = new SqlServerColumnTypes(new RecordSettings()).Of(column)!;
        var avro = SqlServerDefaults.Of(column, shape);
        Assert.NotNull(avro);
        var json = ConnectJson.Text(shape.Schema, avro, latin: true);
        if (expected.ValueKind == JsonValueKind.Number) Assert.Equal(expected.GetDouble(), double.Parse(json, CultureInfo.InvariantCulture), 6);
        else if (expected.ValueKind == JsonValueKind.Object && expected.TryGetProperty("$decimal", out var number))
        {
            var bytes = System.Text.Encoding.Latin1.GetBytes(JsonSerializer.Deserialize<string>(json)!);
            Assert.Equal(number.GetString(), SqlServerValue.DecimalText((Int128)new System.Numerics.BigInteger(bytes, isBigEndian: true), type.Name.EndsWith("money", StringComparison.Ordinal) ? 4 : type.Scale));
        }
        else if (expected.ValueKind == JsonValueKind.Object) Assert.Equal(expected.GetProperty("$hex").GetString(), Convert.ToHexStringLower(System.Text.Encoding.Latin1.GetBytes(JsonSerializer.Deserialize<string>(json)!)));
        else Assert.Equal(expected.GetRawText(), json);
    }

    // As sys.default_constraints shows it.
    static string Definition(JsonElement value, string sql)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean() ? "((1))" : "((0))";
        if (value.ValueKind == JsonValueKind.Object) return value.TryGetProperty("$decimal", out var number) ? $"(({number.GetString()}))" : $"(0x{value.GetProperty("$hex").GetString()})";
        if (value.ValueKind == JsonValueKind.String) return $"(N'{value.GetString()}')";
        var epoch = DateTime.UnixEpoch;
        var n = value.GetDouble();
        return sql switch
        {
            "date" => $"('{epoch.AddDays(n):yyyy-MM-dd}')",
            "time" or "time(7)" => $"('{new TimeOnly(value.GetInt64() / 100):O}')",
            "time(0)" or "time(1)" or "time(2)" or "time(3)" => $"('{new TimeOnly(value.GetInt64() * 10_000):O}')",
            ['t', 'i', 'm', 'e', '(', ..] => $"('{new TimeOnly(value.GetInt64() * 10):O}')",
            "datetime2" or "datetime2(7)" => $"('{epoch.AddTicks(value.GetInt64() / 100):yyyy-MM-dd HH:mm:ss.fffffff}')",
            "datetime2(4)" or "datetime2(5)" or "datetime2(6)" => $"('{epoch.AddTicks(value.GetInt64() * 10):yyyy-MM-dd HH:mm:ss.fffffff}')",
            ['d', 'a', 't', 'e', ..] or "smalldatetime" => $"('{epoch.AddMilliseconds(n):yyyy-MM-dd HH:mm:ss.fff}')",
            _ => $"(({value.GetRawText()}))",
        };
    }

    [Fact]
    public void The_schemas_are_those_of_the_golden_table()
    {
        SqlServerColumn Column(string name, string sql, bool nullable = true, int key = 0, string? fallback = null)
        {
            var type = new TestColumn(name, sql).Wire;
            return new(name, SqlServerType.Of(type.Name, null, type.Length, type.Precision, type.Scale), nullable, key, fallback, false, 0);
        }

        SqlServerColumn[] columns =
        [
            Column("id", "int", false, 1), Column("name", "nvarchar(50)", false), Column("email", "nvarchar(100)"), Column("balance", "decimal(10,2)"), Column("credit_limit", "decimal(12,2)", false, 0, "((100.00))"),
            Column("status", "smallint", true, 0, "((1))"), Column("created_at", "datetimeoffset(7)"), Column("updated_at", "datetime2(7)"), Column("birth", "date"), Column("ref", "uniqueidentifier"), Column("rv", "rowversion"),
            Column("active", "bit", true, 0, "((1))"),
        ];
        var (records, topic) = (new RecordSettings(), "erp.FLX.dbo.Customers");
        var form = new SqlServerForm(new SqlServerSettings { Name = "erp", Connection = "Database=FLX" });
        var table = new SqlServerTable("FLX", 1, "dbo", "Customers", columns);
        var row = new RowWriter(table, table.RecordKey, records, new ColumnRules(records, form.Types), topic, new NameRules(records));
        Equal("sqlserver_customers_value.avsc", ConnectAvro.Text(EnvelopeRecords.Schema(topic + ".Envelope", row.Value, form)));
        Equal("sqlserver_customers_key.avsc", ConnectAvro.Text(row.Key!));
        Equal("schema_change_value_sqlserver.avsc", ConnectAvro.Text(SqlServerSchemaChanges.Value));
        Equal("schema_change_key_sqlserver.avsc", ConnectAvro.Text(SqlServerSchemaChanges.Key));

        // Their text, order of properties included, without white space.
        static void Equal(string golden, string ours) => Assert.Equal(JsonNode.Parse(File.ReadAllText(Needs.Shared("reference", "debezium", "golden", golden)))!.ToJsonString(), JsonNode.Parse(ours)!.ToJsonString());
    }

    [Fact]
    public async Task Types_that_Debezium_has_no_test_for()
    {
        await using var rig = await SqlServerRig.NewAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.odd", "id bigint key; never datetime2(7); tree hierarchyid; place geography; any sql_variant; big decimal(38,0); small decimal(38,38); sparse nvarchar(20); stamp rowversion; total as ([id]*(2))");
        rig.Server.ModelOrSkip(rig.Database);
        await rig.FollowAsync();
        byte[] shape = [0, 0, 0x10, 0xe6, 1, 1, 0, 0, 0];
        var nines = System.Data.SqlTypes.SqlDecimal.Parse("99999999999999999999999999999999999999");
        await rig.CommitAsync(Insert("dbo.odd", ("id", 1), ("never", DateTime.MaxValue), ("tree", new byte[] { 0x58 }), ("place", shape), ("any", "12"), ("big", nines), ("small", -0.00000001m)));
        await rig.UntilAsync(1);
        var row = (AvroRecord)(await rig.ValuesAsync("dbo.odd"))[0]!["after"]!;
        Assert.Equal(long.MaxValue, row["never"]);
        Assert.Contains(rig.Log.Records[0].Headers, h => h.Key == "cdcsync.unrepresentable" && System.Text.Encoding.UTF8.GetString(h.Value!).Contains("9999-12-31T23:59:59.9999999", StringComparison.Ordinal));
        Assert.Equal(new byte[] { 0x58 }, row["tree"]);
        Assert.Equal(4326, ((AvroRecord)row["place"]!)["srid"]);
        Assert.Equal(shape[4..], ((AvroRecord)row["place"]!)["wkb"]);
        Assert.Equal("12", row["any"]);
        Assert.Equal(System.Numerics.BigInteger.Parse("99999999999999999999999999999999999999"), ((AvroDecimal)row["big"]!).Unscaled);
        Assert.Equal(-System.Numerics.BigInteger.Pow(10, 30), ((AvroDecimal)row["small"]!).Unscaled);
        Assert.Null(row["sparse"]);
        Assert.Equal(8, ((byte[])row["stamp"]!).Length);
        Assert.Null(row.Schema.Find("total"));
    }
}
