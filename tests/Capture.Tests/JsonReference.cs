using System.Globalization;
using System.Text.Json;
using CdcSync.Capture.Debezium;

namespace CdcSync.Capture.Tests;

/// <summary>What Connect's JSON shows of a schema and a value, beside the reference's notation of them.</summary>
static class JsonReference
{
    public static JsonElement SchemaOf(ConnectSchema schema) => JsonDocument.Parse(AvroForm.Of(o => new ConnectJson(o).Schema(schema))).RootElement;

    public static JsonElement ValueOf(ConnectSchema schema, byte[] avro) => JsonDocument.Parse(AvroForm.Of(o =>
    {
        ReadOnlySpan<byte> rest = avro;
        new ConnectJson(o).Value(schema, ref rest);
        Assert.True(rest.IsEmpty);
    })).RootElement;

    /// <summary>The differences of schemas. The reference leaves out "optional", where its test does not say.</summary>
    public static void Schema(string at, JsonElement theirs, JsonElement ours, List<string> differences)
    {
        foreach (var name in (ReadOnlySpan<string>)["name", "version", "doc", "parameters"])
            if (Raw(theirs, name) is var wanted && Raw(ours, name) is var got && wanted != got) differences.Add($"{at} {name}: {got}, reference {wanted}");
        var type = ours.GetProperty("type").GetString() switch { "float" => "FLOAT32", "double" => "FLOAT64", var other => other!.ToUpperInvariant() };
        if (theirs.GetProperty("type").GetString() != type) differences.Add($"{at} type: {type}, reference {theirs.GetProperty("type")}");
        if (theirs.TryGetProperty("optional", out var optional) && optional.GetBoolean() != ours.GetProperty("optional").GetBoolean()) differences.Add($"{at} optional: reference {optional}");
        if (theirs.TryGetProperty("default", out var value) != ours.TryGetProperty("default", out var standard) || !IsSame(value, standard)) differences.Add($"{at} default: {standard}, reference {value}");
        foreach (var name in (ReadOnlySpan<string>)["items", "keys", "values"])
            if (theirs.TryGetProperty(name, out var part)) Schema($"{at}.{name}", part, ours.GetProperty(name), differences);
        if (!theirs.TryGetProperty("fields", out var fields)) return;
        var names = (fields.EnumerateArray().Select(f => f.GetProperty("field").GetString()), ours.GetProperty("fields").EnumerateArray().Select(f => f.GetProperty("field").GetString()));
        if (!names.Item1.SequenceEqual(names.Item2)) differences.Add($"{at} fields: {string.Join(' ', names.Item2)}, reference {string.Join(' ', names.Item1)}");
        else foreach (var (field, own) in fields.EnumerateArray().Zip(ours.GetProperty("fields").EnumerateArray())) Schema($"{at}.{field.GetProperty("field")}", field, own, differences);
    }

    static string? Raw(JsonElement json, string name) => json.TryGetProperty(name, out var part) && part.ValueKind != JsonValueKind.Null ? JsonSerializer.Serialize(part) : null;

    /// <summary>Whether a value is the reference's. It writes what JSON has no word for as {"$hex": ...}, {"$decimal": ...}, {"$double": ...}, {"$java": ...}.</summary>
    public static bool IsSame(JsonElement theirs, JsonElement ours) => theirs.ValueKind switch
    {
        JsonValueKind.Undefined => ours.ValueKind == JsonValueKind.Undefined,
        JsonValueKind.Object when theirs.TryGetProperty("$hex", out var hex) => ours.GetString() == Convert.ToBase64String(Convert.FromHexString(hex.GetString()!)),
        JsonValueKind.Object when theirs.TryGetProperty("unscaled_be_hex", out var hex) => ours.GetString() == Convert.ToBase64String(Convert.FromHexString(hex.GetString()!)),
        JsonValueKind.Object when theirs.TryGetProperty("$java", out var constant) => ours.GetInt64() == (constant.GetString() == "Long.MAX_VALUE" ? long.MaxValue : long.MinValue),
        JsonValueKind.Object when theirs.TryGetProperty("$double", out var number) || theirs.TryGetProperty("$float", out number) => ours.ToString() == number.GetString(),
        JsonValueKind.Object => ours.ValueKind == JsonValueKind.Object && theirs.EnumerateObject().Count() == ours.EnumerateObject().Count()
            && theirs.EnumerateObject().All(p => ours.TryGetProperty(p.Name, out var own) && IsSame(p.Value, own)),
        JsonValueKind.Array => ours.ValueKind == JsonValueKind.Array && theirs.GetArrayLength() == ours.GetArrayLength() && theirs.EnumerateArray().Zip(ours.EnumerateArray()).All(p => IsSame(p.First, p.Second)),
        JsonValueKind.Number => ours.ValueKind == JsonValueKind.Number && Number(theirs) == Number(ours),
        _ => theirs.ValueKind == ours.ValueKind && theirs.ToString() == ours.ToString(),
    };

    /// <summary>Whether bytes depend on the order of a map's keys, which is the JVM's.</summary>
    public static bool IsUnordered(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.TryGetProperty("extensions", out var map) && map.ValueKind == JsonValueKind.Object && map.EnumerateObject().Count() > 1,
        JsonValueKind.Array => value.EnumerateArray().Any(i => i.ValueKind == JsonValueKind.String && i.GetString()!.StartsWith("{\"key", StringComparison.Ordinal)),
        _ => false,
    };

    static string Number(JsonElement number) => number.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : number.GetDouble().ToString("R", CultureInfo.InvariantCulture);
}
