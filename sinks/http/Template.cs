using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CdcSync.Sinks.Http;

/// <summary>What a template may name: the record's fields, its key's fields when it is a delete, and what delivery knows of it.</summary>
internal sealed class Fields(string target, HttpObject settings, Parcel parcel)
{
    /// <summary>What delivery knows beside the object's fields.</summary>
    public static readonly string[] Extra = ["version", "idempotency_key", "target_id", "key"];

    readonly JsonElement? _object = parcel.Object is null ? null : CanonicalFields.Of(parcel.Object);

    /// <summary>The same for every attempt at one version, different for every other.</summary>
    public string IdempotencyKey { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', target, parcel.Kind.Name, parcel.Key.Source, parcel.Key.Id, parcel.Version, parcel.Object is null)))[..16]);

    public JsonElement? Find(string path) => path switch
    {
        "version" => Text(parcel.Version.ToString()),
        "idempotency_key" => Text(IdempotencyKey),
        "target_id" => parcel.TargetId is null ? null : Text(parcel.TargetId),
        "key" => Text(parcel.TargetKey),
        _ when _object is { } value => CanonicalFields.At(value, path),
        _ when settings.Key.ToList().IndexOf(path) is >= 0 and var part => Text(TargetKeys.Split(parcel.TargetKey)[part]),
        _ => null,
    };

    static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, TextJson.Default.String);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class TextJson : System.Text.Json.Serialization.JsonSerializerContext;

/// <summary>Fills <c>{fields}</c> into paths, headers and bodies.</summary>
internal static partial class Template
{
    /// <summary>A path: values are escaped, a missing one is an error, for it would name something else.</summary>
    public static string Path(string template, Func<string, JsonElement?> fields) => Field().Replace(template, m =>
        CanonicalFields.Text(fields(m.Groups["field"].Value)) is { Length: > 0 } value ? Uri.EscapeDataString(value)
        : throw new FormatException($"'{m.Groups["field"].Value}' is empty, and '{template}' needs it"));

    /// <summary>Text: missing values are empty.</summary>
    public static string Text(string template, Func<string, JsonElement?> fields) => Field().Replace(template, m => CanonicalFields.Text(fields(m.Groups["field"].Value)) ?? "");

    /// <summary>A JSON tree.</summary>
    public static JsonNode? Tree(JsonNode? template, Func<string, JsonElement?> fields) => template switch
    {
        JsonObject { Count: 2 } each when each["each"] is JsonValue list && each.TryGetPropertyValue("item", out var item) => Each(Single(list.ToString()), item, fields),
        JsonObject members => new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, Tree(m.Value, fields)))),
        JsonArray items => new JsonArray([.. items.Select(i => Tree(i, fields))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Value(value.ToString(), fields),
        _ => template?.DeepClone(),
    };

    static JsonNode? Value(string text, Func<string, JsonElement?> fields) =>
        Single(text) is { } field ? (fields(field) is { ValueKind: not JsonValueKind.Null } value ? Node(value) : null) : JsonValue.Create(Text(text, fields));

    static JsonArray Each(string? list, JsonNode? item, Func<string, JsonElement?> fields)
    {
        var rows = list is null ? null : fields(list);
        if (rows is not { ValueKind: JsonValueKind.Array } array) return [];
        return new JsonArray([.. array.EnumerateArray().Select(row => Tree(item, path => CanonicalFields.At(row, path) ?? fields(path)))]);
    }

    static JsonNode? Node(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        _ => JsonValue.Create(element),
    };

    static string? Single(string text) => Field().Match(text) is { Success: true, Length: var length } match && length == text.Length ? match.Groups["field"].Value : null;

    /// <summary>The fields a text names.</summary>
    public static IEnumerable<string> Names(string template) => Field().Matches(template).Select(m => m.Groups["field"].Value);

    /// <summary>The fields a JSON tree names; not those within <c>each</c>, which may be a row's.</summary>
    public static IEnumerable<string> Names(JsonNode? template) => template switch
    {
        JsonObject { Count: 2 } each when each["each"] is JsonValue list && each.ContainsKey("item") => Names(list.ToString()),
        JsonObject members => members.SelectMany(m => Names(m.Value)),
        JsonArray items => items.SelectMany(Names),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Names(value.ToString()),
        _ => [],
    };

    /// <summary>The bytes of a body.</summary>
    public static byte[] Bytes(JsonNode? body) => Encoding.UTF8.GetBytes(body?.ToJsonString() ?? "null");

    /// <summary>Whole numbers for page counts.</summary>
    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{(?<field>[A-Za-z0-9_.]+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 500)]
    private static partial Regex Field();
}
