namespace CdcSync.Mdm.Scoring;

/// <summary>How likely a score means the same, bit by bit, and how surely that is known.</summary>
/// <remarks>
/// The logarithm of the odds is what the score says, and a deviation: a Gaussian process, held to nothing where nobody decided anything, smooth over some bits, fitted by what was decided (Laplace's
/// approximation). A straight line does not do: doubtful scores are often all alike worthless, and would drag down sure ones that nobody was asked about.
/// </remarks>
sealed class ScoreCurve
{
    /// <summary>The first bit of the curve: decisions about lower scores tell nothing of the thresholds.</summary>
    public const int Least = -8;

    const int Most = 60, Bits = Most - Least, Rounds = 60;

    // Standard deviations, in natural logarithms: of all scores together, of the slope, and of a bit by itself. Bits as far apart as Near deviate together.
    const double Whole = 0.5, Slope = 0.15, Alone = 2, Near = 4;

    static readonly double Nats = Math.Log(2);

    readonly double[] _prior;
    readonly double[] _deviation;
    readonly double[,] _root;

    ScoreCurve(double[] deviation, double[,] covariance)
    {
        _prior = [.. Enumerable.Range(0, Bits).Select(i => Nats * Middle(i))];
        (_deviation, _root) = (deviation, Matrices.Root(covariance));
    }

    /// <summary>The likeliest probability, by bit.</summary>
    public double[] Likeliest() => [.. _prior.Zip(_deviation, (p, d) => Share(p + d))];

    /// <summary>Curves as likely as the decisions leave them, by a fixed sequence.</summary>
    public IEnumerable<double[]> Draws()
    {
        const int Count = 400;
        var normal = new NormalSequence();
        for (var draw = 0; draw < Count; draw++)
        {
            var z = Enumerable.Range(0, Bits).Select(_ => normal.Next()).ToArray();
            var curve = new double[Bits];
            for (var i = 0; i < Bits; i++)
            {
                var deviation = _deviation[i];
                for (var j = 0; j <= i; j++) deviation += _root[i, j] * z[j];
                curve[i] = Share(_prior[i] + deviation);
            }
            yield return curve;
        }
    }

    /// <summary>The place of a score.</summary>
    public static int At(double bits) => (int)Math.Clamp(Math.Floor(bits) - Least, 0, Bits - 1);

    /// <summary>The curve by what was decided.</summary>
    public static ScoreCurve Of(IEnumerable<Answer> answers)
    {
        var (same, all, kernel) = (new double[Bits], new double[Bits], Kernel());
        foreach (var (bits, isSame, weight) in answers)
        {
            all[At(bits)] += weight;
            if (isSame) same[At(bits)] += weight;
        }
        var (deviation, weights) = (new double[Bits], new double[Bits]);
        for (var round = 0; round < Rounds; round++)
        {
            var towards = new double[Bits];
            for (var i = 0; i < Bits; i++)
            {
                var p = Share((Nats * Middle(i)) + deviation[i]);
                weights[i] = all[i] * p * (1 - p);
                towards[i] = (weights[i] * deviation[i]) + same[i] - (all[i] * p);
            }
            var next = Matrices.Times(kernel, Matrices.Held(kernel, weights, towards));
            var longest = next.Zip(deviation, (n, d) => Math.Abs(n - d)).Max();
            for (var i = 0; i < Bits; i++) deviation[i] += Math.Min(1, 2 / Math.Max(1e-9, longest)) * (next[i] - deviation[i]);
            if (longest < 1e-6) break;
        }
        return new ScoreCurve(deviation, Matrices.Left(kernel, weights));
    }

    static double Middle(int i) => i + Least + 0.5;

    static double Share(double odds) => 1 / (1 + Math.Exp(-odds));

    static double[,] Kernel()
    {
        var kernel = new double[Bits, Bits];
        for (var i = 0; i < Bits; i++)
            for (var j = 0; j < Bits; j++)
                kernel[i, j] = (Whole * Whole) + (Slope * Slope * Nats * Nats * Middle(i) * Middle(j)) + (Alone * Alone * Math.Exp(-(i - j) * (i - j) / (2.0 * Near * Near))) + (i == j ? 1e-6 : 0);
        return kernel;
    }

    // Two numbers in a row (Box and Muller); the same in every run.
    sealed class NormalSequence
    {
        ulong _state = 0x2545F4914F6CDD1D;

        public double Next() => Math.Sqrt(-2 * Math.Log(Fraction())) * Math.Cos(2 * Math.PI * Fraction());

        double Fraction()
        {
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            return ((_state >> 11) + 0.5) / (1UL << 53);
        }
    }
}
