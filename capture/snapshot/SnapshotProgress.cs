using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.Capture.Snapshot;

/// <summary>What of the existing rows has been published, and what was asked for; travels in the bookmark, so that it is exact after whatever end.</summary>
/// <param name="Done">Tables whose rows are all published, as <c>schema.name</c>.</param>
/// <param name="Table">The table that the first snapshot reads; null between tables.</param>
/// <param name="LastKey">The key of its last published row, each column as the server's text.</param>
sealed record SnapshotProgress(IReadOnlyList<string> Done, string? Table = null, IReadOnlyList<string>? LastKey = null)
{
    public static SnapshotProgress Nothing { get; } = new([]);

    /// <summary>Rows of <see cref="Table"/> published so far.</summary>
    public long? Rows { get; init; }

    /// <summary>Snapshots that were asked for and are not done, in their order; the first one is being read.</summary>
    public IReadOnlyList<AskedSnapshot>? Asked { get; init; }

    /// <summary>Somebody wants incremental snapshots to wait.</summary>
    public bool? Paused { get; init; }

    /// <summary>The last signal that was taken out of the inbox.</summary>
    public long? Signal { get; init; }

    /// <summary>The snapshot being read or to be read next.</summary>
    [JsonIgnore]
    public AskedSnapshot? Current => Asked is { Count: > 0 } asked ? asked[0] : null;

    public static SnapshotProgress Parse(string? state) =>
        state is null ? Nothing : JsonSerializer.Deserialize(state, SnapshotJson.Default.SnapshotProgress) ?? Nothing;

    public string Write() => JsonSerializer.Serialize(this, SnapshotJson.Default.SnapshotProgress);

    /// <summary>A table of the first snapshot is published.</summary>
    public SnapshotProgress Finish(string table) => this with { Done = [.. Done.Where(d => d != table), table], Table = null, LastKey = null, Rows = null };

    /// <summary>The snapshot being read stands elsewhere; null when it is done.</summary>
    public SnapshotProgress WithCurrent(AskedSnapshot? current)
    {
        AskedSnapshot[] asked = current is null ? [.. Asked!.Skip(1)] : [current, .. Asked!.Skip(1)];
        return this with { Asked = asked.Length == 0 ? null : asked, Paused = asked.Length == 0 ? null : Paused };
    }
}

/// <summary>A table of a snapshot that was asked for.</summary>
/// <param name="Name"><c>schema.name</c>.</param>
/// <param name="Filter">Only rows for which this SQL expression holds; null for all.</param>
/// <param name="Key">A unique column to read by instead of the key; null for the key.</param>
sealed record AskedTable(string Name, string? Filter = null, string? Key = null);

/// <summary>A snapshot that was asked for, and how far it is.</summary>
/// <param name="Id">The signal that asked.</param>
/// <param name="Blocking">The stream waits while rows are read.</param>
/// <param name="Tables">What is left of it; the first one is being read.</param>
sealed record AskedSnapshot(string Id, bool Blocking, IReadOnlyList<AskedTable> Tables)
{
    /// <summary>The key of the last published row of the first table; null before its first.</summary>
    public IReadOnlyList<string>? LastKey { get; init; }

    /// <summary>The greatest key when reading began: later ones are in the stream.</summary>
    public IReadOnlyList<string>? MaxKey { get; init; }

    /// <summary>Chunks of the first table published.</summary>
    public int Chunk { get; init; }

    /// <summary>Rows of the first table read, those that the stream had overtaken included.</summary>
    public long Rows { get; init; }

    /// <summary>Rows the first table had when reading began, about; null when unknown.</summary>
    public long? Total { get; init; }

    /// <summary>The first table is done; null when it was the last one.</summary>
    public AskedSnapshot? Next() => Tables.Count <= 1 ? null : new AskedSnapshot(Id, Blocking, [.. Tables.Skip(1)]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SnapshotProgress))]
sealed partial class SnapshotJson : JsonSerializerContext;
