using System.CommandLine;
using System.Globalization;
using CdcSync.Contract.Canonical;
using CdcSync.Host.Run;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm thresholds OBJECT</c>: from which scores records are merged and people asked, and what that rests on.</summary>
static class MdmThresholdsCommand
{
    static readonly Argument<string> Kind = new("object") { Description = "customer, item or location" };

    public static Command Of()
    {
        Kind.AcceptOnlyFromAmong([.. GoldenIds.Kinds.Select(k => k.Name)]);
        return new Command("thresholds", "From which scores records are merged and people asked, on how many decisions that rests, and what they say by now") { Kind };
    }

    public static async Task<int> RunAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        var kind = context.Parsed.GetValue(Kind)!;
        if (await LearntThresholds.ReadAsync(appliance.Store, CanonicalCatalog.Find(kind)!, stop) is not { } thresholds)
            return MdmCommand.NothingLearnt(kind, appliance.Settings.Mdm!);
        context.Write(thresholds, Text);
        return ExitCode.Done;
    }

    static string Text(LearntThresholds t) => string.Join('\n',
    [
        Said($"in force since {t.LearntAt:u}, learnt from {t.Records:N0} records"),
        t.MergeBits is { } merge ? Said($"merged without asking from {merge:0.0} bits ({t.MergeProbability:0.0000} by the weights alone), {Because(t)}") : $"nothing is merged by scores, they only ask: {None(t)}",
        Said($"asked from {t.ReviewBits:0.0} bits ({t.ReviewProbability:0.0000})"),
        .. t.Learnt is { } learnt ? [$"  {Told(learnt)}"] : Array.Empty<string>(),
        $"by the decisions there are now: {Told(t.Now)}",
        "the next learning goes by them: `cdcsync mdm rebuild --learn`, after a look at `cdcsync mdm preview`",
    ]);

    static string None(LearntThresholds t) => t.Source == ThresholdSource.Decisions ? "by what people decided no score is right often enough" : "their histogram has no valley, and there are too few decisions";

    static string Because(LearntThresholds t) => t.Source switch
    {
        ThresholdSource.Decisions => "as people decided",
        ThresholdSource.Rules => "as estimated: the scores have no valley, and the rule file wants it all the same (merge_without_valley)",
        _ => "as estimated",
    };

    static string Told(Calibration c) => c is { Merge: { } merge, Review: { } review }
        ? Said($"{c.Same} same, {c.Distinct} distinct, {c.Parted} taken apart: merge from {merge.Bits:0.0} bits (likeliest {merge.Likeliest:0.0}, {merge.Low:0.0} to {merge.High:0.0}), ask from {review.Bits:0.0} (likeliest {review.Likeliest:0.0}, {review.Low:0.0} to {review.High:0.0})")
        : $"{c.Why}; {c.Parted} taken apart. The thresholds stay as they are estimated";

    static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
