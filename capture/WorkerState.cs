using System.Text.Json;
using System.Text.Json.Serialization;
using CdcSync.Capture.Care;

namespace CdcSync.Capture;

/// <summary>A mapping that stands still, alone: its objects are not published until it is mended.</summary>
/// <param name="Mapping">Its name, <c>source.object</c>.</param>
/// <param name="Reason">Why, and what to do.</param>
/// <param name="Since">Since when.</param>
public sealed record StoppedMapping(string Mapping, string Reason, DateTimeOffset Since);

/// <summary>The bookmark's state: the source's own, which mappings have published their snapshot, which stand still, and which tables wait.</summary>
sealed record WorkerState(string? Source, IReadOnlyList<string>? Mapped, IReadOnlyList<StoppedMapping>? Stopped = null, IReadOnlyList<HeldTable>? Held = null)
{
    /// <summary>Taken apart.</summary>
    public static (string? Source, IReadOnlyList<string> Mapped, IReadOnlyList<StoppedMapping> Stopped, IReadOnlyList<HeldTable> Held) Parse(string? text) =>
        text is null || JsonSerializer.Deserialize(text, WorkerJson.Default.WorkerState) is not { } state ? (null, [], [], []) : (state.Source, state.Mapped ?? [], state.Stopped ?? [], state.Held ?? []);

    /// <summary>Put together.</summary>
    public static string Write(string? source, IReadOnlyList<string> mapped, IReadOnlyList<StoppedMapping>? stopped = null, IReadOnlyList<HeldTable>? held = null) =>
        JsonSerializer.Serialize(new WorkerState(source, mapped, stopped is { Count: > 0 } ? stopped : null, held is { Count: > 0 } ? held : null), WorkerJson.Default.WorkerState);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkerState))]
sealed partial class WorkerJson : JsonSerializerContext;
