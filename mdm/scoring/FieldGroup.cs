namespace CdcSync.Mdm.Scoring;

/// <summary>
/// Fields that say the same thing again: two records at one street are in one town and have one postal code, and who moved has none of the three in common. Counted one
/// by one they would be far too sure; what they tell together is counted as one, as a correction of their sum.
/// </summary>
/// <param name="name">What they are about, for people.</param>
/// <param name="fields">Their places among the compared fields.</param>
/// <param name="levels">How many levels each compared field has.</param>
public sealed class FieldGroup(string name, int[] fields, IReadOnlyList<int> levels)
{
    /// <summary>A field of the group agrees, is near, differs or is missing.</summary>
    const int States = 4;

    const int Near = 1, Differs = 2, IsMissing = 3;

    // Pairs below which a pattern says nothing, and from about which on it is believed.
    const double Least = 0.5, Enough = 5;

    /// <summary>What the fields are about.</summary>
    public string Name => name;

    /// <summary>Their places among the compared fields.</summary>
    public IReadOnlyList<int> Fields => fields;

    /// <summary>How many patterns of agreement there are.</summary>
    public int Patterns { get; } = (int)Math.Pow(States, fields.Length);

    /// <summary>True when the field is one of it.</summary>
    public bool Has(int field) => fields.Contains(field);

    /// <summary>True when one of its fields is among these.</summary>
    public bool Touches(IReadOnlyList<bool> taken) => Array.Exists(fields, f => taken[f]);

    /// <summary>Marks all its fields.</summary>
    public void Take(bool[] taken)
    {
        foreach (var field in fields) taken[field] = true;
    }

    /// <summary>The pattern of an outcome.</summary>
    public int Pattern(ulong outcome)
    {
        var pattern = 0;
        foreach (var field in fields) pattern = (pattern * States) + State(field, PairComparer.Level(outcome, field));
        return pattern;
    }

    /// <summary>The ratios before anything is known: fields that agree, or differ, count as one of them.</summary>
    public double[] Start()
    {
        const double Agreement = 64, Difference = 12;
        return [.. Enumerable.Range(0, Patterns).Select(p => Math.Pow(Agreement, -Math.Max(0, Count(p, 0) - 1)) * Math.Pow(Difference, Math.Max(0, Count(p, Differs) - 1)))];
    }

    int Count(int pattern, int state) => Enumerable.Range(0, fields.Length).Count(f => StateOf(pattern, f) == state);

    int State(int field, int level) =>
        level == PairComparer.Missing ? IsMissing : level == levels[field] - 1 ? Differs : level <= PairComparer.BearsOut(levels[field]) ? 0 : Near;

    /// <summary>How much more or less often patterns occur than the fields by themselves would make them: the ratio, by pattern.</summary>
    /// <param name="shares">How often each occurs, among all pairs of the class.</param>
    /// <param name="seen">How many pairs that was seen of.</param>
    public double[] Ratios(double[] shares, double[] seen)
    {
        var ratios = new double[shares.Length];
        var alone = Alone(shares);
        // Patterns are compared with those that lack the same fields.
        foreach (var alike in Enumerable.Range(0, shares.Length).GroupBy(Lacking))
        {
            var (total, pairs) = (alike.Sum(p => shares[p]), alike.Sum(p => seen[p]));
            foreach (var pattern in alike) ratios[pattern] = Ratio(shares[pattern], total * alone[pattern], seen[pattern], pairs * alone[pattern]);
        }
        return ratios;
    }

    // A pattern hardly seen, and hardly to be expected, proves nothing: few pairs move the ratio little.
    static double Ratio(double share, double expected, double seen, double expectedSeen)
    {
        var pairs = Math.Max(seen, expectedSeen);
        if (pairs < Least || expected <= 0) return 1;
        var ratio = Math.Max(share, expected * Least / pairs) / expected;
        return Math.Pow(ratio, pairs / (pairs + Enough));
    }

    // The probability of a pattern if the fields had nothing to do with each other, given which are missing.
    double[] Alone(double[] counts)
    {
        var shares = new double[fields.Length][];
        for (var f = 0; f < fields.Length; f++)
        {
            shares[f] = new double[IsMissing];
            for (var p = 0; p < counts.Length; p++)
                if (StateOf(p, f) is < IsMissing and var state) shares[f][state] += counts[p];
            var total = Math.Max(1e-300, shares[f].Sum());
            for (var s = 0; s < IsMissing; s++) shares[f][s] /= total;
        }
        var alone = new double[counts.Length];
        for (var p = 0; p < alone.Length; p++)
        {
            alone[p] = 1;
            for (var f = 0; f < fields.Length; f++)
                if (StateOf(p, f) is < IsMissing and var state) alone[p] *= Math.Max(1e-9, shares[f][state]);
        }
        return alone;
    }

    int Lacking(int pattern)
    {
        var lacking = 0;
        for (var f = 0; f < fields.Length; f++) lacking = (lacking * 2) + (StateOf(pattern, f) == IsMissing ? 1 : 0);
        return lacking;
    }

    int StateOf(int pattern, int f) => pattern / (int)Math.Pow(States, fields.Length - 1 - f) % States;
}
