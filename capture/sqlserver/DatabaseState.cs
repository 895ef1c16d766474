using System.Text.Json;
using System.Text.Json.Serialization;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.SqlServer;

/// <summary>What is remembered of a database beside its place; travels in the bookmark.</summary>
sealed record DatabaseState
{
    /// <summary>Its number within the source: stands above the LSN in positions, so that they never change their meaning.</summary>
    public int Number { get; init; }

    /// <summary>Its place; null in the bookmark of its own batches, whose position says it.</summary>
    public string? Place { get; init; }

    /// <summary>The recovery fork its log is on.</summary>
    public Guid? Fork { get; init; }

    /// <summary>Per table the capture instance that is read.</summary>
    public IReadOnlyDictionary<string, InstanceState> Instances { get; init; } = new Dictionary<string, InstanceState>();

    /// <summary>Tables whose existing rows are all published.</summary>
    public IReadOnlyList<string> Done { get; init; } = [];

    /// <summary>The table being read; null between tables.</summary>
    public string? Table { get; init; }

    /// <summary>The key of its last published row.</summary>
    public IReadOnlyList<string>? LastKey { get; init; }

    /// <summary>Rows are published again while the stream goes on.</summary>
    public bool Again { get; init; }

    /// <summary>What signals have asked for; null when nothing ever.</summary>
    public SnapshotProgress? Asked { get; init; }
}

/// <summary>A capture instance that is read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Start">Where its rows began when it was first seen: a later beginning means that clean-up was there.</param>
/// <param name="Gone">It was dropped, and the table has no other.</param>
sealed record InstanceState(string Name, string Start, bool Gone = false);

/// <summary>What is remembered of a source's databases.</summary>
sealed record DatabaseStates
{
    public IReadOnlyDictionary<string, DatabaseState> Databases { get; init; } = new Dictionary<string, DatabaseState>();

    public static DatabaseStates Parse(string? state) => state is null ? new() : JsonSerializer.Deserialize(state, StatesJson.Default.DatabaseStates) ?? new();

    public string Write() => JsonSerializer.Serialize(this, StatesJson.Default.DatabaseStates);

    /// <summary>The states with each database's place in it, the bookmark's own too.</summary>
    public static Dictionary<string, DatabaseState> Of(Bookmark? from)
    {
        var states = new Dictionary<string, DatabaseState>(Parse(from?.State).Databases, StringComparer.OrdinalIgnoreCase);
        if (from is null || from.Position == SourcePosition.Start) return states;
        var number = (int)(from.Position.Commit >> 80);
        foreach (var (name, state) in states.ToList())
            if (state.Number == number) states[name] = state with { Place = from.Position.Untag().ToString() };
        return states;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(DatabaseStates))]
sealed partial class StatesJson : JsonSerializerContext;
