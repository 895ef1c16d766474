using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.Capture.Tables;

/// <summary>What a source of polled tables needs remembered beside its place; travels in the bookmark.</summary>
/// <param name="From">The moment up to which everything has been published, in the database's words (<see cref="Moment.Open"/>).</param>
/// <param name="To">The moment of the round that is under way; null between rounds.</param>
/// <param name="At">The table that the round has come to.</param>
/// <param name="Last">What of it was published last.</param>
/// <param name="Marks">Per table, for tables without exact windows.</param>
/// <param name="Done">Tables whose existing rows are all published, as <c>schema.name</c>.</param>
/// <param name="Table">The table whose existing rows are being read.</param>
/// <param name="LastKey">The key of its last published row.</param>
sealed record TablesState(
    string? From, string? To = null, string? At = null, string? Last = null, IReadOnlyDictionary<string, TableMark>? Marks = null,
    IReadOnlyList<string>? Done = null, string? Table = null, IReadOnlyList<string>? LastKey = null)
{
    public static TablesState Parse(string? text) => text is null ? new TablesState(From: null) : JsonSerializer.Deserialize(text, TablesJson.Default.TablesState)!;

    public string Write() => JsonSerializer.Serialize(this, TablesJson.Default.TablesState);

    /// <summary>The state from which these tables' rows, all when none is named, are published again.</summary>
    public TablesState Again(IReadOnlyCollection<string> tables) =>
        this with { Done = tables.Count == 0 ? [] : [.. (Done ?? []).Except(tables)], Table = tables.Count == 0 || Table is null || tables.Contains(Table) ? null : Table, LastKey = tables.Count == 0 || Table is null || tables.Contains(Table) ? null : LastKey };
}

/// <summary>How far a table without exact windows has been read.</summary>
/// <param name="Low">Every change up to this value, or number, has been published, and none can come any more.</param>
/// <param name="High">The highest number published.</param>
/// <param name="Gaps">Numbers up to it that may still come: <c>5-7,9-9</c>.</param>
/// <param name="Seen">What was published above <paramref name="Low"/>: keys and rows, hashed.</param>
sealed record TableMark(string? Low = null, long? High = null, string? Gaps = null, string? Seen = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TablesState))]
sealed partial class TablesJson : JsonSerializerContext;
