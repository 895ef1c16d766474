using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Likeness;

/// <summary>A pair that somebody decided, with its score.</summary>
/// <param name="Act">The decision it is of.</param>
/// <param name="Bits">Its score.</param>
/// <param name="Same">What was decided.</param>
/// <param name="Parted">True when it had been merged and was taken apart.</param>
readonly record struct ScoredAnswer(long Act, double Bits, bool Same, bool Parted)
{
    /// <summary>Where they place the thresholds. An act of many pairs, a merge or a split, is one decision.</summary>
    public static Calibration Calibrate(IReadOnlyList<ScoredAnswer> answers, IEnumerable<double> pairs, MatchRules rules)
    {
        var acts = answers.Where(a => a.Bits >= ScoreCurve.Least).GroupBy(a => a.Act).Select(g => (Answers: g.ToList(), g.First().Same, g.First().Parted)).ToList();
        List<Answer> Of(bool parted) => [.. acts.Where(a => a.Parted == parted).SelectMany(a => a.Answers.Select(p => new Answer(p.Bits, p.Same, 1.0 / a.Answers.Count)))];
        var counts = (acts.Count(a => a.Same), acts.Count(a => a is { Same: false, Parted: false }), acts.Count(a => a.Parted));
        return Calibration.Of(Of(parted: false), Of(parted: true), counts, pairs, rules.MergePrecision, rules.Review);
    }
}
