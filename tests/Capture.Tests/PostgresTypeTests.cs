using System.Text.Json;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Changes;
using CdcSync.DebeziumConformance;
using CdcSync.EventLog;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>Every case of the reference's types under its setting: the Connect schema and the value as JSON shows them, the Avro schema and the bytes. What does not run is listed.</summary>
public class PostgresTypeTests(TestPostgres postgres)
{
    /// <summary>The cases that cannot run, by why. A case that drops out, or runs again, fails the test.</summary>
    static readonly Dictionary<string, int> NotRun = new()
    {
        ["a custom converter: a Java class of the user's"] = 1,
        ["PostGIS: a test of its own"] = 3,
        ["pgvector: no reader, and no such extension in Debian 12"] = 3,
    };

    /// <summary>Values in which the reference and the recorded Debezium 3.7 (streams/types, tests/debezium/scenarios) are not one, by why.</summary>
    static readonly Dictionary<string, string> OtherValue = new()
    {
        ["schemaAndValuesForDateTimeTypes/tz_min"] = "the reference's test checks a condition and has no value",
        ["schemaAndValuesForDateTimeTypes/ts_pinf"] = "the reference has milliseconds, the recording 9223372036854775807",
        ["schemaAndValuesForDateTimeTypes/ts_ninf"] = "the reference has milliseconds, the recording -9223372036854775808",
        ["schemasAndValuesForArrayTypes/tstzrange_array"] = "the reference's test writes zones as +00:00; the recording has the server's +00",
        ["domain_nested/varbit"] = "a snapshot's 05 00; streamed, as recorded, 05",
    };

    [Fact]
    public async Task Each_type_has_the_reference_schema_and_value_under_its_setting()
    {
        var cases = await CasesAsync();
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, TypeCase.Setup(cases));
        var left = cases.GroupBy(c => c.Reason).Where(g => g.Key is not null).ToDictionary(g => g.Key!, g => g.Count());
        var compared = await CompareAsync(connection, [.. cases.Where(c => c.Reason is null)]);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cases.Count} cases; compared: {compared}\n{string.Join('\n', left.Select(l => $"{l.Value} not run: {l.Key}"))}");
        Assert.Equal(NotRun.OrderBy(l => l.Key, StringComparer.Ordinal), left.OrderBy(l => l.Key, StringComparer.Ordinal));
        Assert.Equal((263, 256), (cases.Count, compared.Cases));
        Assert.Equal((218, 208, 208), (compared.Schemas, compared.Fields, compared.Bytes));
    }

    [Fact]
    public async Task PostGIS_has_the_reference_schema_and_value_and_the_recorded_records()
    {
        var connection = await postgres.NewDatabaseAsync();
        await RequirePostGisAsync(connection);
        var compared = await CompareAsync(connection, [.. (await CasesAsync()).Where(c => c.IsPostGis)]);
        Assert.Equal((3, 3, 3, 3), compared);
        var (records, differences) = await Attempts.BestAsync(new Scenario(Path.Combine(Needs.Root, "tests", "debezium", "postgis")), postgres.Server, TestContext.Current.CancellationToken);
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(30)));
        Assert.True(records > 10);
    }

    // No part of what CI installs: its absence is shown, here and there.
    static async Task RequirePostGisAsync(string connection)
    {
        try
        {
            await TestPostgres.ExecuteAsync(connection, "create schema postgis; create extension postgis schema postgis");
        }
        catch (Npgsql.PostgresException missing) when (missing.SqlState is Npgsql.PostgresErrorCodes.UndefinedFile or Npgsql.PostgresErrorCodes.FeatureNotSupported)
        {
            Assert.Skip($"PostGIS is not installed (Debian: postgresql-15-postgis-3): {missing.MessageText}");
        }
    }

    static async Task<IReadOnlyList<TypeCase>> CasesAsync() =>
        TypeCase.All(await File.ReadAllTextAsync(Needs.Shared("reference", "debezium", "pg_types.json"), TestContext.Current.CancellationToken));

    static async Task<(int Cases, int Schemas, int Fields, int Bytes)> CompareAsync(string connection, IReadOnlyList<TypeCase> cases)
    {
        var differences = new List<string>();
        foreach (var (number, one) in cases.Index())
        {
            await TestPostgres.ExecuteAsync(connection, one.Create($"t{number}"));
            differences.AddRange(await DifferencesAsync(one, connection, $"t{number}"));
        }
        Assert.True(differences.Count == 0, $"{differences.Count} differences of {cases.Count} cases:\n{string.Join('\n', differences.Take(40))}");
        return (cases.Count, cases.Count(c => c.Schema is not null), cases.Count(c => c.Field is not null), cases.Count(c => c.Bytes is not null));
    }

    static async Task<IReadOnlyList<string>> DifferencesAsync(TypeCase one, string connection, string table)
    {
        var records = one.Settings(RecordFormat.Avro);
        var (row, bytes) = await RowAsync(connection, table, records, one.IsUnchanged);
        if (row.Value.Fields.Count == 0) return [$"{one.Id}: left out"];
        var (field, hex) = (row.Value.Fields[0], Convert.ToHexStringLower(bytes));
        var json = new List<string>();
        if (one.Schema is { } schema) JsonReference.Schema(one.Id, schema, JsonReference.SchemaOf(field.Schema), json);
        var isOther = OtherValue.ContainsKey(one.Id);
        if (JsonReference.IsSame(one.Value, JsonReference.ValueOf(field.Schema, bytes)) == isOther) json.Add($"{one.Id}: {JsonReference.ValueOf(field.Schema, bytes)}\n  reference {one.Value}{(isOther ? " (listed as another value)" : "")}");
        if (one.Field is { } avro && ConnectAvro.Text(field) is var text && Compact(text) != Compact(avro.GetRawText())) json.Add($"{one.Id}: {text}\n  reference {Compact(avro.GetRawText())}");
        if (one.Bytes is { } expected && expected != hex && !isOther && !JsonReference.IsUnordered(one.Value)) json.Add($"{one.Id}: {hex}\n  reference {expected}");
        return json;
    }

    static async Task<(RowWriter Row, byte[] Bytes)> RowAsync(string connection, string table, RecordSettings records, bool unchanged)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var source = Npgsql.NpgsqlDataSource.Create(new Npgsql.NpgsqlConnectionStringBuilder(connection) { SearchPath = "pg_catalog", Timezone = "UTC" });
        var settings = new PostgresSettings { Name = "x", Connection = connection, Tables = [$"public.{table}"], Records = records };
        var wanted = (await new PostgresSlot(settings, source).TablesAsync(stop)).Single();
        await using var snapshot = await PostgresSnapshot.OpenAsync(settings, source, new Care.LoadBudget("t", new(), new Said(), TimeProvider.System), stop);
        var described = await snapshot.DescribeAsync(wanted, new PostgresCatalog(source, records), stop);
        var row = new RowWriter(described, described.RecordKey, records, new ColumnRules(records, new PostgresColumnTypes(records)), "x", new NameRules(records));
        if (row.Value.Fields.Count == 0) return (row, []);
        var output = new LogBatch();
        await foreach (var batch in snapshot.ReadAsync(wanted.Quoted, described, null, null, null, 0, 0, stop))
        {
            using var _ = batch;
            output.Begin("", 0);
            row.WriteRow(unchanged ? [(byte)CellKind.Unchanged] : batch[0].After.Cells.Span, output);
            output.BeginValue();
            output.End();
        }
        return (row, output.Key(output.Entries[0]).ToArray());
    }

    static string Compact(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);
}
