using System.Text.Json.Nodes;
using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Tests;

/// <summary>
/// Makes of a writer's schema one that a reader may have instead. Python's Avro knows neither aliases nor text as bytes nor promotion inside arrays and maps, and
/// wants full names to agree, so these are left out unless <paramref name="full"/>.
/// </summary>
sealed class AvroEvolution(Random random, bool full)
{
    int _names;

    public AvroSchema Reader(AvroSchema writer) => AvroSchema.Parse(Type(JsonNode.Parse(writer.ToJson())!, true).ToJsonString());

    JsonNode Type(JsonNode type, bool promote)
    {
        switch (type)
        {
            case JsonObject { } complex when complex["type"]!.GetValue<string>() == "record":
                complex["fields"] = Fields(complex["fields"]!.AsArray());
                // A name that the record itself refers to stays.
                if (full && random.Next(6) == 0 && complex.ToJsonString().Split(complex["name"]!.ToJsonString()).Length == 2) (complex["aliases"], complex["name"]) = (new JsonArray(complex["name"]!.DeepClone()), $"N{_names++}");
                return complex.DeepClone();
            case JsonObject { } complex when complex["type"]!.GetValue<string>() == "enum":
                if (random.Next(3) == 0) complex["symbols"]!.AsArray().Insert(0, (JsonNode)$"New{_names++}");
                return complex.DeepClone();
            case JsonObject { } complex when complex["type"]!.GetValue<string>() is "array" or "map":
                var items = complex.ContainsKey("items") ? "items" : "values";
                complex[items] = Type(complex[items]!, full);
                return complex.DeepClone();
            case JsonArray branches:
                return new JsonArray([.. branches.Select(b => Type(b!, false)).OrderBy(_ => random.Next())]);
            default:
                return promote ? Promoted(type.DeepClone()) : type.DeepClone();
        }
    }

    JsonArray Fields(JsonArray fields)
    {
        var kept = new List<JsonNode>();
        foreach (var field in fields.Select(f => f!.AsObject()))
        {
            // A dropped field may hold the definition of a type that another refers to.
            if (random.Next(5) == 0 && !field.ToJsonString().Contains("\"name\":\"R", StringComparison.Ordinal)) continue;
            field["type"] = Type(field["type"]!, true);
            if (random.Next(5) == 0 && field["type"] is not JsonArray) field["type"] = new JsonArray("null", field["type"]!.DeepClone());
            if (full && random.Next(5) == 0) (field["aliases"], field["name"]) = (new JsonArray(field["name"]!.DeepClone()), $"renamed{_names++}");
            kept.Add(field.DeepClone());
        }
        for (var i = random.Next(3); i > 0; i--) kept.Add(Added());
        // Types are defined where they first stand: only records without definitions are put in another order.
        return new JsonArray([.. (List<JsonNode>)(fields.ToJsonString().Contains("\"name\":\"R", StringComparison.Ordinal) ? kept : [.. kept.OrderBy(_ => random.Next())])]);
    }

    JsonObject Added()
    {
        var (type, value) = random.Next(8) switch
        {
            0 => ((JsonNode)"int", (JsonNode?)random.Next(-1000, 1000)),
            1 => ("string", "a \u00e9 \"b\""),
            2 => ("boolean", true),
            3 => ("double", 1.25),
            4 => (new JsonArray("null", "long"), null),
            5 => (new JsonArray("string", "null"), "first"),
            6 => (new JsonObject { ["type"] = "array", ["items"] = "int" }, new JsonArray(1, 2, 3)),
            _ => (new JsonObject { ["type"] = "map", ["values"] = "string" }, new JsonObject { ["k"] = "v" }),
        };
        return new JsonObject { ["name"] = $"added{_names++}", ["type"] = type, ["default"] = value };
    }

    JsonNode Promoted(JsonNode type) => (type as JsonValue)?.GetValue<string>() switch
    {
        "int" => Pick("int", "long", "float", "double"),
        "long" when !full => Pick("long", "double"),      // avsc reads long as double wrongly beyond 2^53
        "float" => Pick("float", "double"),
        "string" when full => Pick("string", "bytes"),
        _ => type,
    };

    JsonValue Pick(params string[] types) => JsonValue.Create(types[random.Next(types.Length)]);
}
