using System.Text.Json;
using CdcSync.Capture.Postgres;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>Schemas text for text, and values byte for byte, as the reference has them.</summary>
public class PostgresSchemaTests(TestPostgres postgres)
{
    [Fact]
    public async Task The_reference_table_has_the_reference_schemas()
    {
        await using var captured = await Captured.NewAsync(postgres, """
            create table customers(id serial primary key, name text not null, email text, balance numeric(10,2), credit_limit numeric(12,2) not null default 100.00, status smallint default 1,
              created_at timestamptz, updated_at timestamp(6), birth date, ref uuid, attrs jsonb, tags text[], amount numeric, flags bit(7));
            insert into customers(name) values ('x');
            """);
        await using var named = new Captured(captured.Connection) { Settings = captured.Settings with { TopicPrefix = "inventory" } };
        named.Start();
        await named.UntilAsync(records => records.Count == 1);
        var golden = Needs.Shared("reference", "debezium", "golden");
        Assert.Equal(Compact(await File.ReadAllTextAsync(Path.Combine(golden, "pg_customers_key.avsc"), TestContext.Current.CancellationToken)), Compact(named.Registry.Text("inventory.public.customers-key")));
        Assert.Equal(Compact(await File.ReadAllTextAsync(Path.Combine(golden, "pg_customers_value.avsc"), TestContext.Current.CancellationToken)), Compact(named.Registry.Text("inventory.public.customers-value")));
    }

    [Fact]
    public async Task Each_type_has_the_reference_field_and_bytes_under_its_setting()
    {
        var cases = JsonDocument.Parse(await File.ReadAllTextAsync(Needs.Shared("reference", "debezium", "pg_types.json"), TestContext.Current.CancellationToken)).RootElement.GetProperty("cases");
        var differences = new List<string>();
        var compared = 0;
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create extension citext; create extension hstore; create extension ltree");
        var domains = new HashSet<string>();
        foreach (var one in cases.EnumerateArray())
        {
            if (!one.TryGetProperty("avro_field_via_confluent_avro_data_7_9_9", out var field) || !one.TryGetProperty("literal", out var literal)) continue;
            if (Settings(one.GetProperty("connector_config").GetString()!) is not { } records) continue;
            var id = one.GetProperty("id").GetString()!;
            var column = one.GetProperty("column").GetString()!;
            var value = literal.ValueKind == JsonValueKind.Null ? "null" : literal.ToString();
            var table = $"t{compared}";
            try
            {
                await TestPostgres.ExecuteAsync(connection, $"create table {table}({Sql.Identifier(column)} {await TypeAsync(connection, one.GetProperty("sql_type").GetString()!, domains)}); insert into {table} values ({value})");
            }
            catch (Npgsql.PostgresException)
            {
                continue;   // PostGIS and the like, types of newer servers, and cases that describe their value in words
            }
            var (text, bytes) = await FieldAsync(connection, table, records);
            compared++;
            if (text is null) differences.Add($"{id}: left out");
            else if (Compact(text) != Compact(field.GetRawText())) differences.Add($"{id}: {text}\n  reference {Compact(field.GetRawText())}");
            else if (one.TryGetProperty("avro_single_field_record_hex", out var hex) && hex.GetString() is { } expected && expected != bytes && !Known(id)) differences.Add($"{id}: {bytes}\n  reference {expected}");
        }
        Assert.True(differences.Count == 0, $"{differences.Count} of {compared}:\n{string.Join('\n', differences.Take(25))}");
        Assert.True(compared > 150, $"only {compared} cases ran");
    }

    // "a=b; c=d" in words of a connector; null for settings that are no setting (a custom converter, an extension).
    static Debezium.RecordSettings? Settings(string text)
    {
        var properties = text.Split(';', StringSplitOptions.TrimEntries).Where(p => p.Contains('=', StringComparison.Ordinal)).Select(p => p.Split(' ')[0].Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        if (properties.Count == 0 && text != "default") return null;
        return Debezium.DebeziumProperties.ToPostgres(properties, Debezium.RecordFormat.Avro).Settings.Records with { NullsAsDefaults = false };
    }

    // "integer2 (domain over integer) NOT NULL"
    static async Task<string> TypeAsync(string connection, string type, HashSet<string> domains)
    {
        if (System.Text.RegularExpressions.Regex.Match(type, @"^(?<name>\w+) \(domain over (?<over>[^)]+(?:\([0-9,]+\))?)\)(?<rest>.*)$", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)) is not { Success: true } match) return type;
        if (domains.Add(match.Groups["name"].Value)) await TestPostgres.ExecuteAsync(connection, $"create domain {match.Groups["name"].Value} as {match.Groups["over"].Value}");
        return match.Groups["name"].Value + match.Groups["rest"].Value;
    }

    // Values that Debezium's test rewrote (zones, the year 4714 BC), orders of keys that are the JVM's, and infinity, where the recorded Debezium (streams/types) wrote otherwise.
    static readonly string[] Rewritten = ["tstzrange", "/tz_min", "/ts_pinf", "/ts_ninf", "/hsarr", "/path_alias"];

    static bool Known(string id) => Rewritten.Any(known => id.Contains(known, StringComparison.Ordinal));

    static async Task<(string? Field, string Bytes)> FieldAsync(string connection, string table, Debezium.RecordSettings records)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(new Npgsql.NpgsqlConnectionStringBuilder(connection) { SearchPath = "pg_catalog", Timezone = "UTC" });
        var settings = new PostgresSettings { Name = "x", Connection = connection, Tables = [$"public.{table}"], Records = records };
        var wanted = (await new PostgresSlot(settings, source).TablesAsync(TestContext.Current.CancellationToken)).Single();
        await using var snapshot = await PostgresSnapshot.OpenAsync(settings, source, TestContext.Current.CancellationToken);
        var described = await snapshot.DescribeAsync(wanted, new PostgresCatalog(source, records), TestContext.Current.CancellationToken);
        var row = new Debezium.RowWriter(described, records, new Debezium.ColumnRules(records), "x", new Debezium.NameRules(records));
        if (row.Value.Fields.Count == 0) return (null, "");
        var output = new EventLog.LogBatch();
        await foreach (var batch in snapshot.ReadAsync(wanted, described, null, settings, TestContext.Current.CancellationToken))
        {
            using var _ = batch;
            output.Begin("", 0);
            row.WriteRow(batch[0].After.Cells.Span, output);
            output.BeginValue();
            output.End();
        }
        return (Debezium.ConnectAvro.Text(row.Value.Fields[0]), Convert.ToHexStringLower(output.Key(output.Entries[0]).Span));
    }

    static string Compact(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);
}
