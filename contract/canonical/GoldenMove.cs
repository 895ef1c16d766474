namespace CdcSync.Contract.Canonical;

/// <summary>
/// Records came from one golden record to another: they were merged, or a part was split off; the records of topics <c>moves.customer</c>, <c>moves.item</c> and
/// <c>moves.location</c>. Its source is <c>golden</c>, its source id the golden id that the records had. It is an event: whoever keeps anything under golden ids carries over
/// what hangs on these records, of the objects that are named. Where every record stands now is <see cref="CrossReference"/>'s to say.
/// </summary>
public sealed record GoldenMove : CanonicalObject
{
    /// <summary>The golden id that the records have from now on.</summary>
    public string GoldenId { get; init; } = "";

    /// <summary>True when nothing is left under the old id, and it leads to <see cref="GoldenId"/>: all can be carried over unseen.</summary>
    public bool Merged { get; init; }

    /// <summary>The records that moved.</summary>
    public IReadOnlyList<MovedRecord> Records { get; init; } = [];

    /// <summary>The canonical objects that name such a record, and may have been delivered under the old id: <c>inventory</c>, <c>price</c>, <c>sales_order</c>, ...</summary>
    public IReadOnlyList<string> Dependents { get; init; } = [];
}

/// <summary>A record that moved.</summary>
public sealed record MovedRecord
{
    /// <summary>Name of its source.</summary>
    public string Source { get; init; } = "";

    /// <summary>Its id there.</summary>
    public string SourceId { get; init; } = "";
}
