using System.CommandLine;
using CdcSync.Host.Run;
using CdcSync.Reconcile;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync reconcile</c>: compare now, and repair when asked. Exit codes: 0 agree, 3 differences, 4 could not compare.</summary>
sealed class ReconcileCommand : ApplianceCommand
{
    static readonly Argument<string[]> Names = new("names") { Description = "Comparisons of the settings; none for all", Arity = ArgumentArity.ZeroOrMore };
    static readonly Option<bool> Repair = new("--repair") { Description = "Send what is missing or different, remove what is too much" };
    static readonly Option<bool> DryRun = new("--dry-run") { Description = "With --repair: say what would be done, do nothing" };
    static readonly Option<bool> Force = new("--force") { Description = "With --repair: also when more differs than max_repair_share" };

    public ReconcileCommand()
        : base("reconcile", "Compare sources with targets now; exit code 0 agree, 3 differences, 4 could not compare")
    {
        Arguments.Add(Names);
        foreach (var option in (Option[])[Repair, DryRun, Force]) Options.Add(option);
        Does(this, RunAsync);
    }

    static async Task<int> RunAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        var names = context.Parsed.GetValue(Names) ?? [];
        var known = appliance.Settings.Reconcile.Select(r => r.Name).ToList();
        var unknown = Array.Find(names, n => !known.Contains(n));
        if (unknown is not null || known.Count == 0)
        {
            Console.Error.WriteLine(known.Count == 0 ? "cdcsync: the settings have no 'reconcile:' section" : $"cdcsync: there is no comparison '{unknown}'{Contract.Settings.NearestName.Hint(unknown!, known)}");
            return ExitCode.WrongSettings;
        }
        using var loggers = Logging.ForCommands();
        var comparisons = new Comparisons(appliance, loggers, TimeProvider.System);
        var repair = context.Parsed.GetValue(Repair) ? new RepairRequest(context.Parsed.GetValue(DryRun), context.Parsed.GetValue(Force)) : null;
        var worst = ExitCode.Done;
        foreach (var settings in appliance.Settings.Reconcile.Where(r => names.Length == 0 || names.Contains(r.Name)))
        {
            var run = await comparisons.Open(settings).RunAsync(repair, stop);
            worst = Math.Max(worst, run.ExitCode);
            context.Write(new { run.Name, run.Object, run.Outcome, run.SourceRecords, run.TargetRecords, run.Equal, Differences = run.Differences.Count + run.Unexamined, run.Left, run.Message, run.Reports }, Text);
            string Text(object _) => $"{run.Name}: {run.Outcome switch { ReconcileOutcome.Agree => "agree", ReconcileOutcome.Differences => "DIFFERENCES", _ => "COULD NOT COMPARE" }}, " +
                $"{run.SourceRecords} at {run.Source}, {run.TargetRecords} at {run.Target}, {run.Differences.Count + run.Unexamined} different, {run.Left} left. {run.Message}\n  {string.Join("\n  ", run.Reports)}";
        }
        return worst;
    }
}
