using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.Capture.Postgres;

/// <summary>What of the existing rows has been published; travels in the bookmark.</summary>
/// <param name="Done">Tables whose rows are all published, as <c>schema.name</c>.</param>
/// <param name="Table">The table being read; null between tables.</param>
/// <param name="LastKey">The key of its last published row, each column as the server's text.</param>
sealed record SnapshotProgress(IReadOnlyList<string> Done, string? Table = null, IReadOnlyList<string>? LastKey = null)
{
    public static SnapshotProgress Nothing { get; } = new([]);

    public static SnapshotProgress Parse(string? state) =>
        state is null ? Nothing : JsonSerializer.Deserialize(state, SnapshotJson.Default.SnapshotProgress) ?? Nothing;

    public string Write() => JsonSerializer.Serialize(this, SnapshotJson.Default.SnapshotProgress);

    public SnapshotProgress Finish(string table) => new([.. Done, table]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SnapshotProgress))]
sealed partial class SnapshotJson : JsonSerializerContext;
