using System.Globalization;
using System.Text.Json.Nodes;

namespace CdcSync.Capture.Mapping;

/// <summary>The fields of a row mapping, from a changed row or from a query: the same conversions for both.</summary>
static class RowFields
{
    public static MappedRow Convert(ObjectMapping mapping, string id, Func<string, object?> column)
    {
        var fields = new JsonObject();
        try
        {
            foreach (var expression in mapping.Row)
                if (expression.Apply(column) is { } value) Put(fields, expression.Field.Split('.'), value);
            return new MappedRow(id, fields);
        }
        catch (FormatException wrong)
        {
            return new MappedRow(id, null, wrong.Message);
        }
    }

    // addresses.0.city makes a list of one object with a city.
    static void Put(JsonNode at, string[] path, JsonNode value)
    {
        for (var i = 0; i < path.Length - 1; i++) at = Child(at, path[i], isList: IsIndex(path[i + 1]));
        Set(at, path[^1], value);
    }

    static JsonNode Child(JsonNode at, string name, bool isList)
    {
        if (Get(at, name) is { } there) return there;
        JsonNode child = isList ? new JsonArray() : new JsonObject();
        Set(at, name, child);
        return child;
    }

    static JsonNode? Get(JsonNode at, string name) =>
        at is JsonArray list ? int.Parse(name, CultureInfo.InvariantCulture) is var i && i < list.Count ? list[i] : null : at[name];

    static void Set(JsonNode at, string name, JsonNode value)
    {
        if (at is JsonArray list) list.Add(value);
        else at[name] = value;
    }

    static bool IsIndex(string name) => int.TryParse(name, CultureInfo.InvariantCulture, out _);
}
