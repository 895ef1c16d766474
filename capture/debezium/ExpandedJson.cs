using System.Buffers;
using System.Text.Json;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>JSON text as the structure it holds: a schema made of it, all fields optional, and the value.</summary>
static class ExpandedJson
{
    /// <summary>Null when it is no JSON, or none that a schema can say.</summary>
    public static (ConnectSchema Schema, byte[] Avro)? Of(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return Schema(json.RootElement, "payload") is { } schema ? (schema, AvroForm.Of(o => Write(schema, json.RootElement, o))) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static ConnectSchema? Schema(JsonElement json, string name) => json.ValueKind switch
    {
        JsonValueKind.String => ConnectSchema.Of(ConnectKind.String).AsOptional(),
        JsonValueKind.True or JsonValueKind.False => ConnectSchema.Of(ConnectKind.Boolean).AsOptional(),
        JsonValueKind.Number when json.TryGetInt32(out _) => ConnectSchema.Of(ConnectKind.Int32).AsOptional(),
        JsonValueKind.Number when json.TryGetInt64(out _) => ConnectSchema.Of(ConnectKind.Int64).AsOptional(),
        JsonValueKind.Number => ConnectSchema.Of(ConnectKind.Float64).AsOptional(),
        JsonValueKind.Object => new ConnectSchema(ConnectKind.Struct)
        {
            Optional = true, Name = name, Fields = [.. json.EnumerateObject().Select(p => (p.Name, Schema: Schema(p.Value, $"{name}.{p.Name}"))).Where(f => f.Schema is not null).Select(f => new ConnectField(f.Name, f.Schema!))],
        },
        JsonValueKind.Array when json.EnumerateArray().Select(i => Schema(i, name)).FirstOrDefault(s => s is not null) is { } items => new ConnectSchema(ConnectKind.Array) { Optional = true, Items = items },
        _ => null,
    };

    static void Write(ConnectSchema schema, JsonElement json, LogBatch output)
    {
        if (json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            output.WriteLong(0);
            return;
        }
        output.WriteLong(1);
        switch (schema.Kind)
        {
            case ConnectKind.String:
                output.WriteString(json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText());
                break;
            case ConnectKind.Boolean:
                output.WriteBoolean(json.GetBoolean());
                break;
            case ConnectKind.Int32 or ConnectKind.Int64:
                output.WriteLong(json.GetInt64());
                break;
            case ConnectKind.Float64:
                output.WriteDouble(json.GetDouble());
                break;
            case ConnectKind.Struct:
                foreach (var field in schema.Fields) Write(field.Schema, json.TryGetProperty(field.Name, out var value) ? value : default, output);
                break;
            default:
                if (json.GetArrayLength() > 0) output.WriteLong(json.GetArrayLength());
                foreach (var item in json.EnumerateArray()) Write(schema.Items!, item, output);
                output.WriteLong(0);
                break;
        }
    }
}
