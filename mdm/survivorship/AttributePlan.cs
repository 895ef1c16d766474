namespace CdcSync.Mdm.Survivorship;

/// <summary>How one attribute, or a group of attributes taken from one record, is decided.</summary>
public sealed record AttributePlan
{
    static readonly IRankingRule First = new NeverEmptyRule();
    static readonly IRankingRule[] Last = [new TrustRule(), new RecencyRule()];

    /// <summary>The attribute's or the group's name.</summary>
    public required string Name { get; init; }

    /// <summary>What is decided together.</summary>
    public required IReadOnlyList<GoldenAttribute> Attributes { get; init; }

    /// <summary>True when it is a group, even of one attribute.</summary>
    public bool IsGroup { get; init; }

    /// <summary>Attributes of a group that another record may give.</summary>
    public IReadOnlyList<string> Fill { get; init; } = [];

    /// <summary>The rules that rank, the first first.</summary>
    public required IReadOnlyList<IRankingRule> Rules
    {
        get;
        init
        {
            field = value;
            Chain = [First, .. value, .. Last];
        }
    }

    /// <summary>The rules with those that always stand before and behind them.</summary>
    internal IReadOnlyList<IRankingRule> Chain { get; private init; } = [];

    /// <summary>The rule that joins the ranked lists; null when one record gives the value.</summary>
    public IJoiningRule? Join { get; init; }

    /// <summary>Sources by trust.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>What a place in the order of sources is worth in time; null when trust does not age.</summary>
    public TimeSpan? HalfLife { get; init; }

    /// <summary>A source's place in the order of trust; those that are not named share the last.</summary>
    public int Place(string source)
    {
        for (var i = 0; i < Sources.Count; i++)
            if (Sources[i] == source) return i;
        return Sources.Count;
    }

    /// <summary>An attribute's place among its attributes.</summary>
    internal int PlaceOf(GoldenAttribute attribute)
    {
        for (var i = 0; i < Attributes.Count; i++)
            if (Attributes[i] == attribute) return i;
        throw new ArgumentException($"'{attribute.Name}' is not decided with '{Name}'", nameof(attribute));
    }

    /// <summary>The same for one of its attributes by itself.</summary>
    internal AttributePlan Alone(GoldenAttribute attribute) => this with { Name = attribute.Name, Attributes = [attribute], IsGroup = false, Fill = [] };
}
