using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Scoring;
using Npgsql;

namespace CdcSync.Mdm.Likeness;

/// <summary>The thresholds of a kind, what they rest on, and what decisions say of them by now.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Records">From how many records likeness was learnt.</param>
/// <param name="LearntAt">When: thresholds are frozen from then on.</param>
/// <param name="Source">What the thresholds rest on.</param>
/// <param name="MergeBits">From which score records are merged without asking; null where none merges.</param>
/// <param name="MergeProbability">The probability that the learnt weights give that score; null likewise.</param>
/// <param name="ReviewBits">From which score a person is asked.</param>
/// <param name="ReviewProbability">The probability that the learnt weights give that score.</param>
/// <param name="Valley">What the histogram of scores shows; null in what an earlier release learnt.</param>
/// <param name="Learnt">What the decisions there were then told; null likewise.</param>
/// <param name="Now">What the decisions there are now tell, by the frozen weights: what the next learning will go by.</param>
public sealed record LearntThresholds(
    string Kind, int Records, DateTime LearntAt, ThresholdSource Source, double? MergeBits, double? MergeProbability, double ReviewBits, double ReviewProbability, ScoreValley? Valley, Calibration? Learnt,
    Calibration Now)
{
    /// <summary>Reads them; null when nothing was learnt.</summary>
    public static async Task<LearntThresholds?> ReadAsync(NpgsqlDataSource store, CanonicalKind kind, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        if (await Likenesses.ReadAsync(connection, kind, stop) is not { } model) return null;
        var at = (await connection.ReadAsync("select learnt_at from mdm.model where kind = $1", row => row.GetDateTime(0), stop, kind.Name))[0];
        var edges = (await connection.ReadAsync("select one, other, bits from mdm.edge where kind = $1", row => (Pair: (row.GetInt64(0), row.GetInt64(1)), Bits: row.GetFloat(2)), stop, kind.Name))
            .ToDictionary(e => e.Pair, e => (double)e.Bits);
        // What has no edge scores too little to be asked about.
        var answers = (await DecisionTable.AnswersAsync(connection, kind.Name, stop)).Where(d => edges.ContainsKey((d.One, d.Other))).Select(d => new ScoredAnswer(d.Act, edges[(d.One, d.Other)], d.Same, d.Parted));
        var weights = model.Weights;
        return new LearntThresholds(
            kind.Name, weights.Records, at, weights.Thresholds?.Source ?? ThresholdSource.Estimate, model.Merges ? Math.Round(weights.MergeBits, 2) : null,
            model.Merges ? Math.Round(Scorer.Probability(weights.MergeBits), 6) : null, Math.Round(weights.ReviewBits, 2), Math.Round(Scorer.Probability(weights.ReviewBits), 6), weights.Thresholds?.Valley,
            weights.Thresholds?.Calibration.Rounded(), ScoredAnswer.Calibrate([.. answers], edges.Values, model.Rules).Rounded());
    }
}
