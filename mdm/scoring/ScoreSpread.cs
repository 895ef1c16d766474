using CdcSync.Mdm.Clustering;

namespace CdcSync.Mdm.Scoring;

/// <summary>How many pairs there are by score, and how many of them people found to be wrong.</summary>
sealed class ScoreSpread
{
    // No pair less sure than this is merged without asking, however right all of them together are.
    const double LeastSure = 0.95;

    // Steps to a bit.
    const int Steps = 4;

    readonly double[] _pairs = new double[(int)ILikeness.Decided * Steps];
    readonly double[] _found = new double[(int)ILikeness.Decided * Steps];

    public ScoreSpread(IEnumerable<double> pairs, IEnumerable<Answer> found)
    {
        foreach (var bits in pairs) _pairs[At(bits)]++;
        foreach (var wrong in found) _found[At(wrong.Bits)] += wrong.Weight;
    }

    int At(double bits) => Math.Clamp((int)Math.Floor(bits * Steps), 0, _pairs.Length - 1);

    /// <summary>The lowest score from which the pairs are right as often as is asked for, by a curve; that of what decides where there is none.</summary>
    public double From(ScoreCurve curve, double precision)
    {
        var (all, right, lowest) = (0.0, 0.0, (double)ILikeness.Decided);
        for (var i = _pairs.Length - 1; i >= 0; i--)
        {
            var probability = curve.Of((i + 0.5) / Steps);
            if (probability < LeastSure) break;
            (all, right) = (all + _pairs[i], right + (_pairs[i] * probability));
            if (all == 0 ? probability >= precision : right >= precision * all) lowest = (double)i / Steps;
            else break;
        }
        return lowest;
    }

    /// <summary>The lowest score from which no more pairs were found to be wrong than may be.</summary>
    public double FromFound(double precision)
    {
        var (all, wrong) = (_pairs.Sum(), _found.Sum());
        for (var i = 0; i < _pairs.Length; i++)
        {
            if (wrong <= (1 - precision) * all + 1e-9) return (double)i / Steps;
            (all, wrong) = (all - _pairs[i], wrong - _found[i]);
        }
        return ILikeness.Decided;
    }
}
