using System.CommandLine;
using CdcSync.Contract.Canonical;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Rules;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm preview OBJECT --rules FILE</c>: what another rule file would merge, part and ask.</summary>
static class MdmPreviewCommand
{
    static readonly Argument<string> Kind = new("object") { Description = "customer, item or location" };
    static readonly Option<string> Rules = new("--rules") { Description = "The rule file to try; default the one that the settings name" };

    public static Command Of()
    {
        Kind.AcceptOnlyFromAmong([.. GoldenIds.Kinds.Select(k => k.Name)]);
        return new Command("preview", "What a rule file would merge, part and ask, and which decisions it would not have come to; changes nothing") { Kind, Rules };
    }

    public static async Task<int> RunAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        var kind = CanonicalCatalog.Find(context.Parsed.GetValue(Kind)!)!;
        var mdm = appliance.Settings.Mdm!;
        if (context.Parsed.GetValue(Rules) is { } file)
            mdm = mdm.With(new Dictionary<string, MatchRules>(mdm.MatchRules()) { [kind.Name] = MatchRuleFiles.Read(kind, file == "shipped" ? null : file) });
        using var loggers = Logging.ForCommands();
        var preview = await new GoldenPreview(appliance.Store, mdm, loggers.CreateLogger<GoldenPreview>()).RunAsync(kind, stop);
        context.Write(preview, Text);
        return ExitCode.Done;
    }

    static string Text(RulePreview p) => string.Join('\n',
    [
        $"{p.Records:N0} records: {p.Golden:N0} golden records now, {p.GoldenThen:N0} then; {p.Questions:N0} questions now, {p.QuestionsThen:N0} then",
        $"merged without asking from {Bits(p.MergeBits)} now, {Bits(p.MergeBitsThen)} then",
        $"{p.Merging:N0} golden records would be made of several, {p.Splitting:N0} would be parted",
        $"{p.Decided:N0} decided pairs: the rules alone would answer {p.DecidedOtherwise.Count:N0} of them otherwise; what was decided holds all the same",
        .. p.DecidedOtherwise.Take(10).Select(d => $"  act {d.Act}: {d.One} and {d.Other} were said to be {(d.Same ? "the same" : "two")}"),
        .. p.Merges.Select(m => $"merge {string.Join(" + ", m.Golden)}\n{Members(m)}"),
        .. p.Splits.Select(s => $"part {string.Join(", ", s.Golden)}\n{Members(s)}"),
    ]);

    static string Bits(double? bits) => bits is { } known ? $"{known.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} bits" : "no score";

    static string Members(PreviewedGolden golden) => string.Join('\n', golden.Members.Take(10).Select(m => $"  {m.Key}: {m.Name}{(m.About.Length > 0 ? $", {m.About}" : "")}"));
}
