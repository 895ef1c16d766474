using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace CdcSync.Contract.Avro;

/// <summary>Default values: JSON in the schema, Avro once a reader is made (specification, "field default values").</summary>
static class AvroDefault
{
    /// <summary>Records inside records whose fields all take their defaults: more is a default that never ends.</summary>
    const int MaxDepth = 64;

    /// <summary>Values looked at for one default: records that double at each level would take for ever.</summary>
    const int MaxSteps = 100_000;

    /// <summary>Refuses a default that does not fit its field.</summary>
    public static void Check(AvroField field, string path)
    {
        if (!Fits(field.Default!.Value, field.Schema))
            throw new AvroSchemaException($"{path}/default", $"{Shown(field.Default.Value)} is no {field.Schema.FullName}, the type of field '{field.Name}'");
    }

    /// <summary>The default in Avro's binary encoding, by the field's own schema.</summary>
    /// <exception cref="AvroSchemaException">It does not fit.</exception>
    public static byte[] Encode(AvroField field)
    {
        Check(field, "/" + field.Name);
        var output = new ArrayBufferWriter<byte>();
        Write(field.Default!.Value, field.Schema, output);
        return output.WrittenSpan.ToArray();
    }

    static string Shown(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? text[..60] + "..." : value.GetRawText();

    static bool Fits(JsonElement value, AvroSchema schema)
    {
        var steps = MaxSteps;
        return Fits(value, schema, 0, ref steps);
    }

    static bool Fits(JsonElement value, AvroSchema schema, int depth, ref int steps)
    {
        if (depth == MaxDepth || --steps < 0) return false;
        switch (schema)
        {
            case AvroUnionSchema union:
                foreach (var branch in union.Branches)
                    if (Fits(value, branch, depth, ref steps)) return true;
                return false;
            case AvroRecordSchema record:
                if (value.ValueKind != JsonValueKind.Object) return false;
                foreach (var field in record.Fields)
                    if ((value.TryGetProperty(field.Name, out var part) ? part : field.Default) is not { } own || !Fits(own, field.Schema, depth + 1, ref steps))
                        return false;
                return true;
            case AvroArraySchema array:
                if (value.ValueKind != JsonValueKind.Array) return false;
                foreach (var item in value.EnumerateArray())
                    if (!Fits(item, array.Items, depth + 1, ref steps)) return false;
                return true;
            case AvroMapSchema map:
                if (value.ValueKind != JsonValueKind.Object) return false;
                foreach (var pair in value.EnumerateObject())
                    if (!Fits(pair.Value, map.Values, depth + 1, ref steps)) return false;
                return true;
            case AvroEnumSchema symbols: return value.ValueKind == JsonValueKind.String && symbols.Symbols.Contains(value.GetString());
            case AvroFixedSchema bytes: return IsBytes(value) && value.GetString()!.Length == bytes.Size;
            default: return FitsPrimitive(value, schema.Type);
        }
    }

    static bool FitsPrimitive(JsonElement value, AvroType type) => type switch
    {
        AvroType.Null => value.ValueKind == JsonValueKind.Null,
        AvroType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        AvroType.Int => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        AvroType.Long => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        AvroType.Float or AvroType.Double => value.ValueKind == JsonValueKind.Number,
        AvroType.Bytes => IsBytes(value),
        _ => value.ValueKind == JsonValueKind.String,
    };

    static bool IsBytes(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString()!.All(c => c <= 0xFF);

    static void Write(JsonElement value, AvroSchema schema, IBufferWriter<byte> output)
    {
        switch (schema)
        {
            case AvroUnionSchema union:
                var index = union.Branches.ToList().FindIndex(b => Fits(value, b));
                output.WriteLong(index);
                Write(value, union.Branches[index], output);
                break;
            case AvroRecordSchema record:
                foreach (var field in record.Fields)
                    Write(value.TryGetProperty(field.Name, out var part) ? part : field.Default!.Value, field.Schema, output);
                break;
            case AvroArraySchema array:
                if (value.GetArrayLength() > 0) output.WriteLong(value.GetArrayLength());
                foreach (var item in value.EnumerateArray()) Write(item, array.Items, output);
                output.WriteLong(0);
                break;
            case AvroMapSchema map:
                if (value.GetPropertyCount() > 0) output.WriteLong(value.GetPropertyCount());
                foreach (var pair in value.EnumerateObject())
                {
                    output.WriteString(pair.Name);
                    Write(pair.Value, map.Values, output);
                }
                output.WriteLong(0);
                break;
            case AvroEnumSchema symbols:
                output.WriteLong(symbols.Symbols.ToList().IndexOf(value.GetString()!));
                break;
            case AvroFixedSchema:
                output.Write(System.Text.Encoding.Latin1.GetBytes(value.GetString()!));
                break;
            default:
                WritePrimitive(value, schema.Type, output);
                break;
        }
    }

    static void WritePrimitive(JsonElement value, AvroType type, IBufferWriter<byte> output)
    {
        switch (type)
        {
            case AvroType.Boolean: output.WriteBoolean(value.GetBoolean()); break;
            case AvroType.Int or AvroType.Long: output.WriteLong(value.GetInt64()); break;
            case AvroType.Float: output.WriteFloat(float.Parse(value.GetRawText(), CultureInfo.InvariantCulture)); break;
            case AvroType.Double: output.WriteDouble(double.Parse(value.GetRawText(), CultureInfo.InvariantCulture)); break;
            case AvroType.Bytes: output.WriteBytes(System.Text.Encoding.Latin1.GetBytes(value.GetString()!)); break;
            case AvroType.String: output.WriteString(value.GetString()!); break;
        }
    }
}
