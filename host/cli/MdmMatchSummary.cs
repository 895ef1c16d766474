using System.Globalization;
using System.Text;
using CdcSync.Mdm.Offline;

namespace CdcSync.Host.Cli;

/// <summary>What <c>mdm match</c> answers: the figures of a matching; those that need the truth are null without it.</summary>
sealed record MatchSummary(
    double? Precision, double? Recall, double? F1, double? BcubedPrecision, double? BcubedRecall, double? AutoPrecision, int Queue, double? BlockingRecall, double Seconds, double ResidentMiB,
    int Records, int Clusters, int Duplicates, long Candidates, string Object)
{
    public static MatchSummary Of(MatchOutcome outcome)
    {
        var (result, measures) = (outcome.Result, outcome.Measures);
        var sizes = result.Clusters.CountBy(c => c).Select(c => c.Value).ToList();
        return new MatchSummary(
            Round(measures?.Precision), Round(measures?.Recall), Round(measures?.F1), Round(measures?.BcubedPrecision), Round(measures?.BcubedRecall), Round(measures?.AutoPrecision),
            outcome.Queue, Round(measures?.BlockingRecall), Math.Round(outcome.Seconds, 2), Math.Round(Resident(), 1),
            result.Records.Count, sizes.Count, sizes.Where(s => s > 1).Sum(s => s - 1), result.Candidates.Pairs.LongLength, outcome.Rules.Object);
    }

    static double? Round(double? share) => share is { } known && double.IsFinite(known) ? Math.Round(known, 6) : null;

    // The most it ever was: what a machine must have.
    static double Resident()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / 1048576.0;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Records:N0} records are {Clusters:N0} things ({Duplicates:N0} duplicates), from {Candidates:N0} pairs compared\n");
        text.Append(CultureInfo.InvariantCulture, $"{Queue:N0} pairs wait for a person\n");
        if (F1 is not null)
            text.Append(CultureInfo.InvariantCulture, $"precision {Precision:0.0000}  recall {Recall:0.0000}  F1 {F1:0.0000}   merged without asking: precision {AutoPrecision:0.0000}\n");
        if (BcubedPrecision is not null) text.Append(CultureInfo.InvariantCulture, $"B-cubed precision {BcubedPrecision:0.0000}  recall {BcubedRecall:0.0000}\n");
        if (BlockingRecall is not null) text.Append(CultureInfo.InvariantCulture, $"blocking recall {BlockingRecall:0.0000}\n");
        return text.Append(CultureInfo.InvariantCulture, $"{Seconds:0.0} s, {ResidentMiB:0} MiB").ToString();
    }
}
