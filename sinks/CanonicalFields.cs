using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;

namespace CdcSync.Sinks;

/// <summary>The fields of canonical objects by their snake_case names, and their values in the text form that sides are compared in.</summary>
public static class CanonicalFields
{
    static readonly string[] Envelope = ["source", "source_id", "version", "committed_at", "correlation_id"];
    static readonly FrozenDictionary<CanonicalKind, FrozenDictionary<string, Type>> ByKind = CanonicalCatalog.All.ToFrozenDictionary(k => k, k =>
        k.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null)
            .ToFrozenDictionary(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name), p => Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType, StringComparer.Ordinal));

    /// <summary>All fields, business fields first by name, then the envelope's.</summary>
    public static IReadOnlyList<string> NamesOf(CanonicalKind kind) => [.. ByKind[kind].Keys.Except(Envelope).Order(StringComparer.Ordinal), .. Envelope];

    /// <summary>The business fields: what a target holds of an object.</summary>
    public static IReadOnlyList<string> BusinessOf(CanonicalKind kind) => [.. ByKind[kind].Keys.Except(Envelope).Order(StringComparer.Ordinal)];

    /// <summary>Whether the object has the field; of a path like <c>address.city</c> the first part counts.</summary>
    public static bool Has(CanonicalKind kind, string field) => ByKind[kind].ContainsKey(field.Split('.')[0]);

    /// <summary>The field's type without nullability.</summary>
    public static Type TypeOf(CanonicalKind kind, string field) => ByKind[kind].GetValueOrDefault(field) ?? typeof(string);

    /// <summary>The object as JSON with snake_case names.</summary>
    public static JsonElement Of(CanonicalObject value) => JsonSerializer.SerializeToElement(value, value.GetType(), CanonicalJson.Default);

    /// <summary>The element at a dotted path, lists by index; null when there is none.</summary>
    public static JsonElement? At(JsonElement element, string path)
    {
        if (path.Length == 0) return element;
        foreach (var part in path.Split('.'))
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(part, out var member)) element = member;
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < element.GetArrayLength()) element = element[index];
            else return null;
        }
        return element;
    }

    /// <summary>An element in the text form of comparison; a list or object becomes JSON with ordered names, without nulls.</summary>
    public static string? Text(JsonElement? element, Type? expected = null) => element?.ValueKind switch
    {
        null or JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String when IsNumber(expected) && decimal.TryParse(element.Value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => CanonicalText.Of(number),
        JsonValueKind.String => CanonicalText.Of(element.Value.GetString()),
        JsonValueKind.Number when expected == typeof(bool) => element.Value.GetDecimal() == 0 ? "false" : "true",
        JsonValueKind.Number => element.Value.TryGetDecimal(out var number) ? CanonicalText.Of(number) : element.Value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => Tree(element.Value),
    };

    static bool IsNumber(Type? type) => type == typeof(decimal) || type == typeof(int) || type == typeof(long);

    static string Tree(JsonElement element)
    {
        var text = new StringBuilder();
        Write(element, text);
        return text.ToString();
    }

    static void Write(JsonElement element, StringBuilder text)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            text.Append('[').AppendJoin(',', element.EnumerateArray().Select(Tree)).Append(']');
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            var members = element.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null).OrderBy(m => m.Name, StringComparer.Ordinal);
            text.Append('{').AppendJoin(',', members.Select(m => $"\"{m.Name}\":{Tree(m.Value)}")).Append('}');
        }
        else
        {
            var value = Text(element) ?? "null";
            text.Append(element.ValueKind == JsonValueKind.String ? $"\"{JsonEncodedText.Encode(value)}\"" : value);
        }
    }
}
