using System.Text.Json;

namespace CdcSync.Contract.Avro;

/// <summary>Reads schema texts. Nesting is bounded, so that no text overflows the stack of what walks over the schema later.</summary>
sealed class AvroSchemaParser
{
    /// <summary>Schemas inside schemas; each costs up to three levels of JSON.</summary>
    const int MaxDepth = 100;

    static readonly string[] NamedReserved = ["type", "name", "namespace", "doc", "aliases"];
    static readonly string[] FieldReserved = ["name", "type", "doc", "default", "order", "aliases"];

    readonly Dictionary<string, AvroNamedSchema> _names = new(StringComparer.Ordinal);
    readonly List<(AvroField Field, string Path)> _defaults = [];

    public static AvroSchema Parse(string json, IEnumerable<AvroSchema> references, bool validateDefaults)
    {
        var parser = new AvroSchemaParser();
        foreach (var reference in references)
            foreach (var named in AvroNames.In(reference)) parser._names[named.Name.Full] = named;
        var schema = parser.Read(Text(json), "", "", 0);
        if (validateDefaults)
            foreach (var (field, path) in parser._defaults) AvroDefault.Check(field, path);
        return schema;
    }

    static JsonElement Text(string json)
    {
        try
        {
            return JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 4 * MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw new AvroSchemaException("", $"it is not JSON: {e.Message}", e);
        }
    }

    AvroSchema Read(JsonElement json, string path, string enclosing, int depth)
    {
        if (depth > MaxDepth) throw new AvroSchemaException(path, $"more than {MaxDepth} schemas inside each other");
        return json.ValueKind switch
        {
            JsonValueKind.String => Named(json.GetString()!, path, enclosing),
            JsonValueKind.Array => Union(json, path, enclosing, depth),
            JsonValueKind.Object => Object(json, path, enclosing, depth),
            _ => throw new AvroSchemaException(path, $"a schema is a name, an object or an array of schemas, not {json.ValueKind}"),
        };
    }

    AvroSchema Named(string word, string path, string enclosing)
    {
        if (AvroWords.Find(word) is { } type && AvroWords.IsPrimitive(type)) return new AvroPrimitiveSchema(type);
        if (_names.TryGetValue(AvroName.Of(word, enclosing).Full, out var named) || _names.TryGetValue(word, out named)) return named;
        throw new AvroSchemaException(path, $"'{word}' is neither a type nor the name of a schema defined before it or given as a reference");
    }

    AvroSchema Object(JsonElement json, string path, string enclosing, int depth)
    {
        var word = RequiredText(json, "type", path);
        return AvroWords.Find(word) switch
        {
            AvroType.Record => Record(json, path, enclosing, depth, word == "error"),
            AvroType.Enum => Enum(json, path, enclosing),
            AvroType.Fixed => Fixed(json, path, enclosing),
            AvroType.Array => new AvroArraySchema(Part(json, "items", path, enclosing, depth), Rest(json, "type", "items")),
            AvroType.Map => new AvroMapSchema(Part(json, "values", path, enclosing, depth), Rest(json, "type", "values")),
            { } type and not AvroType.Union => new AvroPrimitiveSchema(type, Rest(json, "type")),
            _ => Named(word, $"{path}/type", enclosing),
        };
    }

    AvroSchema Part(JsonElement json, string name, string path, string enclosing, int depth) =>
        json.TryGetProperty(name, out var part)
            ? Read(part, $"{path}/{name}", enclosing, depth + 1)
            : throw new AvroSchemaException(path, $"'{name}' is missing");

    AvroUnionSchema Union(JsonElement json, string path, string enclosing, int depth)
    {
        var branches = new List<AvroSchema>();
        var seen = new HashSet<string>();
        foreach (var branch in json.EnumerateArray())
        {
            var place = $"{path}/{branches.Count}";
            var schema = Read(branch, place, enclosing, depth + 1);
            if (schema is AvroUnionSchema) throw new AvroSchemaException(place, "a union directly inside a union");
            if (!seen.Add(schema.FullName)) throw new AvroSchemaException(place, $"'{schema.FullName}' stands twice in the union");
            branches.Add(schema);
        }
        return new AvroUnionSchema(branches);
    }

