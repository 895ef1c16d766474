using System.Text.Json.Serialization;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;

namespace CdcSync.Contract.Canonical;

/// <summary>The key of a canonical record: which system says it, and that system's id for it. Also the Avro key of canonical topics.</summary>
/// <param name="Source">Name of the source, as in the configuration.</param>
/// <param name="Id">The source's id as text; parts of a composite id are joined with '|'.</param>
public sealed record CanonicalKey(string Source, string Id)
{
    /// <summary><c>source/id</c>, for people.</summary>
    public override string ToString() => $"{Source}/{Id}";
}

/// <summary>
/// What every canonical record carries beside its business fields. The envelope fields are set by capture; a mapping gives only the business fields.
/// Property names are snake_case in Avro, JSON and mappings (<c>SourceId</c> is <c>source_id</c>).
/// </summary>
public abstract record CanonicalObject
{
    /// <summary>Name of the source it was read from.</summary>
    public string Source { get; init; } = "";

    /// <summary>The source's id, as in <see cref="CanonicalKey.Id"/>.</summary>
    public string SourceId { get; init; } = "";

    /// <summary>Position it was read at, as <see cref="SourcePosition.ToString"/>: orders all records of one key, a later one makes an earlier one worthless.</summary>
    public string Version { get; init; } = "0:0";

    /// <summary>When the change that led to it was committed, by the source's clock, UTC.</summary>
    public DateTimeOffset CommittedAt { get; init; }

    /// <summary>Follows one change through all stages' logs: source and transaction.</summary>
    public string CorrelationId { get; init; } = "";

    /// <summary>Its key.</summary>
    [JsonIgnore, AvroIgnore]
    public CanonicalKey Key => new(Source, SourceId);

    /// <summary><see cref="Version"/> as a position.</summary>
    [JsonIgnore, AvroIgnore]
    public SourcePosition Position => SourcePosition.Parse(Version);
}
