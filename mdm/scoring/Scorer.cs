namespace CdcSync.Mdm.Scoring;

/// <summary>Weighs outcomes of comparison: the bits of each field and of the prior, summed. A score of 0 bits is as likely equal as not.</summary>
public sealed class Scorer
{
    // However rare a value: no field tells more by itself.
    const double MostBits = 30;

    readonly PairComparer _comparer;
    readonly float[][] _bits;
    readonly double[] _usual;
    readonly int[] _agree;
    readonly (FieldGroup Group, double[] Bits)[] _groups;
    readonly double _prior;
    readonly double _slope;
    readonly double _mostCorrected;
    readonly double[] _most;
    readonly int[] _cheapestFirst;
    readonly double[][]? _taught;

    public Scorer(PairComparer comparer, Estimate estimate)
    {
        _comparer = comparer;
        _bits = [.. estimate.M.Select((m, f) => m.Select((p, l) => (float)Math.Min(MostBits, Math.Log2(p / estimate.U[f][l]))).ToArray())];
        _usual = [.. estimate.U.Select(u => u[0])];
        _agree = [.. estimate.M.Select(m => PairComparer.Agrees(m.Length))];
        _groups = [.. estimate.Groups.Select((g, i) => (g, estimate.Ratios[i].Select(r => Math.Log2(r)).ToArray()))];
        _slope = estimate.Taught?.Slope ?? 1;
        _taught = estimate.Taught?.Bits;
        _most = [.. _bits.Select(b => (double)b.Max())];
        _mostCorrected = _groups.Sum(g => _slope * g.Bits.Max());
        _cheapestFirst = [.. Enumerable.Range(0, _bits.Length).OrderBy(f => comparer.Fields[f].Comparison.Cost).ThenByDescending(f => _most[f])];
        _prior = (_slope * Math.Log2(estimate.Prior / (1 - estimate.Prior))) + (estimate.Taught?.Shift ?? 0);
    }

    /// <summary>The bits before anything is compared.</summary>
    public double Prior => _prior;

    /// <summary>The probability of a score.</summary>
    public static double Probability(double bits) => 1 / (1 + Math.Pow(2, -bits));

    /// <summary>The score of a probability.</summary>
    public static double Bits(double probability) => Math.Log2(probability / (1 - probability));

    /// <summary>Compares two records and weighs the outcome.</summary>
    public (ulong Levels, float Bits) Score(int one, int other)
    {
        var (levels, bits) = (0UL, _prior);
        for (var f = 0; f < _bits.Length; f++)
        {
            var level = _comparer.Compare(f, one, other);
            levels |= (ulong)level << (f * 4);
            bits += Weigh(f, level, one, other);
        }
        foreach (var (group, correction) in _groups) bits += _slope * correction[group.Pattern(levels)];
        return (levels, (float)bits);
    }

    /// <summary>The same for a pair that only matters from a score on: null as soon as it cannot reach it. Most pairs that a key brings together cannot, and a few fields show it.</summary>
    public (ulong Levels, float Bits)? Score(int one, int other, double least)
    {
        var (levels, most) = (0UL, _prior + _mostCorrected);
        Span<double> hopes = stackalloc double[_bits.Length];
        for (var f = 0; f < hopes.Length; f++)
        {
            var level = _comparer.Known(f, one, other);
            if (level < 0) most += hopes[f] = Hope(f, one, other);
            else
            {
                levels |= (ulong)level << (f * 4);
                most += Weigh(f, level, one, other);
                hopes[f] = double.NaN;
            }
        }
        foreach (var f in _cheapestFirst)
        {
            if (most < least) return null;
            if (double.IsNaN(hopes[f])) continue;
            var level = _comparer.Compare(f, one, other);
            levels |= (ulong)level << (f * 4);
            most += Weigh(f, level, one, other) - hopes[f];
        }
        var bits = most - _mostCorrected;
        foreach (var (group, correction) in _groups) bits += _slope * correction[group.Pattern(levels)];
        return bits < least ? null : (levels, (float)bits);
    }

    // What a field could tell at best, of values that are not the same.
    double Hope(int field, int one, int other)
    {
        var rarity = _comparer.Share(field, one, other) is > 0 and var share ? Math.Max(0, Math.Log2(_usual[field] / share)) : 0;
        return Math.Min(MostBits, _most[field] + rarity) * _slope + (_taught is null ? 0 : _taught[field].Max());
    }

    /// <summary>What the fields of each group tell less, or more, together than one by one.</summary>
    public IEnumerable<(string Group, double Bits)> Corrections(ulong levels) => _groups.Select(g => (g.Group.Name, _slope * g.Bits[g.Group.Pattern(levels)]));

    /// <summary>What one field tells.</summary>
    public double Weigh(int field, int level, int one, int other) =>
        level == PairComparer.Missing ? 0 : (_slope * Estimated(field, level, one, other)) + (_taught?[field][level] ?? 0);

    double Estimated(int field, int level, int one, int other)
    {
        var bits = _bits[field][level];
        if (level > _agree[field]) return bits;
        var share = _comparer.Share(field, one, other);
        if (share <= 0) return bits;
        // An equal rare value tells more than an equal common one; a nearly equal one likewise. A value that only these two have is never a common one.
        var rarity = Math.Log2(_usual[field] / share);
        if (rarity < 0 && _comparer.IsRare(field, one, other)) rarity = 0;
        // However common: it stays more than a value that is less alike.
        return Math.Min(MostBits, Math.Max(bits + rarity, Math.Min(bits, _bits[field][Math.Min(_agree[field] + 1, _bits[field].Length - 1)])));
    }
}