    AvroRecordSchema Record(JsonElement json, string path, string enclosing, int depth, bool isError)
    {
        var name = NameOf(json, path, enclosing);
        var record = new AvroRecordSchema(name, Aliases(json, path, name.Namespace), OptionalText(json, "doc", path), Rest(json, [.. NamedReserved, "fields"]), isError);
        Define(record, path);
        if (!json.TryGetProperty("fields", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new AvroSchemaException(path, $"record '{name}' has no array 'fields'");
        var fields = new List<AvroField>();
        var seen = new HashSet<string>();
        foreach (var item in list.EnumerateArray())
        {
            var place = $"{path}/fields/{fields.Count}";
            var field = Field(item, place, fields.Count, name.Namespace, depth);
            if (!seen.Add(field.Name)) throw new AvroSchemaException(place, $"record '{name}' has two fields '{field.Name}'");
            if (field.Default is not null) _defaults.Add((field, place));
            fields.Add(field);
        }
        record.Complete(fields);
        return record;
    }

    AvroField Field(JsonElement json, string path, int position, string enclosing, int depth)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new AvroSchemaException(path, $"a field is an object, not {json.ValueKind}");
        var name = RequiredText(json, "name", path);
        if (!AvroName.IsValid(name)) throw new AvroSchemaException($"{path}/name", $"'{name}' is no field name: letters, digits and '_', no digit first");
        var order = OptionalText(json, "order", path) ?? "ascending";
        if (order is not ("ascending" or "descending" or "ignore"))
            throw new AvroSchemaException($"{path}/order", $"'{order}' is neither ascending, descending nor ignore");
        return new AvroField(
            name, position, Part(json, "type", path, enclosing, depth), json.TryGetProperty("default", out var value) ? value : null,
            Texts(json, "aliases", path), OptionalText(json, "doc", path), order, Rest(json, FieldReserved));
    }

    AvroEnumSchema Enum(JsonElement json, string path, string enclosing)
    {
        var name = NameOf(json, path, enclosing);
        if (!json.TryGetProperty("symbols", out _)) throw new AvroSchemaException(path, $"enum '{name}' has no 'symbols'");
        var symbols = Texts(json, "symbols", path);
        for (var i = 0; i < symbols.Count; i++)
        {
            if (!AvroName.IsValid(symbols[i])) throw new AvroSchemaException($"{path}/symbols/{i}", $"'{symbols[i]}' is no symbol: letters, digits and '_', no digit first");
            if (symbols.Take(i).Contains(symbols[i])) throw new AvroSchemaException($"{path}/symbols/{i}", $"'{symbols[i]}' stands twice");
        }
        var preset = OptionalText(json, "default", path);
        if (preset is not null && !symbols.Contains(preset)) throw new AvroSchemaException($"{path}/default", $"'{preset}' is none of the symbols");
        var schema = new AvroEnumSchema(
            name, symbols, preset, Aliases(json, path, name.Namespace), OptionalText(json, "doc", path), Rest(json, [.. NamedReserved, "symbols", "default"]));
        Define(schema, path);
        return schema;
    }

    AvroFixedSchema Fixed(JsonElement json, string path, string enclosing)
    {
        var name = NameOf(json, path, enclosing);
        if (!json.TryGetProperty("size", out var value) || value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var size) || size < 0)
            throw new AvroSchemaException($"{path}/size", $"fixed '{name}' needs a size, 0 or more");
        var schema = new AvroFixedSchema(name, size, Aliases(json, path, name.Namespace), OptionalText(json, "doc", path), Rest(json, [.. NamedReserved, "size"]));
        Define(schema, path);
        return schema;
    }

    void Define(AvroNamedSchema schema, string path)
    {
        if (!_names.TryAdd(schema.Name.Full, schema)) throw new AvroSchemaException(path, $"'{schema.FullName}' is defined twice; refer to it by its name");
    }

    static AvroName NameOf(JsonElement json, string path, string enclosing)
    {
        var name = AvroName.Of(RequiredText(json, "name", path), OptionalText(json, "namespace", path) ?? enclosing);
        if (!AvroName.IsValid(name.Short)) throw new AvroSchemaException($"{path}/name", $"'{name.Short}' is no name: letters, digits and '_', no digit first");
        if (name.Namespace.Any(c => char.IsControl(c) || c is '"' or '\\'))
            throw new AvroSchemaException($"{path}/namespace", "a namespace has no quotes, backslashes or control characters");
        if (name.Namespace.Length == 0 && AvroWords.Find(name.Short) is { } type && AvroWords.IsPrimitive(type))
            throw new AvroSchemaException($"{path}/name", $"'{name.Short}' is the name of a primitive type");
        return name;
    }

    static List<AvroName> Aliases(JsonElement json, string path, string enclosing) =>
        [.. Texts(json, "aliases", path).Select(alias => AvroName.Of(alias, enclosing))];

    static List<string> Texts(JsonElement json, string name, string path)
    {
        var texts = new List<string>();
        if (!json.TryGetProperty(name, out var list)) return texts;
        if (list.ValueKind != JsonValueKind.Array) throw new AvroSchemaException($"{path}/{name}", "an array of texts is expected");
        foreach (var item in list.EnumerateArray())
            texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : throw new AvroSchemaException($"{path}/{name}/{texts.Count}", "a text is expected"));
        return texts;
    }

    static string RequiredText(JsonElement json, string name, string path) =>
        OptionalText(json, name, path) ?? throw new AvroSchemaException(path, $"'{name}' is missing");

    static string? OptionalText(JsonElement json, string name, string path) =>
        !json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new AvroSchemaException($"{path}/{name}", "a text is expected");

    static OrderedDictionary<string, JsonElement> Rest(JsonElement json, params string[] reserved)
    {
        var rest = new OrderedDictionary<string, JsonElement>();
        foreach (var property in json.EnumerateObject())
            if (!reserved.Contains(property.Name)) rest.Add(property.Name, property.Value);
        return rest;
    }
}
