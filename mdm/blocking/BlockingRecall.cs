namespace CdcSync.Mdm.Blocking;

/// <summary>How many of the equal records the keys bring together, estimated without knowing which are equal.</summary>
/// <param name="Share">Of the pairs of equal records, the share that shares a key; null where it cannot be told.</param>
/// <param name="Low">Where the share begins, by what chance alone can do, 19 times in 20.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Unseen">Pairs of equal records that share no key.</param>
/// <param name="Pairs">Pairs of equal records that were found, as the scores expect: what it is told from.</param>
/// <param name="Why">Why it cannot be told; null where it can.</param>
/// <param name="Keys">What each key brings, as the rule file orders them.</param>
public sealed record BlockingRecall(double? Share, double? Low, double? High, double? Unseen, double Pairs, string? Why, IReadOnlyList<KeyYield> Keys);

/// <summary>What one key brings of the pairs that some key brings.</summary>
/// <param name="Key">The key, as the rule file writes it.</param>
/// <param name="Share">The share of them that it brings together.</param>
/// <param name="Alone">The share that no other key brings.</param>
public sealed record KeyYield(string Key, double Share, double Alone);

/// <summary>A pair of records and the keys it shares.</summary>
/// <param name="Shared">For each thing that keys are made of the keys, one bit each, that do not fail by it.</param>
/// <param name="Weight">How likely the two are equal.</param>
/// <param name="Cluster">Pairs of one cluster stand or fall together.</param>
readonly record struct Recaptured(ulong[] Shared, double Weight, int Cluster)
{
    /// <summary>The keys that bring the two together.</summary>
    public ulong Keys => Shared.Aggregate(ulong.MaxValue, (all, thing) => all & thing);
}
