using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CdcSync.Contract.Avro;

/// <summary>Writes schemas as JSON, attributes in the order in which Java's Avro writes them.</summary>
static class AvroSchemaText
{
    static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };
    static readonly JsonWriterOptions Indented = Compact with { Indented = true, IndentSize = 2, NewLine = "\n" };

    public static string Write(AvroSchema schema, IEnumerable<AvroSchema> references, bool indented)
    {
        var known = references.SelectMany(AvroNames.In).Select(n => n.Name.Full).ToHashSet();
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, indented ? Indented : Compact)) Write(schema, json, known, "");
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    static void Write(AvroSchema schema, Utf8JsonWriter json, HashSet<string> known, string enclosing)
    {
        switch (schema)
        {
            case AvroNamedSchema named when !known.Add(named.Name.Full):
                json.WriteStringValue(named.Name.Within(enclosing));
                return;
            case AvroUnionSchema union:
                json.WriteStartArray();
                foreach (var branch in union.Branches) Write(branch, json, known, enclosing);
                json.WriteEndArray();
                return;
            case AvroPrimitiveSchema { Properties.Count: 0 }:
                json.WriteStringValue(AvroWords.Of(schema.Type));
                return;
        }
        json.WriteStartObject();
        json.WriteString("type", schema is AvroRecordSchema { IsError: true } ? "error" : AvroWords.Of(schema.Type));
        if (schema is AvroNamedSchema name) WriteName(name, json, enclosing);
        WriteParts(schema, json, known, enclosing);
        WriteProperties(schema.Properties, json);
        json.WriteEndObject();
    }

    static void WriteName(AvroNamedSchema schema, Utf8JsonWriter json, string enclosing)
    {
        json.WriteString("name", schema.Name.Short);
        if (schema.Name.Namespace != enclosing) json.WriteString("namespace", schema.Name.Namespace);
        if (schema.Doc is not null) json.WriteString("doc", schema.Doc);
        WriteTexts("aliases", schema.Aliases.Select(a => a.Within(schema.Name.Namespace)), json);
    }

    static void WriteParts(AvroSchema schema, Utf8JsonWriter json, HashSet<string> known, string enclosing)
    {
        switch (schema)
        {
            case AvroRecordSchema record:
                json.WriteStartArray("fields");
                foreach (var field in record.Fields) WriteField(field, json, known, record.Name.Namespace);
                json.WriteEndArray();
                break;
            case AvroEnumSchema symbols:
                WriteTexts("symbols", symbols.Symbols, json, always: true);
                if (symbols.Default is not null) json.WriteString("default", symbols.Default);
                break;
            case AvroFixedSchema bytes:
                json.WriteNumber("size", bytes.Size);
                break;
            case AvroArraySchema array:
                json.WritePropertyName("items");
                Write(array.Items, json, known, enclosing);
                break;
            case AvroMapSchema map:
                json.WritePropertyName("values");
                Write(map.Values, json, known, enclosing);
                break;
        }
    }

    static void WriteField(AvroField field, Utf8JsonWriter json, HashSet<string> known, string enclosing)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WritePropertyName("type");
        Write(field.Schema, json, known, enclosing);
        if (field.Doc is not null) json.WriteString("doc", field.Doc);
        if (field.Default is { } value)
        {
            json.WritePropertyName("default");
            value.WriteTo(json);
        }
        if (field.Order != "ascending") json.WriteString("order", field.Order);
        WriteTexts("aliases", field.Aliases, json);
        WriteProperties(field.Properties, json);
        json.WriteEndObject();
    }

    static void WriteProperties(IReadOnlyDictionary<string, JsonElement> properties, Utf8JsonWriter json)
    {
        foreach (var (name, value) in properties)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    static void WriteTexts(string name, IEnumerable<string> texts, Utf8JsonWriter json, bool always = false)
    {
        var list = texts.ToList();
        if (list.Count == 0 && !always) return;
        json.WriteStartArray(name);
        foreach (var text in list) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
