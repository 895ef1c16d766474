using System.CommandLine;
using System.Text.RegularExpressions;
using CdcSync.Capture;
using CdcSync.Capture.Snapshot;
using CdcSync.Host.Run;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync snapshot SOURCE</c>: have existing rows published again.</summary>
sealed class SnapshotCommand : ApplianceCommand
{
    static readonly Argument<string> Source = new("source") { Description = "Name of the source" };
    static readonly Option<string[]> Tables = new("--table") { Description = "Only these tables, schema.name; '*' is a wildcard", AllowMultipleArgumentsPerToken = true };
    static readonly Option<string?> Where = new("--where") { Description = "Only rows for which this SQL expression holds" };
    static readonly Option<bool> Blocking = new("--blocking") { Description = "The stream waits until the rows are read" };
    static readonly Option<bool> Pause = new("--pause") { Description = "Let the snapshot wait" };
    static readonly Option<bool> Resume = new("--resume") { Description = "Let it go on" };
    static readonly Option<bool> Stop = new("--stop") { Description = "Give it up, or these tables of it" };
    static readonly Option<bool> Restart = new("--restart") { Description = "Forget the place in the source too, after its slot was lost" };

    public SnapshotCommand()
        : base("snapshot", "Publish existing rows again while changes go on; pause, resume or stop that")
    {
        Arguments.Add(Source);
        foreach (var option in (Option[])[Tables, Where, Blocking, Pause, Resume, Stop, Restart]) Options.Add(option);
        Does(this, async (context, appliance, stop) =>
        {
            var name = context.Parsed.GetValue(Source)!;
            var names = appliance.Settings.Sources.Select(s => s.Name).ToList();
            if (!names.Contains(name)) return Wrong($"there is no source '{name}'{Contract.Settings.NearestName.Hint(name, names)}");
            bool Given(Option<bool> option) => context.Parsed.GetValue(option);
            if (new[] { Pause, Resume, Stop, Restart }.Count(Given) > 1) return Wrong("--pause, --resume, --stop and --restart exclude each other");
            var tables = context.Parsed.GetValue(Tables) ?? [];
            var where = context.Parsed.GetValue(Where);
            if (where is not null && tables.Length == 0) return Wrong("--where needs --table: a condition belongs to a table's columns");
            var settings = appliance.Settings.Sources.Single(s => s.Name == name);
            await using var source = appliance.Source(settings);
            if (Given(Restart) || source is not ISignalled) return await RestartAsync(context, appliance, settings, tables, stop);
            var patterns = tables.Select(t => Regex.Escape(t).Replace("\\*", ".*", StringComparison.Ordinal)).ToList();
            var signal = new Signal(Guid.NewGuid().ToString(), Given(Pause) ? "pause-snapshot" : Given(Resume) ? "resume-snapshot" : Given(Stop) ? "stop-snapshot" : "execute-snapshot",
                Given(Stop) ? SignalText.ExecuteData(patterns, null, blocking: false, objects: false)
                    : SignalText.ExecuteData(patterns.Count == 0 ? [".*"] : patterns, where, Given(Blocking), objects: patterns.Count == 0));
            return await SendAsync(context, appliance, name, signal, stop);
        });
    }

    static async Task<int> SendAsync(CommandContext context, Appliance appliance, string name, Signal signal, CancellationToken stop)
    {
        var known = await appliance.Log.ReadBookmarkAsync(name, stop) is not null;
        if (known) await new SignalStore(appliance.Store).SendAsync(name, "command", signal.Id, signal, stop);
        context.Write(new { Source = name, signal.Id, signal.Type, Requested = known }, r => !r.Requested ? $"{name} never published anything: its first start publishes all rows anyway"
            : $"{name} has signal {r.Id} ({r.Type}). The running process takes it now, otherwise the next start does; `cdcsync status` shows how far it is.");
        return ExitCode.Done;
    }

    static async Task<int> RestartAsync(CommandContext context, Appliance appliance, SourceSettings settings, string[] tables, CancellationToken stop)
    {
        var restart = context.Parsed.GetValue(Restart);
        if (restart) await new SignalStore(appliance.Store).ForgetAsync(settings.Name, stop);
        var asked = await new SourceCatalog().RequestSnapshotAsync(appliance.Log, settings, tables, restart, stop);
        context.Write(new { Source = settings.Name, Requested = asked }, r => r.Requested ? $"{r.Source} publishes its rows again at the next start of its capture. A process that captured it until now has stopped: start it again."
            : $"{r.Source} never published anything: its first start publishes all rows anyway");
        return ExitCode.Done;
    }

    static int Wrong(string why)
    {
        Console.Error.WriteLine($"cdcsync: {why}");
        return ExitCode.WrongSettings;
    }
}
