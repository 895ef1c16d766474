namespace CdcSync.Mdm.Scoring;

/// <summary>
/// What people decided, set against the scores: how likely equal a score really is, and from which score on it is best to merge. A logistic curve with two parameters: a
/// hundred decisions place it, and one odd decision does not move it far.
/// </summary>
public sealed class Calibration
{
    const int Rounds = 50;

    // The curve before anything was decided: the score as it is, held by as much as a few decisions.
    const double Held = 0.05;

    readonly double _shift;
    readonly double _slope;

    Calibration(double shift, double slope) => (_shift, _slope) = (shift, slope);

    /// <summary>How likely equal a score is.</summary>
    public double Probability(double bits) => 1 / (1 + Math.Exp(-(_shift + (_slope * bits))));

    /// <summary>The curve that fits the decisions best.</summary>
    /// <param name="decided">Scores in bits, and what was decided.</param>
    public static Calibration Of(IReadOnlyList<(double Bits, bool Same)> decided)
    {
        var (shift, slope) = (0d, Math.Log(2));
        for (var round = 0; round < Rounds; round++)
        {
            // Newton's step of the penalised likelihood; the penalty draws the slope to that of an honest score.
            var (g0, g1, h00, h01, h11) = (-Held * shift, -Held * 100 * (slope - Math.Log(2)), Held, 0d, Held * 100);
            foreach (var (bits, same) in decided)
            {
                var x = Math.Clamp(bits, -30, 30);
                var p = 1 / (1 + Math.Exp(-(shift + (slope * x))));
                var (error, weight) = ((same ? 1 : 0) - p, Math.Max(1e-9, p * (1 - p)));
                (g0, g1, h00, h01, h11) = (g0 + error, g1 + (error * x), h00 + weight, h01 + (weight * x), h11 + (weight * x * x));
            }
            var determinant = (h00 * h11) - (h01 * h01);
            var (d0, d1) = (((h11 * g0) - (h01 * g1)) / determinant, ((h00 * g1) - (h01 * g0)) / determinant);
            (shift, slope) = (shift + Math.Clamp(d0, -2, 2), Math.Clamp(slope + Math.Clamp(d1, -0.3, 0.3), 0.02, 3));
            if (Math.Abs(d0) + Math.Abs(d1) < 1e-6) break;
        }
        return new Calibration(shift, slope);
    }

    /// <summary>The score from which merging is best: as many right pairs merged, and as few wrong ones, as the decisions let one expect (the highest F1).</summary>
    public double BestThreshold(IEnumerable<double> scores)
    {
        var sorted = scores.OrderDescending().ToArray();
        var (all, right, best, threshold) = (sorted.Sum(Probability), 0d, 0d, double.PositiveInfinity);
        for (var i = 0; i < sorted.Length; i++)
        {
            right += Probability(sorted[i]);
            var f1 = 2 * right / (i + 1 + all);
            if (f1 <= best) continue;
            (best, threshold) = (f1, i + 1 < sorted.Length ? (sorted[i] + sorted[i + 1]) / 2 : sorted[i]);
        }
        return threshold;
    }
}
