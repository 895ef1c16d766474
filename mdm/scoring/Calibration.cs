namespace CdcSync.Mdm.Scoring;

/// <summary>A pair that a person decided.</summary>
/// <param name="Bits">Its score.</param>
/// <param name="Same">What was decided.</param>
/// <param name="Weight">How much it counts: pairs of one act are one decision together.</param>
public readonly record struct Answer(double Bits, bool Same, double Weight);

/// <summary>A threshold as decisions place it.</summary>
/// <param name="Bits">The score that is gone by.</param>
/// <param name="Likeliest">The score it most likely should be.</param>
/// <param name="Low">Where it may lie, nine times in ten: the lowest.</param>
/// <param name="High">The highest.</param>
public sealed record Threshold(double Bits, double Likeliest, double Low, double High)
{
    internal Threshold Rounded() => new(Math.Round(Bits, 2), Math.Round(Likeliest, 2), Math.Round(Low, 2), Math.Round(High, 2));
}

/// <summary>What decisions tell of the scores, and where they place the thresholds.</summary>
/// <param name="Same">Decisions that two records are the same.</param>
/// <param name="Distinct">Decisions that they are not.</param>
/// <param name="Parted">Decisions that took apart what had been merged: errors that were found.</param>
/// <param name="Merge">From where records are merged without asking; null while there are too few decisions.</param>
/// <param name="Review">From where a person is asked; null likewise.</param>
/// <param name="Why">Why there are no thresholds; null where there are.</param>
public sealed record Calibration(int Same, int Distinct, int Parted, Threshold? Merge, Threshold? Review, string? Why)
{
    /// <summary>Decisions below which thresholds stay as they are estimated: of all, and of either kind.</summary>
    public const int Few = 30, FewOfAKind = 5;

    /// <summary>Places the thresholds.</summary>
    /// <param name="answers">Pairs that were asked about and decided. Which of them are asked depends on their score alone, so that their being the doubtful ones does no harm.</param>
    /// <param name="parted">Pairs that were merged and taken apart. Nobody says of the right ones that they are right: they are counted against all, and teach nothing else.</param>
    /// <param name="acts">How many decisions these are.</param>
    /// <param name="pairs">The scores of all pairs from the review score on.</param>
    /// <param name="precision">How many of all that is merged are to be right.</param>
    /// <param name="review">The probability from which a person is asked.</param>
    public static Calibration Of(
        IReadOnlyList<Answer> answers, IReadOnlyList<Answer> parted, (int Same, int Distinct, int Parted) acts, IEnumerable<double> pairs, double precision, double review)
    {
        var none = new Calibration(acts.Same, acts.Distinct, acts.Parted, null, null, null);
        if (acts.Same + acts.Distinct < Few || Math.Min(acts.Same, acts.Distinct) < FewOfAKind)
            return none with { Why = $"{acts.Same} decisions that two records are the same, {acts.Distinct} that they are not: {Few} are needed, {FewOfAKind} of either kind" };
        var (curve, spread) = (ScoreCurve.Of(answers), new ScoreSpread(pairs, parted));
        var (likeliest, draws) = (curve.Likeliest(), curve.Draws().ToList());
        var precisions = draws.Select(spread.Precisions).ToList();
        // Wrong merges are worse than questions: the precision is to be met even where the decisions are lucky ones, 19 times in 20.
        var least = likeliest.Select((_, i) => Quantiles([.. precisions.Select(p => p[i])]).Low).ToArray();
        // Above the surest pair that was asked about nothing is known but the likeliest curve: what it may be besides is ignorance, not doubt.
        var (careful, most) = (ScoreSpread.From(least, likeliest, precision), ScoreSpread.From(spread.Precisions(likeliest), likeliest, precision));
        var mergeBits = Math.Max(Math.Min(careful, Math.Max(most, Math.Ceiling(answers.Max(a => a.Bits)))), spread.FromFound(precision));
        var merge = Quantiles([.. draws.Zip(precisions, (d, p) => ScoreSpread.From(p, d, precision))]);
        var asked = Quantiles([.. draws.Select(d => Asked(d, review))]);
        return none with
        {
            Merge = new Threshold(mergeBits, most, Math.Min(mergeBits, merge.Low), Math.Max(mergeBits, merge.High)),
            Review = new Threshold(Math.Min(Asked(likeliest, review), mergeBits), Asked(likeliest, review), asked.Low, asked.High),
        };
    }

    // The lowest score from which on all are worth a question.
    static double Asked(double[] curve, double review) => Array.FindLastIndex(curve, p => p < review) + 1 + ScoreCurve.Least;

    /// <summary>The same for people to read.</summary>
    public Calibration Rounded() => this with { Merge = Merge?.Rounded(), Review = Review?.Rounded() };

    static (double Low, double Middle, double High) Quantiles(double[] of)
    {
        Array.Sort(of);
        double At(double share) => of[(int)Math.Round(share * (of.Length - 1))];
        return (At(0.05), At(0.5), At(0.95));
    }
}
