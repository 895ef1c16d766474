using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;

namespace CdcSync.DebeziumConformance;

/// <summary>
/// Our Avro records beside recorded JSON ones: the registered schema is what Confluent's converter makes of the recorded Connect schema, and the bytes hold the recorded value.
/// </summary>
public sealed class AvroComparison(string name, PostgresSettings settings, ISchemaRegistry registry) : RecordComparison(name, settings)
{
    readonly Dictionary<int, string> _schemas = [];

    protected override string Form => " (Avro)";

    /// <summary>The differences, a line each.</summary>
    public async Task<List<string>> CompareAsync(IReadOnlyList<Recorded> recorded, IReadOnlyList<LogRecord> ours, CancellationToken stop)
    {
        foreach (var bytes in ours.SelectMany(r => (byte[]?[])[r.Key, r.Value]).OfType<byte[]>().Where(b => b.Length >= 5))
        {
            var id = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1));
            if (!_schemas.ContainsKey(id)) _schemas[id] = (await registry.GetAsync(id, stop)).Text;
        }
        return Compare(recorded, ours);
    }

    protected override void CompareSide(string at, string topic, bool isKey, JsonElement theirs, byte[]? ours, List<string> differences)
    {
        var nothing = theirs.ValueKind == JsonValueKind.Null || theirs.GetProperty("payload").ValueKind == JsonValueKind.Null;
        if (ours is null || nothing)
        {
            if (ours is not null != !nothing) differences.Add($"{at}: {(ours is null ? "null" : $"{ours.Length} bytes")}, Debezium the other way round");
            return;
        }
        var schema = RecordedSchema.Parse(theirs.GetProperty("schema"));
        var (wanted, got) = (ConnectAvro.Text(schema), _schemas[BinaryPrimitives.ReadInt32BigEndian(ours.AsSpan(1))]);
        if (wanted != got)
        {
            differences.Add($"{at} schema: {Beyond(got, wanted)}, Debezium has {Beyond(wanted, got)}");
            return;
        }
        ReadOnlySpan<byte> avro = ours.AsSpan(5);
        var json = new LogBatch();
        json.Begin("", 0);
        new ConnectJson(json).Value(schema, ref avro);
        json.BeginValue();
        json.End();
        if (!avro.IsEmpty) differences.Add($"{at}: {avro.Length} bytes behind the value");
        Payload(at, topic, isKey, theirs.GetProperty("payload"), JsonDocument.Parse(json.Key(json.Entries[0]).ToArray()).RootElement, differences);
    }

    // From a little before they part.
    static string Beyond(string text, string other)
    {
        var start = Math.Max(0, text.Zip(other).TakeWhile(p => p.First == p.Second).Count() - 60);
        return text.Substring(start, Math.Min(260, text.Length - start));
    }
}

/// <summary>A Connect schema as the JSON converter wrote it.</summary>
static class RecordedSchema
{
    public static ConnectSchema Parse(JsonElement json)
    {
        var schema = new ConnectSchema(json.GetProperty("type").GetString() switch
        {
            "float" => ConnectKind.Float32,
            "double" => ConnectKind.Float64,
            var word => Enum.Parse<ConnectKind>(word!, ignoreCase: true),
        })
        {
            Optional = json.TryGetProperty("optional", out var optional) && optional.GetBoolean(),
            Name = json.TryGetProperty("name", out var name) ? name.GetString() : null,
            Version = json.TryGetProperty("version", out var version) ? version.GetInt32() : null,
            Doc = json.TryGetProperty("doc", out var doc) ? doc.GetString() : null,
            Parameters = json.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateObject().Select(p => (p.Name, p.Value.GetString()!))] : [],
            Items = json.TryGetProperty("items", out var items) ? Parse(items) : json.TryGetProperty("values", out var values) ? Parse(values) : null,
            Fields = json.TryGetProperty("fields", out var fields) ? [.. fields.EnumerateArray().Select(f => new ConnectField(f.GetProperty("field").GetString()!, Parse(f)))] : [],
        };
        return json.TryGetProperty("default", out var value) ? schema with { Default = AvroForm.Of(o => Default(schema, value, o)) } : schema;
    }

    static void Default(ConnectSchema schema, JsonElement value, LogBatch output)
    {
        switch (schema.Kind)
        {
            case ConnectKind.Boolean:
                output.WriteBoolean(value.GetBoolean());
                break;
            case ConnectKind.Int8 or ConnectKind.Int16 or ConnectKind.Int32 or ConnectKind.Int64:
                output.WriteLong(value.GetInt64());
                break;
            case ConnectKind.Float32:
                output.WriteFloat(value.ValueKind == JsonValueKind.String ? float.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetSingle());
                break;
            case ConnectKind.Float64:
                output.WriteDouble(value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble());
                break;
            case ConnectKind.Bytes:
                output.WriteBytes(value.GetBytesFromBase64());
                break;
            default:
                output.WriteBytes(Encoding.UTF8.GetBytes(value.GetString()!));
                break;
        }
    }
}
