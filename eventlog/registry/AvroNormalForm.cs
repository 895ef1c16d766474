using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CdcSync.Contract.Avro;

namespace CdcSync.EventLog.Registry;

/// <summary>
/// A schema as text in one form, so that schemas that mean the same get one id (<c>normalize=true</c>): full names, properties sorted at every depth, attributes in one
/// order. Unlike the specification's canonical form it keeps what consumers may look at: documentation, defaults, aliases, properties.
/// </summary>
static class AvroNormalForm
{
    static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    /// <param name="schema">The schema.</param>
    /// <param name="known">Full names that stay references.</param>
    public static string Write(AvroSchema schema, HashSet<string> known)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Compact)) Write(schema, json, known);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Full names of the named schemas in a schema. A chain of references may be long: no recursion.</summary>
    public static IEnumerable<string> NamesIn(AvroSchema schema)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<AvroSchema>([schema]);
        while (open.TryPop(out var part))
        {
            if (part is AvroNamedSchema named && !found.Add(named.FullName)) continue;
            foreach (var inner in Parts(part)) open.Push(inner);
        }
        return found;
    }

    static IEnumerable<AvroSchema> Parts(AvroSchema schema) => schema switch
    {
        AvroRecordSchema record => record.Fields.Select(f => f.Schema),
        AvroArraySchema array => [array.Items],
        AvroMapSchema map => [map.Values],
        AvroUnionSchema union => union.Branches,
        _ => [],
    };

    static void Write(AvroSchema schema, Utf8JsonWriter json, HashSet<string> known)
    {
        switch (schema)
        {
            case AvroNamedSchema named when !known.Add(named.FullName):
                json.WriteStringValue(named.FullName);
                return;
            case AvroUnionSchema union:
                json.WriteStartArray();
                foreach (var branch in union.Branches) Write(branch, json, known);
                json.WriteEndArray();
                return;
            case AvroPrimitiveSchema { Properties.Count: 0 }:
                json.WriteStringValue(schema.FullName);
                return;
        }
        json.WriteStartObject();
        json.WriteString("type", Word(schema));
        if (schema is AvroNamedSchema name)
        {
            json.WriteString("name", name.FullName);
            if (name.Doc is not null) json.WriteString("doc", name.Doc);
            WriteTexts("aliases", name.Aliases.Select(a => a.Full).Order(StringComparer.Ordinal), json);
        }
        WriteParts(schema, json, known);
        WriteProperties(schema.Properties, json);
        json.WriteEndObject();
    }

    static string Word(AvroSchema schema) =>
        schema is AvroRecordSchema { IsError: true } ? "error" : schema.Type.ToString().ToLowerInvariant();

    static void WriteParts(AvroSchema schema, Utf8JsonWriter json, HashSet<string> known)
    {
        switch (schema)
        {
            case AvroRecordSchema record:
                json.WriteStartArray("fields");
                foreach (var field in record.Fields) WriteField(field, json, known);
                json.WriteEndArray();
                break;
            case AvroEnumSchema symbols:
                json.WriteStartArray("symbols");
                foreach (var symbol in symbols.Symbols) json.WriteStringValue(symbol);
                json.WriteEndArray();
                if (symbols.Default is not null) json.WriteString("default", symbols.Default);
                break;
            case AvroFixedSchema bytes:
                json.WriteNumber("size", bytes.Size);
                break;
            case AvroArraySchema array:
                json.WritePropertyName("items");
                Write(array.Items, json, known);
                break;
            case AvroMapSchema map:
                json.WritePropertyName("values");
                Write(map.Values, json, known);
                break;
        }
    }

    static void WriteField(AvroField field, Utf8JsonWriter json, HashSet<string> known)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WritePropertyName("type");
        Write(field.Schema, json, known);
        if (field.Doc is not null) json.WriteString("doc", field.Doc);
        if (field.Default is { } value)
        {
            json.WritePropertyName("default");
            WriteSorted(value, json);
        }
        if (field.Order != "ascending") json.WriteString("order", field.Order);
        WriteTexts("aliases", field.Aliases.Order(StringComparer.Ordinal), json);
        WriteProperties(field.Properties, json);
        json.WriteEndObject();
    }

    static void WriteTexts(string name, IEnumerable<string> texts, Utf8JsonWriter json)
    {
        var list = texts.ToList();
        if (list.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var text in list) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    static void WriteProperties(IReadOnlyDictionary<string, JsonElement> properties, Utf8JsonWriter json)
    {
        foreach (var (name, value) in properties.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            WriteSorted(value, json);
        }
    }

    static void WriteSorted(JsonElement value, Utf8JsonWriter json)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                WriteProperties(value.EnumerateObject().GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.Last().Value), json);
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray()) WriteSorted(item, json);
                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }
}
