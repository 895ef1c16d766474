using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.EventLog.Registry;

/// <summary>A body that may hold more than is understood: that is refused, not passed over.</summary>
abstract record RegistryBody
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }   // not init: generated readers take no extension data there
}

sealed record SchemaBody : RegistryBody
{
    public string? Schema { get; init; }
    public string? SchemaType { get; init; }
    public IReadOnlyList<SchemaReference>? References { get; init; }
    public int? Id { get; init; }
    public int? Version { get; init; }
    public JsonElement? Metadata { get; init; }
    public JsonElement? RuleSet { get; init; }

    /// <exception cref="SchemaRegistryException">42201, 42210: something this registry does not have.</exception>
    public RegisteredSchema Understood()
    {
        if (SchemaType is not (null or "" or "AVRO")) throw RegistryErrors.InvalidSchema($"type '{SchemaType}' is not supported; this registry holds AVRO schemas");
        if (Metadata is { ValueKind: not JsonValueKind.Null }) throw RegistryErrors.InvalidSchema("metadata beside the schema is not supported; put it into the schema as properties");
        if (RuleSet is { ValueKind: not JsonValueKind.Null }) throw new SchemaRegistryException(42210, "Rule sets are not supported by this registry");
        return new(Schema ?? "", References);
    }
}

sealed record ConfigBody : RegistryBody
{
    public string? Compatibility { get; init; }
    public bool? Normalize { get; init; }
}

sealed record ModeBody : RegistryBody
{
    public string? Mode { get; init; }
}

sealed record ErrorAnswer([property: JsonPropertyName("error_code")] int ErrorCode, string Message);

sealed record IdAnswer(int Id);

sealed record SchemaAnswer(string Schema, IReadOnlyList<SchemaReference>? References, int? MaxId = null);

sealed record VersionAnswer(string Subject, int Version, int Id, string Schema, IReadOnlyList<SchemaReference>? References, bool? Deleted = null);

sealed record PlaceAnswer(string Subject, int Version);

sealed record CompatibilityAnswer([property: JsonPropertyName("is_compatible")] bool IsCompatible, IReadOnlyList<string>? Messages);

sealed record LevelAnswer(string? CompatibilityLevel, bool? Normalize);

sealed record ConfigAnswer(string? Compatibility, bool? Normalize);

sealed record ModeAnswer(string Mode);

sealed record ClusterAnswer(string Id, ClusterScope Scope);

sealed record MetadataAnswer(string Version, string CommitId);

sealed record ClusterScope(IReadOnlyList<string> Path, IReadOnlyDictionary<string, string> Clusters);

/// <summary>Text that is JSON already.</summary>
sealed record RawAnswer(string Text);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SchemaBody)), JsonSerializable(typeof(ConfigBody)), JsonSerializable(typeof(ModeBody)), JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(IdAnswer)), JsonSerializable(typeof(SchemaAnswer)), JsonSerializable(typeof(VersionAnswer)), JsonSerializable(typeof(VersionAnswer[]))]
[JsonSerializable(typeof(PlaceAnswer[])), JsonSerializable(typeof(CompatibilityAnswer)), JsonSerializable(typeof(LevelAnswer)), JsonSerializable(typeof(ConfigAnswer))]
[JsonSerializable(typeof(ModeAnswer)), JsonSerializable(typeof(ClusterAnswer)), JsonSerializable(typeof(MetadataAnswer)), JsonSerializable(typeof(string[])), JsonSerializable(typeof(int[])), JsonSerializable(typeof(int))]
sealed partial class RegistryJson : JsonSerializerContext;
