namespace CdcSync.Mdm.Scoring;

/// <summary>Outcomes of pairs that one blocking key brought together.</summary>
/// <param name="Counts">How often each outcome occurred.</param>
/// <param name="Taken">The fields that the key is made of: all these pairs agree there, so the fields tell nothing about them.</param>
/// <param name="Teaches">True when what is left tells equal from different records by itself: two things at least, and not ever so many pairs by chance.</param>
public sealed record Session(IReadOnlyDictionary<ulong, double> Counts, IReadOnlyList<bool> Taken, bool Teaches);

/// <summary>
/// Estimates weights without labels, after Fellegi and Sunter: among pairs that share a blocking key some are equal and some are not; pairs drawn at random are different.
/// Expectation maximisation over the distinct outcomes of comparison finds how often each level occurs in either. What a key is made of is left out among the pairs it
/// brought together, and learnt from those of the other keys. Nothing is drawn by chance: the same pairs give the same weights.
/// </summary>
public sealed class Expectation(IReadOnlyList<ComparedField> fields, IReadOnlyList<FieldGroup> groups)
{
    const int Rounds = 40;
    const double Enough = 1e-4;

    // Pairs that what is usual counts as, beside those that are seen.
    const double Believed = 10;

    // Equal pairs below which a field is not learnt from the keys that teach best.
    const double Few = 20;

    readonly int[] _levels = [.. fields.Select(f => f.Comparison.Levels.Count)];

    /// <summary>Estimates the weights.</summary>
    /// <param name="sessions">Outcomes of pairs that share a key, by key.</param>
    /// <param name="random">Outcomes of random pairs, with their counts.</param>
    /// <param name="pairs">Pairs that could be made.</param>
    /// <param name="candidates">Pairs that share a key, and how many of them <paramref name="sessions"/> hold.</param>
    public Estimate Run(IReadOnlyList<Session> sessions, IReadOnlyDictionary<ulong, double> random, double pairs, double candidates)
    {
        var estimate = Start(sessions.Count);
        for (var round = 0; round < Rounds; round++)
        {
            var before = estimate.Shares;
            estimate = Step(estimate, sessions, random, pairs, candidates);
            if (round > 5 && estimate.Shares.Zip(before).All(s => Math.Abs(s.First - s.Second) < Enough)) break;
        }
        return estimate;
    }

    // Equal records mostly agree, different ones mostly do not: the start decides which of the two classes is which.
    Estimate Start(int sessions)
    {
        var (m, u) = (new double[_levels.Length][], new double[_levels.Length][]);
        for (var f = 0; f < _levels.Length; f++)
        {
            var last = _levels[f] - 1;
            m[f] = [.. Usual(_levels[f])];
            u[f] = [.. Enumerable.Range(0, _levels[f]).Select(l => l == last ? 0.97 : 0.03 / Math.Max(1, last))];
        }
        return new Estimate(m, u, [.. Enumerable.Repeat(0.2, sessions)], 1e-4, groups, [.. groups.Select(g => g.Start())]);
    }

    static IEnumerable<double> Usual(int levels) => Enumerable.Range(0, levels).Select(l => l == 0 ? 0.7 : l == levels - 1 ? 0.08 : 0.22 / Math.Max(1, levels - 2));

    Estimate Step(Estimate now, IReadOnlyList<Session> sessions, IReadOnlyDictionary<ulong, double> random, double pairs, double candidates)
    {
        var (m, u, inBlocks, besides) = (Zero(), Zero(), Zero(), Zero());
        var (together, apart, drawn) = (Patterns(), Patterns(), Patterns());
        var (shares, seen) = (new double[sessions.Count], sessions.Sum(s => s.Counts.Values.Sum()));
        for (var s = 0; s < sessions.Count; s++)
        {
            var (equal, all) = (0d, 0d);
            foreach (var (levels, count) in sessions[s].Counts)
            {
                var match = sessions[s].Teaches ? Posterior(now, levels, now.Shares[s], sessions[s].Taken) : Posterior(now, levels, now.Prior, null);
                (equal, all) = (equal + (count * match), all + count);
                if (sessions[s].Teaches) Add(m, levels, count * match, sessions[s].Taken);
                Add(besides, levels, count, sessions[s].Taken);
                Add(inBlocks, levels, count * (1 - match), null);
                for (var g = 0; g < groups.Count; g++)
                {
                    if (sessions[s].Teaches && !groups[g].Touches(sessions[s].Taken)) together[g][groups[g].Pattern(levels)] += count * match;
                    apart[g][groups[g].Pattern(levels)] += count * (1 - match);
                }
            }
            shares[s] = Math.Clamp(equal / Math.Max(1, all), 1e-6, 0.999);
        }
        var scale = candidates / Math.Max(1, seen);
        var prior = Math.Clamp(sessions.Select((s, i) => shares[i] * s.Counts.Values.Sum()).Sum() * scale / Math.Max(1, pairs), 1e-12, 0.5);
        var draws = 0d;
        foreach (var (levels, count) in random)
        {
            var different = count * (1 - Posterior(now, levels, prior, null));
            draws += different;
            Add(u, levels, different, null);
            for (var g = 0; g < groups.Count; g++) drawn[g][groups[g].Pattern(levels)] += different;
        }
        for (var f = 0; f < _levels.Length; f++)
        {
            if (m[f].Sum() < Few) m[f] = Excess(besides[f], now.U[f]);
            Settle(now, f, m[f], u[f], inBlocks[f], scale / Math.Max(1, pairs));
        }
        var ratios = groups.Select((g, i) => Ratio(g, together[i], drawn[i], draws, apart[i], pairs / scale)).ToArray();
        return new Estimate(m, u, shares, prior, groups, ratios);
    }

