using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.Capture;

/// <summary>The bookmark's state: the source's own, and which mappings have published their snapshot.</summary>
sealed record WorkerState(string? Source, IReadOnlyList<string>? Mapped)
{
    /// <summary>Taken apart.</summary>
    public static (string? Source, IReadOnlyList<string> Mapped) Parse(string? text) =>
        text is null || JsonSerializer.Deserialize(text, WorkerJson.Default.WorkerState) is not { } state ? (null, []) : (state.Source, state.Mapped ?? []);

    /// <summary>Put together.</summary>
    public static string Write(string? source, IReadOnlyList<string> mapped) => JsonSerializer.Serialize(new WorkerState(source, mapped), WorkerJson.Default.WorkerState);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkerState))]
sealed partial class WorkerJson : JsonSerializerContext;
