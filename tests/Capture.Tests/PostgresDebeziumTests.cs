using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>The same SQL that a recorded Debezium saw leads to the same records, decoded by their registered schemas; volatile fields left out.</summary>
public class PostgresDebeziumTests(TestPostgres postgres)
{
    static readonly string[] Volatile = ["ts_ms", "ts_us", "ts_ns", "lsn", "txId", "sequence", "xmin", "db", "transaction"];

    // Where we differ on purpose; docs/sources/postgresql.md says why.
    static readonly string[] Better = ["types.public.texts/n"];

    [Theory]
    [InlineData("lifecycle", ".message .transaction")]
    [InlineData("keys", "")]
    [InlineData("toast", ".doc_index")]
    [InlineData("types", "")]
    [InlineData("partitions", "")]
    public async Task A_scenario_leads_to_the_recorded_records(string scenario, string except)
    {
        var folder = Needs.Shared("reference", "debezium", "streams", scenario);
        var connection = await postgres.NewDatabaseAsync(scenario);
        await PsqlAsync(connection, Path.Combine(folder, "setup.sql"));
        await TestPostgres.ExecuteAsync(connection, "create table if not exists done(id int primary key)");
        await using var captured = new Captured(connection)
        {
            Settings = new PostgresSettings { Name = scenario, Connection = connection, Snapshot = SnapshotMode.Never, Slot = $"conformance_{scenario}", HeartbeatInterval = TimeSpan.FromMilliseconds(300) },
        };
        captured.Start();
        await captured.CaughtUpAsync();
        await PsqlAsync(connection, Path.Combine(folder, "changes.sql"));
        await captured.UntilAsync(records => records.Any(r => r.Topic.EndsWith(".done", StringComparison.Ordinal)));

        var differences = new List<string>();
        var ours = captured.Log.Records.GroupBy(r => r.Topic).ToDictionary(g => g.Key, g => g.ToList());
        foreach (var topic in File.ReadLines(Path.Combine(folder, "messages.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).GroupBy(m => m.GetProperty("topic").GetString()!))
        {
            if (except.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(e => topic.Key.EndsWith(e, StringComparison.Ordinal))) continue;
            var theirs = topic.ToList();
            var got = ours.GetValueOrDefault(topic.Key) ?? [];
            if (got.Count != theirs.Count) differences.Add($"{topic.Key}: {got.Count} records, Debezium has {theirs.Count}");
            for (var i = 0; i < Math.Min(got.Count, theirs.Count); i++) await CompareAsync($"{topic.Key}[{i}]", got[i], theirs[i], captured.Registry, differences);
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(30)));
    }

    static async Task CompareAsync(string at, LogRecord record, JsonElement theirs, MemoryRegistry registry, List<string> differences)
    {
        await Side("key", record.Key, theirs.GetProperty("key"));
        await Side("value", record.Value, theirs.GetProperty("value"));
        var wanted = theirs.GetProperty("headers") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(h => h.GetString()).Chunk(2).Where(h => h[0] is "__debezium.newkey" or "__debezium.oldkey").Select(h => $"{h[0]}={h[1]}") : [];
        var headers = record.Headers.Select(h => $"{h.Key}={System.Text.Encoding.UTF8.GetString(h.Value!)}");
        if (!wanted.SequenceEqual(headers)) differences.Add($"{at}: headers {string.Join(' ', headers)}, Debezium has {string.Join(' ', wanted)}");

        async Task Side(string side, byte[]? bytes, JsonElement json)
        {
            if (bytes is null || json.ValueKind == JsonValueKind.Null)
            {
                if (bytes is not null || json.ValueKind != JsonValueKind.Null) differences.Add($"{at} {side}: {(bytes is null ? "null" : "there")}, Debezium the other way round");
                return;
            }
            var schema = AvroSchema.Parse((await registry.GetAsync(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)), default)).Text);
            Compare($"{at} {side}", AvroReader.For(schema).Read(bytes.AsSpan(5)), json.GetProperty("payload"), json.GetProperty("schema"), differences);
        }
    }

    static void Compare(string at, object? value, JsonElement json, JsonElement schema, List<string> differences)
    {
        if (value is AvroRecord record && json.ValueKind == JsonValueKind.Object)
        {
            var fields = schema.GetProperty("fields").EnumerateArray().ToDictionary(f => AvroNames.Part(f.GetProperty("field").GetString()!));
            foreach (var field in json.EnumerateObject())
            {
                if (Volatile.Contains(field.Name)) continue;
                var name = AvroNames.Part(field.Name);
                if (record.Schema.Find(name) is null) differences.Add($"{at}.{name}: missing");
                else if (record[name] is not null || !IsDefault(fields[name], field.Value)) Compare($"{at}.{name}", record[name], field.Value, fields[name], differences);
            }
            return;
        }
        var (ours, theirs) = (Canon(value), Canon(json));
        if (ours != theirs && !Better.Any(b => at.StartsWith(b.Split('/')[0], StringComparison.Ordinal) && at.EndsWith("." + b.Split('/')[1], StringComparison.Ordinal)))
            differences.Add($"{at}: {ours}, Debezium has {theirs}");
    }

    // Debezium with Confluent's converter shows a null in an optional column as the column's default; we show the null (facts: a known trap).
    static bool IsDefault(JsonElement schema, JsonElement value) => schema.TryGetProperty("default", out var standard) && schema.GetProperty("optional").GetBoolean() && Canon(standard) == Canon(value);

    static string Canon(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        int or long => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        float number => Number(number),
        double number => Number(number),
        string text => $"\"{text}\"",
        byte[] bytes => $"\"{Convert.ToBase64String(bytes)}\"",
        AvroDecimal number => $"\"{Convert.ToBase64String(number.Unscaled.ToByteArray(isBigEndian: true))}\"",
        AvroRecord record => $"{{{string.Join(',', record.Schema.Fields.Select(f => $"{f.Name}:{Canon(record[f.Position])}"))}}}",
        IEnumerable<object?> items => $"[{string.Join(',', items.Select(Canon))}]",
        _ => throw new NotSupportedException(value.GetType().Name),
    };

    static string Number(double number) => double.IsFinite(number) ? (number == 0 ? 0 : number).ToString("R", CultureInfo.InvariantCulture) : $"\"{(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity")}\"";

    static string Canon(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => json.GetRawText() is var raw && raw.AsSpan().IndexOfAny(".eE") < 0 ? raw : Number(json.GetDouble()),
        JsonValueKind.String => $"\"{json.GetString()}\"",
        JsonValueKind.Array => $"[{string.Join(',', json.EnumerateArray().Select(Canon))}]",
        _ => $"{{{string.Join(',', json.EnumerateObject().Select(p => $"{p.Name}:{Canon(p.Value)}"))}}}",
    };

    static async Task PsqlAsync(string connection, string file)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection);
        using var psql = Process.Start(new ProcessStartInfo("psql",
            ["-qX", "-h", settings.Host!, "-p", settings.Port.ToString(), "-U", settings.Username!, "-d", settings.Database!, "-v", "ON_ERROR_STOP=1", "-f", file]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var error = await psql.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await psql.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(psql.ExitCode == 0, error);
    }
}
