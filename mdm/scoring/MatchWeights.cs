namespace CdcSync.Mdm.Scoring;

/// <summary>What likeness weighs: for people to read and edit.</summary>
public sealed record MatchWeights
{
    /// <summary>The share of equal records among all pairs that could be made (Splink's lambda).</summary>
    public required double Prior { get; init; }

    /// <summary>By field, then by level (its words, as the comparison names them).</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, LevelWeight>> Fields { get; init; }
}

/// <summary>How often a level of likeness occurs.</summary>
public sealed record LevelWeight
{
    /// <summary>Among pairs of equal records, 0 to 1.</summary>
    public required double M { get; init; }

    /// <summary>Among pairs of different records, 0 to 1.</summary>
    public required double U { get; init; }

    /// <summary>log2(m / u): what the level tells, in bits.</summary>
    public double Bits => Math.Log2(M / U);
}
