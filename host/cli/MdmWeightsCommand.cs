using System.CommandLine;
using System.Globalization;
using CdcSync.Contract.Canonical;
using CdcSync.Host.Run;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Likeness;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm weights OBJECT</c>: what was learnt, and how far it has drifted.</summary>
static class MdmWeightsCommand
{
    static readonly Argument<string> Kind = new("object") { Description = "customer, item or location" };
    static readonly Option<bool> Now = new("--drift") { Description = "Learn from the records there are now, and show how far the weights have moved; stores nothing" };
    static readonly Option<bool> Yaml = new("--yaml") { Description = "As the `weights:` of a rule file, to be edited" };

    public static Command Of()
    {
        Kind.AcceptOnlyFromAmong([.. GoldenIds.Kinds.Select(k => k.Name)]);
        return new Command("weights", "What the likeness of each field weighs, as it was learnt from the records") { Kind, Now, Yaml };
    }

    public static async Task<int> RunAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        var kind = context.Parsed.GetValue(Kind)!;
        if (await LearntWeights.ReadAsync(appliance.Store, CanonicalCatalog.Find(kind)!, context.Parsed.GetValue(Now), stop) is not { } learnt)
            return MdmCommand.NothingLearnt(kind, appliance.Settings.Mdm!);
        if (context.Parsed.GetValue(Yaml)) Console.Write(AsYaml(learnt));
        else context.Write(learnt, Text);
        return ExitCode.Done;
    }

    static string AsYaml(LearntWeights learnt)
    {
        string List(IEnumerable<double> shares) => string.Join(", ", shares.Select(s => s.ToString("0.#########", CultureInfo.InvariantCulture)));
        return $"# Most alike first. What a level tells is log2(same / different) bits.\nweights:\n{string.Concat(learnt.Levels.GroupBy(l => l.Field).Select(f =>
            $"  {f.Key}:      # {string.Join(", ", f.Select(l => l.Level))}\n    same: [{List(f.Select(l => l.Same))}]\n    different: [{List(f.Select(l => l.Different))}]\n"))}";
    }

    static string Merged(LearntWeights learnt) => learnt.Thresholds switch
    {
        ThresholdSource.Nothing => "their scores have no valley between equal and different pairs, so nothing is merged by them: decide some (`cdcsync mdm queue`), or set merge_without_valley in the rule file",
        ThresholdSource.Rules => $"their scores have no valley; merged without asking from a probability of {learnt.MergeProbability:0.0000} all the same, as the rule file says",
        ThresholdSource.Decisions when learnt.MergeProbability >= 1 => $"by what people decided no score is right often enough, so nothing is merged by them (`cdcsync mdm thresholds {learnt.Kind}`)",
        ThresholdSource.Decisions => $"merged without asking from a probability of {learnt.MergeProbability:0.0000}, as people decided (`cdcsync mdm thresholds {learnt.Kind}`)",
        _ => $"merged without asking from a probability of {learnt.MergeProbability:0.0000}",
    };

    static string Text(LearntWeights learnt) => string.Join('\n',
    [
        $"learnt from {learnt.Records:N0} records at {learnt.LearntAt:u}; {Merged(learnt)}",
        .. learnt.Levels.GroupBy(l => l.Field).Select(f => $"{f.Key}\n{string.Join('\n', f.Select(l =>
            $"  {l.Bits,7:+0.0;-0.0;0.0} bits{(l.BitsNow is { } now ? $", now {now,7:+0.0;-0.0;0.0}" : "")}  {l.Level}: {l.Same:0.00%} of equal records, {l.Different:0.####%} of others"))}"),
        .. learnt.RecordsNow is { } count ? new[] { $"of {count:N0} records now; the largest drift is {learnt.Drift:0.0} bits{(learnt.Drift > 2 ? ": learn anew with `cdcsync mdm rebuild --learn`, after a look at `cdcsync mdm preview`" : "")}" } : [],
    ]);
}
