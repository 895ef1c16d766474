using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Offline;

/// <summary>How the scores of all compared pairs are spread, bit by bit: those worth a look counted one by one, the others by a sample.</summary>
public sealed class ScoreHistogram
{
    /// <summary>The first and the last bit; what is beyond is counted there.</summary>
    public const int Least = -40, Most = 60;

    const int Sample = 50_000;

    readonly double[] _counts = new double[Most - Least + 1];
    readonly double[] _variances = new double[Most - Least + 1];

    /// <summary>Pairs by bit: the first are those of <see cref="Least"/>.</summary>
    public IReadOnlyList<double> Counts => _counts;

    /// <summary>How many pairs a counted one stands for, among those that are not worth a look.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>Counts the scores.</summary>
    /// <param name="candidates">All that was compared.</param>
    /// <param name="pairs">Those from the review score on.</param>
    /// <param name="review">The review score.</param>
    /// <param name="scorer">Weighs any two.</param>
    /// <param name="stop">Gives up.</param>
    public static ScoreHistogram Of(CandidatePairs candidates, IReadOnlyList<ScoredPair> pairs, double review, Scorer scorer, CancellationToken stop)
    {
        var histogram = new ScoreHistogram();
        // An equal value that decides is no score.
        foreach (var pair in pairs) histogram.Add(pair.Bits >= ILikeness.Decided ? scorer.Score(pair.One, pair.Other).Bits : pair.Bits, 1);
        var stride = Math.Max(1, candidates.Pairs.Length / Sample);
        histogram.Scale = stride;
        for (var i = 0L; i < candidates.Pairs.LongLength; i += stride)
        {
            if (i / stride % 4096 == 0) stop.ThrowIfCancellationRequested();
            var (one, other) = CandidatePairs.Split(candidates.Pairs[i]);
            if (scorer.Score(one, other).Bits is var bits && bits < review) histogram.Add(bits, stride);
        }
        return histogram;
    }

    /// <summary>One of scores that are known.</summary>
    public static ScoreHistogram Of(IEnumerable<double> scores)
    {
        var histogram = new ScoreHistogram();
        foreach (var bits in scores) histogram.Add(bits, 1);
        return histogram;
    }

    void Add(double bits, double pairs)
    {
        var at = (int)Math.Clamp(Math.Floor(bits), Least, Most) - Least;
        _counts[at] += pairs;
        _variances[at] += pairs * pairs;
    }

    /// <summary>
    /// Looks for a valley between different and equal pairs: a window of scores about the thresholds that holds fewer pairs than one on either side of it, by more than counting noise makes, and by a
    /// third at least.
    /// </summary>
    /// <param name="review">The review score: the hill of equal pairs begins there at the earliest.</param>
    /// <param name="merge">The merge score.</param>
    public ScoreValley Valley(double review, double merge)
    {
        // Scores come in lumps, a level of a field each: a window is as wide as several. Few pairs show nothing.
        const int Window = 6, Few = 20;
        const double Noise = 3, Shallowest = 1.5;
        var likely = Enumerable.Range(0, _counts.Length).Where(i => i + Least >= Math.Floor(review)).Sum(i => _counts[i]);
        if (likely < Few) return new ScoreValley(ScoreShape.TooFew, null, likely);
        var windows = Enumerable.Range(0, _counts.Length - Window + 1).Select(i => (Pairs: _counts.AsSpan(i, Window).ToArray().Sum(), Variance: _variances.AsSpan(i, Window).ToArray().Sum())).ToArray();
        var (lowest, at) = (double.MaxValue, -1);
        for (var i = Window; i + (2 * Window) <= _counts.Length; i++)
        {
            var middle = i + Least + (Window / 2.0);
            if (middle < review - Window || middle > merge + Window || windows[i].Pairs >= lowest) continue;
            var right = Math.Max(i + Window, (int)Math.Floor(review) - Least);
            if (!Rises(windows[i], windows[..(i - Window + 1)]) || !Rises(windows[i], windows[right..])) continue;
            (lowest, at) = (windows[i].Pairs, i);
        }
        return at < 0 ? new ScoreValley(ScoreShape.NoValley, null, likely) : new ScoreValley(ScoreShape.Valley, at + Least + (Window / 2.0), likely);

        static bool Rises((double Pairs, double Variance) from, (double Pairs, double Variance)[] to) =>
            Array.Exists(to, t => t.Pairs >= Shallowest * from.Pairs && t.Pairs - from.Pairs >= Noise * Math.Sqrt(t.Variance + from.Variance));
    }
}
