namespace CdcSync.Mdm.Scoring;

/// <summary>Weighs outcomes of comparison: the bits of each field and of the prior, summed. A score of 0 bits is as likely equal as not.</summary>
public sealed class Scorer
{
    // A value that a fifth of all records have tells little either way; a unique one no more than this many bits.
    const double MostBits = 30;

    readonly PairComparer _comparer;
    readonly float[][] _bits;
    readonly double[] _m0;
    readonly double _prior;

    public Scorer(PairComparer comparer, Estimate estimate)
    {
        _comparer = comparer;
        _bits = [.. estimate.M.Select((m, f) => m.Select((p, l) => (float)Math.Min(MostBits, Math.Log2(p / estimate.U[f][l]))).ToArray())];
        _m0 = [.. estimate.M.Select(m => m[0])];
        _prior = Math.Log2(estimate.Prior / (1 - estimate.Prior));
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
        return (levels, (float)bits);
    }

    /// <summary>What one field tells.</summary>
    public double Weigh(int field, int level, int one, int other)
    {
        if (level == PairComparer.Missing) return 0;
        var bits = _bits[field][level];
        if (level != 0) return bits;
        var share = _comparer.Share(field, one, other);
        if (share <= 0) return bits;
        return Math.Min(MostBits, Math.Log2(_m0[field] / share));
    }
}
