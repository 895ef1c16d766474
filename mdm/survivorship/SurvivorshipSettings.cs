namespace CdcSync.Mdm.Survivorship;

/// <summary>Which values the golden records of one object show.</summary>
public sealed record SurvivorshipSettings
{
    /// <summary>For attributes and groups that say nothing themselves.</summary>
    public AttributeSurvivorship Default { get; init; } = new();

    /// <summary>Rules by attribute, named as in the canonical object: <c>name</c>, <c>tax_ids</c>. An attribute of a group has the group's.</summary>
    public IReadOnlyDictionary<string, AttributeSurvivorship> Attributes { get; init; } = new Dictionary<string, AttributeSurvivorship>();

    /// <summary>Attributes that are taken together from one record, by the group's name. Customers have <c>credit</c>, items <c>packing</c> and <c>part</c> from the start.</summary>
    public IReadOnlyDictionary<string, GroupSurvivorship> Groups { get; init; } = new Dictionary<string, GroupSurvivorship>();

    /// <summary>
    /// Attributes whose different real values a person should see. Default: <c>tax_ids</c>, <c>credit_limit</c> and <c>gln</c> of customers, <c>gtin</c>
    /// of items, <c>gln</c> of locations; <c>[]</c> is none.
    /// </summary>
    public IReadOnlyList<string>? Conflicts { get; init; }
}

/// <summary>How the value of one attribute is chosen.</summary>
public record AttributeSurvivorship
{
    /// <summary>Rules, the first first; what one leaves open the next decides. Behind them always trust, the newest, the record's key. Default <c>trust</c>.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Sources by trust for this attribute, most trusted first. Default the order of <c>mdm.sources</c>.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>How much newer a record must be to make up for one place in the order of sources. Default none: trust does not age.</summary>
    public TimeSpan? HalfLife { get; init; }
}

/// <summary>Attributes that are taken together from one record.</summary>
public sealed record GroupSurvivorship : AttributeSurvivorship
{
    /// <summary>The attributes; the first is the one that a record should have to be taken, then the second. Default those of the group of this name that is there from the start.</summary>
    public IReadOnlyList<string> Of { get; init; } = [];

    /// <summary>Those of them that another record may give when the group's record has none.</summary>
    public IReadOnlyList<string>? Fill { get; init; }
}
