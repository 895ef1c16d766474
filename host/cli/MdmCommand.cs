using System.CommandLine;
using CdcSync.Contract.Canonical;
using CdcSync.Host.Run;
using CdcSync.Mdm;
using CdcSync.Mdm.Resolution;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm</c>: golden records.</summary>
sealed class MdmCommand : ApplianceCommand
{
    static readonly Argument<string> Kind = new("object") { Description = "customer, item or location" };
    static readonly Argument<string> Key = new("key") { Description = "SOURCE/ID of a record" };
    static readonly Option<bool> Learn = new("--learn") { Description = "Learn anew what likeness weighs and how common values are; else what was learnt stays" };
    static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say how many records would move, change nothing" };

    public MdmCommand()
        : base("mdm", "Golden records: why records belong together, and whether all do")
    {
        var explain = new Command("explain", "Which rule linked a record to its golden record, by which value") { Kind, Key };
        Does(explain, async (context, appliance, stop) =>
        {
            if (appliance.Settings.Mdm is not { } mdm) return NoGoldenRecords();
            var (kind, key) = (context.Parsed.GetValue(Kind)!, context.Parsed.GetValue(Key)!.Split('/', 2));
            if (key.Length != 2 || await new GoldenDirectory(appliance.Store, mdm).ExplainAsync(kind, new CanonicalKey(key[0], key[1]), stop) is not { } found)
            {
                Console.Error.WriteLine($"cdcsync: there is no {kind} record '{string.Join('/', key)}'; write it as SOURCE/ID");
                return ExitCode.Failed;
            }
            context.Write(found, MdmExplanation.Text);
            return ExitCode.Done;
        });
        Subcommands.Add(explain);
        var rebuild = new Command("rebuild", "Resolve all stored records from scratch, and repair what stands elsewhere") { DryRun, Learn };
        Does(rebuild, RebuildAsync);
        Subcommands.Add(rebuild);
        foreach (var command in (Command[])[new MdmSearchCommand(), new MdmCompareCommand(), new MdmQueueCommand(), new MdmDecideCommand(), new MdmMergeCommand(), new MdmSplitCommand(), new MdmPinCommand(undo: false), new MdmPinCommand(undo: true), new MdmUndoCommand(), new MdmHistoryCommand()])
            Subcommands.Add(command);
        Subcommands.Add(new MdmWhyCommand());
        var (preview, weights, thresholds) = (MdmPreviewCommand.Of(), MdmWeightsCommand.Of(), MdmThresholdsCommand.Of());
        Does(preview, async (context, appliance, stop) => appliance.Settings.Mdm is null ? NoGoldenRecords() : await MdmPreviewCommand.RunAsync(context, appliance, stop));
        Does(weights, async (context, appliance, stop) => appliance.Settings.Mdm is null ? NoGoldenRecords() : await MdmWeightsCommand.RunAsync(context, appliance, stop));
        Does(thresholds, async (context, appliance, stop) => appliance.Settings.Mdm is null ? NoGoldenRecords() : await MdmThresholdsCommand.RunAsync(context, appliance, stop));
        Subcommands.Add(preview);
        Subcommands.Add(weights);
        Subcommands.Add(thresholds);
        Subcommands.Add(new MdmRulesCommand());
        Subcommands.Add(new MdmSuggestCommand());
        Subcommands.Add(new MdmEstimateCommand());
        Subcommands.Add(new MdmMatchCommand());
    }

    static async Task<int> RebuildAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        if (appliance.Settings.Mdm is not { } mdm) return NoGoldenRecords();
        using var loggers = Logging.ForCommands();
        var reports = await new GoldenRebuild(appliance.Store, mdm, loggers.CreateLogger<GoldenRebuild>()).RunAsync(context.Parsed.GetValue(DryRun), context.Parsed.GetValue(Learn), stop);
        context.WriteTable(reports, ("OBJECT", r => r.Kind), ("RECORDS", r => $"{r.Records}"), ("GOLDEN", r => $"{r.Golden}"), ("MOVED", r => $"{r.Moved}"), ("REWRITTEN", r => $"{r.Rewritten}"));
        return ExitCode.Done;
    }

    internal static int NothingLearnt(string kind, MdmSettings mdm)
    {
        Console.Error.WriteLine($"cdcsync: nothing was learnt of {kind} yet: there are fewer than {mdm.LearnFrom} records (mdm.learn_from), or its rules are off; `cdcsync mdm rebuild --learn` learns at once");
        return ExitCode.Failed;
    }

    internal static int NoGoldenRecords()
    {
        Console.Error.WriteLine("cdcsync: the settings have no 'mdm:' section");
        return ExitCode.WrongSettings;
    }
}
