using CdcSync.Mdm.Clustering;

namespace CdcSync.Mdm.Scoring;

/// <summary>How many pairs there are by score, and how many of them people found to be wrong; by bit, as a <see cref="ScoreCurve"/> is.</summary>
sealed class ScoreSpread
{
    // No pair less sure than this is merged without asking, however right all of them together are.
    const double LeastSure = 0.95;

    readonly double[] _pairs = new double[ScoreCurve.At(double.MaxValue) + 1];
    readonly double[] _found = new double[ScoreCurve.At(double.MaxValue) + 1];

    public ScoreSpread(IEnumerable<double> pairs, IEnumerable<Answer> found)
    {
        foreach (var bits in pairs) _pairs[ScoreCurve.At(bits)]++;
        foreach (var wrong in found) _found[ScoreCurve.At(wrong.Bits)] += wrong.Weight;
    }

    /// <summary>How many of the pairs from each bit on are right, by a curve.</summary>
    public double[] Precisions(double[] curve)
    {
        var (precisions, all, right) = (new double[curve.Length], 0.0, 0.0);
        for (var i = curve.Length - 1; i >= 0; i--)
        {
            (all, right) = (all + _pairs[i], right + (_pairs[i] * curve[i]));
            precisions[i] = all == 0 ? curve[i] : right / all;
        }
        return precisions;
    }

    /// <summary>The lowest score from which on pairs are right as often as is asked for, and each by itself is sure enough; that of what decides where there is none.</summary>
    public static double From(double[] precisions, double[] curve, double precision)
    {
        var from = curve.Length;
        while (from > 0 && precisions[from - 1] >= precision && curve[from - 1] >= LeastSure) from--;
        return Math.Max(0, Bits(from));
    }

    /// <summary>The lowest score from which on no more pairs were found to be wrong than may be.</summary>
    public double FromFound(double precision)
    {
        var (all, wrong, from) = (_pairs.Sum(), _found.Sum(), 0);
        while (from < _pairs.Length && wrong > ((1 - precision) * all) + 1e-9) (all, wrong, from) = (all - _pairs[from], wrong - _found[from], from + 1);
        return Bits(from);
    }

    static double Bits(int at) => Math.Min(ILikeness.Decided, at + ScoreCurve.Least);
}
