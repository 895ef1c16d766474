using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Offline;

/// <summary>From which score on pairs are merged without asking.</summary>
static class Thresholds
{
    // No pair less sure than this is merged without asking, however right all of them together are; and a few pairs make no average.
    const double LeastSure = 0.95;
    const int LeastMerged = 20;

    // Bits on either side of as likely as not.
    const double Doubtful = 6;

    /// <summary>The score down to which the pairs above it are right as often as is asked for: a threshold by pair alone would send most of the right ones to a person.</summary>
    /// <param name="pairs">Surest first.</param>
    /// <param name="bits">The score that is sure enough for a pair by itself.</param>
    /// <param name="precision">How many of all that is merged are to be right.</param>
    public static double Sure(List<ScoredPair> pairs, double bits, double precision)
    {
        var (wrong, merged) = (0d, 0);
        foreach (var pair in pairs.TakeWhile(p => p.Bits >= Scorer.Bits(LeastSure)))
        {
            wrong += 1 - Scorer.Probability(pair.Bits);
            if (++merged >= LeastMerged && wrong / merged > 1 - precision) break;
            bits = Math.Min(bits, pair.Bits);
        }
        return bits;
    }

    /// <summary>Where people decided: the best score by what the decisions taught. Few decisions about doubtful pairs leave it near the one that is sure without them.</summary>
    /// <param name="pairs">Surest first.</param>
    /// <param name="sure">The score without decisions.</param>
    /// <param name="decided">The scores of the pairs that were decided, and what was.</param>
    public static double Decided(List<ScoredPair> pairs, double sure, IEnumerable<(float Bits, bool Same)> decided)
    {
        const double Few = 4;
        var doubtful = decided.Where(d => Math.Abs(d.Bits) <= Doubtful).ToList();
        // What lies on one side alone says nothing of where the other begins.
        var weight = 2.0 * Math.Min(doubtful.Count(d => d.Same), doubtful.Count(d => !d.Same));
        return ((weight * Best(pairs)) + (Few * sure)) / (weight + Few);
    }

    /// <summary>
    /// The bits to take off all scores: who picks pairs to decide picks more equal ones than there are, so how many there are is not learnt from that alone. No more than a
    /// quarter more than without labels.
    /// </summary>
    /// <param name="pairs">The pairs that may be equal.</param>
    /// <param name="expected">How many are, without labels.</param>
    public static double TooMany(List<ScoredPair> pairs, double expected)
    {
        const double Most = 1.25, Step = 0.25, Longest = 30;
        for (var shift = 0d; shift < Longest; shift += Step)
            if (pairs.Sum(p => Scorer.Probability(p.Bits - shift)) <= Most * expected) return shift;
        return Longest;
    }

    // As many right pairs merged, and as few wrong ones, as the scores let one expect: the highest F1; never a pair that is likelier wrong.
    static double Best(List<ScoredPair> pairs)
    {
        var (all, right, best, threshold, merged) = (pairs.Sum(p => Scorer.Probability(p.Bits)), 0d, 0d, 0d, 0);
        foreach (var pair in pairs)
        {
            if (pair.Bits < 0) break;
            right += Scorer.Probability(pair.Bits);
            if (2 * right / (++merged + all) is var f1 && f1 > best) (best, threshold) = (f1, pair.Bits);
        }
        return threshold;
    }
}
