using System.Text.Json;
using CdcSync.Contract.Avro;
using CdcSync.Servers;

namespace CdcSync.Contract.Tests;

/// <summary>What a real Debezium with Confluent's AvroData wrote.</summary>
public class AvroGoldenTests
{
    static string Folder => Needs.Shared("reference", "debezium");

    [Fact]
    public void Its_schemas_are_read_and_written_without_a_difference()
    {
        var files = Directory.GetFiles(Path.Combine(Folder, "golden"), "*.avsc");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            var compact = JsonSerializer.Serialize(JsonElement.Parse(text), Compact);
            Assert.Equal(compact, AvroSchema.Parse(text).ToJson());
            Assert.Equal(AvroCanonicalForm.Of(AvroSchema.Parse(text)), AvroCanonicalForm.Of(AvroSchema.Parse(AvroSchema.Parse(text).ToJson(indented: true))));
        }
    }

    static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Its_messages_are_read_to_what_they_mean_and_written_byte_for_byte()
    {
        var messages = JsonElement.Parse(File.ReadAllText(Path.Combine(Folder, "golden", "messages.json")));
        var seen = 0;
        foreach (var message in messages.EnumerateObject().Where(p => p.Name.EndsWith("_hex", StringComparison.Ordinal)))
        {
            var source = message.Name.StartsWith("pg", StringComparison.Ordinal) ? "pg" : "sqlserver";
            var schema = Schema($"{source}_customers_{(message.Name.EndsWith("key_hex", StringComparison.Ordinal) ? "key" : "value")}");
            var framed = Convert.FromHexString(message.Value.GetString()!);
            var value = AvroReader.For(schema).Read(framed.AsSpan(5));
            Assert.Equal(framed[5..], AvroWriter.For(schema).ToBytes(value));
            var shown = message.Name switch
            {
                "pg_create_hex" or "sqlserver_create_hex" => $"{source}_create_json",
                _ when message.Name.Contains("read_snapshot", StringComparison.Ordinal) => $"{source}_read_json",
                _ => null,
            };
            if (shown is not null) Assert.Equal(framed[5..], AvroWriter.For(schema).ToBytes(AvroJson.ToValue(messages.GetProperty(shown), schema)));
            seen++;
        }
        Assert.Equal(8, seen);
    }

    [Theory]
    [InlineData("pg_types.json", 212)]
    [InlineData("sqlserver_types.json", 32)]
    public void Every_column_type_is_written_and_read_byte_for_byte(string file, int expected)
    {
        var cases = JsonElement.Parse(File.ReadAllText(Path.Combine(Folder, file))).GetProperty("cases");
        var seen = 0;
        foreach (var item in cases.EnumerateArray())
        {
            if (!item.TryGetProperty("avro_field_via_confluent_avro_data_7_9_9", out var field)) continue;
            var schema = (AvroRecordSchema)AvroSchema.Parse($$"""{"type":"record","name":"Row","namespace":"w","fields":[{{field.GetRawText()}}]}""");
            Assert.Equal(JsonSerializer.Serialize(field, Compact), JsonSerializer.Serialize(JsonElement.Parse(schema.ToJson()).GetProperty("fields")[0], Compact));
            var bytes = Convert.FromHexString(item.GetProperty("avro_single_field_record_hex").GetString()!);
            var read = (AvroRecord)AvroReader.For(schema).Read(bytes)!;
            Assert.Equal(bytes, AvroWriter.For(schema).ToBytes(read));
            var meant = AvroJson.ToValue(item.GetProperty("expected_value"), schema.Fields[0].Schema);
            // Debezium's converter writes a column's default where the value is null (facts: a verified quirk); those bytes were compared above.
            if (meant is null && read[0] is not null) continue;
            if (schema.ToJson().Contains("\"map\"", StringComparison.Ordinal)) Assert.True(AvroSame.As(meant, read[0]));       // Java's HashMap has an order of its own
            else Assert.Equal(bytes, AvroWriter.For(schema).ToBytes(new AvroRecord(schema, [meant])));
            seen++;
        }
        Assert.Equal(expected, seen);
    }

    static AvroSchema Schema(string name) => AvroSchema.Parse(File.ReadAllText(Path.Combine(Folder, "golden", $"{name}.avsc")));
}
