using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Offline;

/// <summary>What keys bring together, and without a truth, how many equal records they do not.</summary>
static class RecallOfBlocking
{
    // Pairs that are looked at: more do not change it.
    const int Sample = 40_000;

    // Keys that fit into the bits of a number; equal pairs below which nothing can be said.
    const int MostKeys = 64, Few = 20;

    /// <summary>Estimates it from the pairs that are held to be equal, each as much as its score says.</summary>
    public static BlockingRecall Of(MatchResult result, MatchRules rules, IReadOnlyList<IWordFrequencies> frequencies, CancellationToken stop)
    {
        var (keys, expected) = (rules.Keys(), result.Pairs.Sum(p => Scorer.Probability(p.Bits)));
        if (keys.Count > MostKeys) return Unknown($"there are {keys.Count} keys; up to {MostKeys} can be told apart", expected);
        if (expected < Few) return Unknown($"some {expected:0} pairs of equal records were found: too few to tell from", expected);
        var shared = new SharedKeys(result.Records, rules, keys, frequencies, result.Candidates.TooCommon);
        var stride = Math.Max(1, result.Pairs.Count / Sample);
        var pairs = result.Pairs.Where((_, i) => i % stride == 0).Select(p => new Recaptured(shared.Of(p.One, p.Other), Scorer.Probability(p.Bits), result.Clusters[p.One])).Where(p => p.Keys != 0).ToList();
        var yields = Yields(keys, pairs);
        if (shared.Things < 2) return Unknown("all keys are made of one thing: none tells what another misses", expected) with { Keys = yields };
        var (share, low, high) = Recapture.Of(pairs, stop);
        return new BlockingRecall(share, low, high, expected * (1 - share) / share, expected, null, yields);
    }

    /// <summary>What each key brings of the pairs that will be compared: what it costs, not what it is worth.</summary>
    public static IReadOnlyList<KeyYield> Costs(RecordSet records, CandidatePairs candidates, MatchRules rules, IReadOnlyList<IWordFrequencies> frequencies)
    {
        var keys = rules.Keys();
        if (keys.Count > MostKeys) return [];
        var shared = new SharedKeys(records, rules, keys, frequencies, candidates.TooCommon);
        var stride = Math.Max(1, candidates.Pairs.Length / Sample);
        return Yields(keys, [.. candidates.Pairs.Where((_, i) => i % stride == 0).Select(CandidatePairs.Split).Select(p => new Recaptured(shared.Of(p.One, p.Other), 1, 0))]);
    }

    static BlockingRecall Unknown(string why, double pairs) => new(null, null, null, null, pairs, why, []);

    static IReadOnlyList<KeyYield> Yields(IReadOnlyList<BlockingKey> keys, List<Recaptured> pairs)
    {
        var all = Math.Max(1e-9, pairs.Sum(p => p.Weight));
        var weights = pairs.Select(p => (p.Keys, p.Weight)).ToList();
        double Of(Func<ulong, bool> which) => weights.Where(w => which(w.Keys)).Sum(w => w.Weight) / all;
        return [.. keys.Select((key, k) => new KeyYield(key.Text, Of(m => (m >> k & 1) == 1), Of(m => m == 1UL << k)))];
    }
}
