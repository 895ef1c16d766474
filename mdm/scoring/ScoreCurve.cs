namespace CdcSync.Mdm.Scoring;

/// <summary>
/// How likely a score means the same: a logistic regression on the score that starts from what the score says itself (whole 0, slope 1) and is held to it. Few decisions leave it uncertain, those
/// that contradict each other flat.
/// </summary>
readonly record struct ScoreCurve(double Whole, double Slope)
{
    // How far decisions may move the curve: standard deviations, in natural logarithms and as a factor.
    const double WholeHeld = 2, SlopeHeld = 0.3, LeastSlope = 0.05;

    /// <summary>The score below which decisions tell nothing of the thresholds.</summary>
    public const double LowestBits = -8;

    // Scores beyond it are as sure as can be, and one decision there would outweigh many.
    const double HighestBits = 30;

    static readonly double Nats = Math.Log(2);

    /// <summary>The probability of a score.</summary>
    public double Of(double bits) => 1 / (1 + Math.Exp(-(Whole + (Slope * Nats * Math.Min(bits, HighestBits)))));

    /// <summary>The score of a probability.</summary>
    public double BitsOf(double probability) => (Math.Log(probability / (1 - probability)) - Whole) / (Slope * Nats);

    /// <summary>The likeliest curve by what was decided, and how uncertain it is.</summary>
    public static Posterior Of(IReadOnlyList<Answer> answers)
    {
        var (whole, slope, ww, ws, ss) = (0.0, 1.0, 0.0, 0.0, 0.0);
        for (var round = 0; round < 100; round++)
        {
            var (towardsWhole, towardsSlope) = (-whole / (WholeHeld * WholeHeld), (1 - slope) / (SlopeHeld * SlopeHeld));
            (ww, ws, ss) = (1 / (WholeHeld * WholeHeld), 0, 1 / (SlopeHeld * SlopeHeld));
            foreach (var (bits, same, weight) in answers)
            {
                var x = Nats * Math.Min(bits, HighestBits);
                var p = 1 / (1 + Math.Exp(-(whole + (slope * x))));
                var (error, curvature) = (weight * ((same ? 1 : 0) - p), weight * p * (1 - p));
                (towardsWhole, towardsSlope) = (towardsWhole + error, towardsSlope + (error * x));
                (ww, ws, ss) = (ww + curvature, ws + (curvature * x), ss + (curvature * x * x));
            }
            var determinant = (ww * ss) - (ws * ws);
            var (wholeStep, slopeStep) = (((ss * towardsWhole) - (ws * towardsSlope)) / determinant, ((ww * towardsSlope) - (ws * towardsWhole)) / determinant);
            var scale = Math.Min(1, 1 / Math.Max(Math.Abs(wholeStep), Math.Abs(slopeStep)));
            (whole, slope) = (whole + (scale * wholeStep), slope + (scale * slopeStep));
            if (Math.Abs(wholeStep) + Math.Abs(slopeStep) < 1e-9) break;
        }
        return new Posterior(whole, slope, ww, ws, ss);
    }

    /// <summary>A curve and its uncertainty: the matrix is that of the precisions.</summary>
    public readonly record struct Posterior(double Whole, double Slope, double Ww, double Ws, double Ss)
    {
        /// <summary>Curves as likely as the decisions leave them, spread by a fixed sequence.</summary>
        public IReadOnlyList<ScoreCurve> Draws()
        {
            const int Count = 500;
            var determinant = (Ww * Ss) - (Ws * Ws);
            // The covariance's lower root.
            var (varWhole, cov, varSlope) = (Ss / determinant, -Ws / determinant, Ww / determinant);
            var (a, b) = (Math.Sqrt(varWhole), cov / Math.Sqrt(varWhole));
            var c = Math.Sqrt(Math.Max(0, varSlope - (b * b)));
            var draws = new ScoreCurve[Count];
            for (var i = 0; i < Count; i++)
            {
                var (radius, angle) = (Math.Sqrt(-2 * Math.Log(Fraction(i + 1, 2))), 2 * Math.PI * Fraction(i + 1, 3));
                var (one, other) = (radius * Math.Cos(angle), radius * Math.Sin(angle));
                draws[i] = new ScoreCurve(Whole + (a * one), Math.Max(LeastSlope, Slope + (b * one) + (c * other)));
            }
            return draws;
        }

        // The digits of a number behind the point, backwards: even over 0 to 1 (Halton).
        static double Fraction(int number, int digits)
        {
            var (fraction, place) = (0.0, 1.0 / digits);
            for (; number > 0; number /= digits, place /= digits) fraction += number % digits * place;
            return fraction;
        }
    }
}
