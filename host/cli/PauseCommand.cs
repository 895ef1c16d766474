using System.CommandLine;
using CdcSync.Capture.Care;
using CdcSync.Host.Run;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync pause SOURCE [TABLE]</c> and <c>cdcsync resume SOURCE [TABLE]</c>.</summary>
sealed class PauseCommand : ApplianceCommand
{
    static readonly Argument<string> Source = new("source") { Description = "Name of the source" };
    static readonly Argument<string?> Table = new("table") { Description = "One table of it, schema.name; without it the whole source", Arity = ArgumentArity.ZeroOrOne };
    static readonly Option<string?> Why = new("--why") { Description = "What for; status shows it" };
    static readonly Option<string?> By = new("--by") { Description = "Who wants it (default: user@machine)" };

    public PauseCommand(bool undo)
        : base(undo ? "resume" : "pause", undo ? "Let a paused source or table go on; nothing of the time between is missing" : "Let a source, or one of its tables, wait until it is resumed")
    {
        Arguments.Add(Source);
        Arguments.Add(Table);
        if (!undo) foreach (var option in (Option[])[Why, By]) Options.Add(option);
        Does(this, (context, appliance, stop) => undo ? ResumeAsync(context, appliance, stop) : PauseAsync(context, appliance, stop));
    }

    static async Task<int> PauseAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        var (source, table) = (context.Parsed.GetValue(Source)!, context.Parsed.GetValue(Table));
        if (await new Pausing(appliance).RefusedAsync(source, table, stop) is { } why) return Wrong(why);
        var pause = new Pause(source, table, context.Parsed.GetValue(By) ?? $"{Environment.UserName}@{Environment.MachineName}", TimeProvider.System.GetUtcNow(), context.Parsed.GetValue(Why));
        var isNew = await new PauseStore(appliance.Store).PauseAsync(pause, stop);
        context.Write(new { Source = source, Table = table, Paused = true, Changed = isNew }, p => !p.Changed ? $"{p.Table ?? p.Source} is paused already; `cdcsync status` shows by whom"
            : p.Table is null ? $"{p.Source} waits from now on, over restarts too. It keeps its log for us meanwhile, which is watched: `cdcsync status`. To go on: cdcsync resume {p.Source}"
            : $"{p.Table} waits from now on, over restarts too; its records are held in the log. To go on: cdcsync resume {p.Source} {p.Table}");
        return ExitCode.Done;
    }

    static async Task<int> ResumeAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        var (source, table) = (context.Parsed.GetValue(Source)!, context.Parsed.GetValue(Table));
        if (await new PauseStore(appliance.Store).ResumeAsync(source, table, stop))
        {
            context.Write(new { Source = source, Table = table, Paused = false }, p => p.Table is null ? $"{p.Source} goes on where it was" : $"{p.Table} goes on: what was held comes first, in its order");
            return ExitCode.Done;
        }
        var paused = (await new PauseStore(appliance.Store).ListAsync(stop)).Select(p => p.Table is null ? p.Source : $"{p.Source} {p.Table}").ToList();
        return Wrong($"{table ?? source} is not paused{(paused.Count == 0 ? "; nothing is" : $"; paused: {string.Join(", ", paused)}")}");
    }

    static int Wrong(string why)
    {
        Console.Error.WriteLine($"cdcsync: {why}");
        return ExitCode.WrongSettings;
    }
}
