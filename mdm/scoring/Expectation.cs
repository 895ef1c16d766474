namespace CdcSync.Mdm.Scoring;

/// <summary>
/// Estimates weights without labels, after Fellegi and Sunter: among pairs that share a blocking key some are equal and some are not; pairs drawn at random are different.
/// Expectation maximisation over the distinct outcomes of comparison finds how often each level occurs in either. Nothing is drawn by chance: the same pairs give the
/// same weights.
/// </summary>
public sealed class Expectation(IReadOnlyList<ComparedField> fields)
{
    const int Rounds = 60;
    const double Enough = 1e-5;

    readonly int[] _levels = [.. fields.Select(f => f.Comparison.Levels.Count)];

    /// <summary>Estimates the weights.</summary>
    /// <param name="candidates">Outcomes of pairs that share a key, with their counts.</param>
    /// <param name="random">Outcomes of random pairs, with their counts.</param>
    /// <param name="candidateShare">Candidate pairs there are for each pair that could be made.</param>
    public Estimate Run(IReadOnlyDictionary<ulong, double> candidates, IReadOnlyDictionary<ulong, double> random, double candidateShare)
    {
        var estimate = Start(candidates.Count == 0 ? 0.05 : 0.2);
        var seen = candidates.Values.Sum();
        for (var round = 0; round < Rounds && seen > 0; round++)
        {
            var before = estimate.Share;
            estimate = Step(estimate, candidates, random, seen, candidateShare);
            if (Math.Abs(estimate.Share - before) < Enough * before && round > 5) break;
        }
        return estimate;
    }

    // Equal records mostly agree, different ones mostly do not: the start decides which of the two classes is which.
    Estimate Start(double share)
    {
        var (m, u) = (new double[_levels.Length][], new double[_levels.Length][]);
        for (var f = 0; f < _levels.Length; f++)
        {
            var last = _levels[f] - 1;
            m[f] = [.. Enumerable.Range(0, _levels[f]).Select(l => l == 0 ? 0.7 : l == last ? 0.08 : 0.22 / Math.Max(1, last - 1))];
            u[f] = [.. Enumerable.Range(0, _levels[f]).Select(l => l == last ? 0.97 : 0.03 / Math.Max(1, last))];
        }
        return new Estimate(m, u, share, 0);
    }

    Estimate Step(Estimate now, IReadOnlyDictionary<ulong, double> candidates, IReadOnlyDictionary<ulong, double> random, double seen, double candidateShare)
    {
        var (m, u, inBlocks) = (Zero(), Zero(), Zero());
        var equal = 0d;
        foreach (var (levels, count) in candidates)
        {
            var match = Posterior(now, levels, now.Share);
            equal += count * match;
            Add(m, levels, count * match);
            Add(inBlocks, levels, count * (1 - match));
        }
        var overall = Math.Max(1e-12, now.Share * candidateShare);
        foreach (var (levels, count) in random) Add(u, levels, count * (1 - Posterior(now, levels, overall)));
        for (var f = 0; f < _levels.Length; f++)
        {
            Normalise(m[f], 0.5, f);
            var drawn = u[f].Sum();
            Normalise(u[f], 0.5, f);
            // A level that random pairs are too few to show: those in blocks are all there are, for the key that makes the block.
            var blocked = inBlocks[f].Sum();
            if (drawn > 0 && blocked > 0)
                for (var l = 0; l < _levels[f] - 1; l++) u[f][l] = Math.Max(u[f][l], inBlocks[f][l] / seen * candidateShare);
            Order(m[f], u[f]);
        }
        return new Estimate(m, u, Math.Clamp(equal / seen, 1e-6, 0.999), overall);
    }

    double[][] Zero() => [.. _levels.Select(l => new double[l])];

    void Add(double[][] counts, ulong levels, double count)
    {
        for (var f = 0; f < _levels.Length; f++)
            if (PairComparer.Level(levels, f) is not PairComparer.Missing and var level) counts[f][level] += count;
    }

    static double Posterior(Estimate now, ulong levels, double share)
    {
        var odds = share / (1 - share);
        for (var f = 0; f < now.M.Length; f++)
            if (PairComparer.Level(levels, f) is not PairComparer.Missing and var level) odds *= now.M[f][level] / now.U[f][level];
        return odds / (1 + odds);
    }

    void Normalise(double[] counts, double prior, int field)
    {
        var total = counts.Sum() + (prior * _levels[field]);
        for (var l = 0; l < counts.Length; l++) counts[l] = (counts[l] + prior) / total;
    }

    // More alike never tells less than less alike: neighbours that contradict this share one weight.
    static void Order(double[] m, double[] u)
    {
        for (var again = true; again;)
        {
            again = false;
            for (var l = 0; l + 1 < m.Length; l++)
            {
                if (m[l] * u[l + 1] >= m[l + 1] * u[l] * (1 - 1e-9)) continue;
                var ratio = (m[l] + m[l + 1]) / (u[l] + u[l + 1]);
                (m[l], m[l + 1]) = (u[l] * ratio, u[l + 1] * ratio);
                again = true;
            }
        }
    }
}

/// <summary>Weights as numbers, by field and level.</summary>
/// <param name="M">How often the level occurs among equal records.</param>
/// <param name="U">How often among different ones.</param>
/// <param name="Share">Equal records among the candidates.</param>
/// <param name="Prior">Equal records among all pairs that could be made.</param>
public sealed record Estimate(double[][] M, double[][] U, double Share, double Prior);
