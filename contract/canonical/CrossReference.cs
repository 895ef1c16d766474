namespace CdcSync.Contract.Canonical;

/// <summary>
/// Which golden record a source's record belongs to; the records of topics <c>xref.customer</c>, <c>xref.item</c> and <c>xref.location</c>. Its key is the source
/// record's key; a tombstone says that the source's record is gone. Source <c>golden</c> is a redirect: the golden id in <see cref="CanonicalObject.SourceId"/> was
/// merged into <see cref="GoldenId"/>. The version grows with every publication of the object, across keys.
/// </summary>
public sealed record CrossReference : CanonicalObject
{
    /// <summary>The value of <see cref="CanonicalObject.Source"/> for golden records and redirects.</summary>
    public const string GoldenSource = "golden";

    /// <summary>The golden record it belongs to: the source id of the record in <c>golden.*</c>.</summary>
    public string GoldenId { get; init; } = "";

    /// <summary>The golden record it belonged to before, when it moved; null when it is new.</summary>
    public string? PreviousGoldenId { get; init; }
}
