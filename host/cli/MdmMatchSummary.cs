using System.Globalization;
using System.Text;
using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Host.Cli;

/// <summary>What <c>mdm match</c> answers: the figures of a matching; those that need the truth are null without it.</summary>
sealed record MatchSummary(
    double? Precision, double? Recall, double? F1, double? BcubedPrecision, double? BcubedRecall, double? AutoPrecision, int Queue, double? BlockingRecall, double Seconds, double ResidentMiB,
    int Records, int Clusters, int Duplicates, long Candidates, string Object, BlockingRecall? BlockingRecallEstimate, ScoreValley Valley, Calibration? Calibration)
{
    public static MatchSummary Of(MatchOutcome outcome)
    {
        var (result, measures) = (outcome.Result, outcome.Measures);
        var sizes = result.Clusters.CountBy(c => c).Select(c => c.Value).ToList();
        return new MatchSummary(
            Round(measures?.Precision), Round(measures?.Recall), Round(measures?.F1), Round(measures?.BcubedPrecision), Round(measures?.BcubedRecall), Round(measures?.AutoPrecision),
            outcome.Queue, Round(measures?.BlockingRecall), Math.Round(outcome.Seconds, 2), Math.Round(Resident(), 1),
            result.Records.Count, sizes.Count, sizes.Where(s => s > 1).Sum(s => s - 1), result.Candidates.Pairs.LongLength, outcome.Rules.Object, Rounded(outcome.Recall), result.Valley, result.Calibration?.Rounded());
    }

    static double? Round(double? share) => share is { } known && double.IsFinite(known) ? Math.Round(known, 6) : null;

    static BlockingRecall? Rounded(BlockingRecall? recall) => recall is null ? null : recall with
    {
        Share = Round(recall.Share), Low = Round(recall.Low), High = Round(recall.High), Unseen = recall.Unseen is { } unseen ? Math.Round(unseen, 1) : null, Pairs = Math.Round(recall.Pairs, 1),
        Keys = [.. recall.Keys.Select(k => k with { Share = Math.Round(k.Share, 6), Alone = Math.Round(k.Alone, 6) })],
    };

    // The most it ever was: what a machine must have.
    static double Resident()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / 1048576.0;
    }

    static string Estimated(BlockingRecall recall) => string.Join('\n',
    [
        recall.Share is { } share
            ? string.Create(CultureInfo.InvariantCulture, $"blocking recall, estimated: {share:0.0000} ({recall.Low:0.0000} to {recall.High:0.0000}); some {recall.Unseen:N0} pairs of equal records share no key")
            : $"blocking recall cannot be estimated: {recall.Why}",
        .. recall.Keys.OrderByDescending(k => k.Alone).ThenByDescending(k => k.Share)
            .Select(k => string.Create(CultureInfo.InvariantCulture, $"  {k.Key}: brings {k.Share:0.0%} of the equal pairs that were found, {k.Alone:0.00%} alone")),
    ]);

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Records:N0} records are {Clusters:N0} things ({Duplicates:N0} duplicates), from {Candidates:N0} pairs compared\n");
        text.Append(CultureInfo.InvariantCulture, $"{Queue:N0} pairs wait for a person\n");
        if (Valley.Warning("Decide some pairs and give them with --labels, or add fields that tell more") is { } doubt) text.Append(doubt).Append('\n');
        if (Calibration is { Merge: { } merge } told)
            text.Append(CultureInfo.InvariantCulture, $"by {told.Same + told.Distinct} labels what is merged is right often enough from {merge.Likeliest:0.0} bits ({merge.Low:0.0} to {merge.High:0.0})\n");
        if (F1 is not null)
            text.Append(CultureInfo.InvariantCulture, $"precision {Precision:0.0000}  recall {Recall:0.0000}  F1 {F1:0.0000}   merged without asking: precision {AutoPrecision:0.0000}\n");
        if (BcubedPrecision is not null) text.Append(CultureInfo.InvariantCulture, $"B-cubed precision {BcubedPrecision:0.0000}  recall {BcubedRecall:0.0000}\n");
        if (BlockingRecall is not null) text.Append(CultureInfo.InvariantCulture, $"blocking recall {BlockingRecall:0.0000}\n");
        if (BlockingRecallEstimate is { } recall) text.Append(Estimated(recall)).Append('\n');
        return text.Append(CultureInfo.InvariantCulture, $"{Seconds:0.0} s, {ResidentMiB:0} MiB").ToString();
    }
}