    void Settle(Estimate now, int field, double[] m, double[] u, double[] inBlocks, double perPair)
    {
        if (m.Sum() < 1) now.M[field].CopyTo(m, 0);
        else Normalise(m, Usual(m.Length), Believed);
        if (m[^1] > fields[field].MostDifferent) Rescale(m, fields[field].MostDifferent);
        if (u.Sum() < 1) now.U[field].CopyTo(u, 0);
        else Normalise(u, Enumerable.Repeat(1.0 / u.Length, u.Length), 0.5 * u.Length);
        // A level that random pairs are too few to show: those that keys brought together are all there are.
        for (var l = 0; l < _levels[field] - 1; l++) u[l] = Math.Max(u[l], inBlocks[l] * perPair);
        Order(m, u);
        for (var l = 0; l < m.Length; l++) m[l] = Math.Min(m[l], u[l] * Math.Pow(2, fields[field].Comparison.MostBits(l)));
    }

    // A field that is in every key that teaches: what the other keys' pairs agree more often than by chance, they do because they are equal. Few equal records have nothing
    // alike in a field; more cannot be told from chance.
    static double[] Excess(double[] seen, double[] u)
    {
        const double Nothing = 0.06;
        var excess = new double[seen.Length];
        for (var l = 0; l < seen.Length - 1; l++) excess[l] = Math.Max(0, seen[l] - (seen[^1] / u[^1] * u[l]));
        excess[^1] = excess.Sum() * Nothing;
        return excess;
    }

    // Different records at one place are too rare to be drawn by chance: those that keys brought together are all there are.
    static double[] Ratio(FieldGroup group, double[] together, double[] drawn, double draws, double[] inBlocks, double pairs)
    {
        var equal = group.Ratios(together, together);
        var shares = drawn.Select((d, p) => Math.Max(d / Math.Max(1, draws), inBlocks[p] / Math.Max(1, pairs))).ToArray();
        var different = group.Ratios(shares, [.. drawn.Select((d, p) => Math.Max(d, inBlocks[p]))]);
        return [.. equal.Select((e, p) => e / different[p])];
    }

    double[][] Zero() => [.. _levels.Select(l => new double[l])];

    double[][] Patterns() => [.. groups.Select(g => new double[g.Patterns])];

    void Add(double[][] counts, ulong levels, double count, IReadOnlyList<bool>? taken)
    {
        for (var f = 0; f < _levels.Length; f++)
            if (taken?[f] != true && PairComparer.Level(levels, f) is not PairComparer.Missing and var level) counts[f][level] += count;
    }

    static double Posterior(Estimate now, ulong levels, double share, IReadOnlyList<bool>? taken)
    {
        var odds = share / (1 - share);
        for (var f = 0; f < now.M.Length; f++)
            if (taken?[f] != true && PairComparer.Level(levels, f) is not PairComparer.Missing and var level) odds *= now.M[f][level] / now.U[f][level];
        for (var g = 0; g < now.Groups.Count; g++)
            if (taken is null || !now.Groups[g].Touches(taken)) odds *= now.Ratios[g][now.Groups[g].Pattern(levels)];
        return odds / (1 + odds);
    }

    static void Normalise(double[] counts, IEnumerable<double> usual, double pairs)
    {
        var total = counts.Sum() + pairs;
        foreach (var (l, share) in usual.Index()) counts[l] = (counts[l] + (pairs * share)) / total;
    }

    static void Rescale(double[] m, double last)
    {
        var scale = (1 - last) / Math.Max(1e-9, 1 - m[^1]);
        for (var l = 0; l < m.Length - 1; l++) m[l] *= scale;
        m[^1] = last;
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
/// <param name="Shares">Equal records among the pairs of each key.</param>
/// <param name="Prior">Equal records among all pairs that could be made.</param>
/// <param name="Groups">Fields that say the same thing again.</param>
/// <param name="Ratios">By group and pattern, what m / u of its fields is to be multiplied by.</param>
public sealed record Estimate(double[][] M, double[][] U, double[] Shares, double Prior, IReadOnlyList<FieldGroup> Groups, double[][] Ratios)
{
    /// <summary>What pairs that people decided change about it; null where nobody decided any.</summary>
    public Taught? Taught { get; init; }
}
