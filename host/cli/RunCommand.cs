using System.CommandLine;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync run</c>: the service.</summary>
sealed class RunCommand : Command
{
    static readonly string[] Kinds = ["capture", "mdm", "sinks", "reconcile"];
    static readonly Option<string[]> Role = new("--role") { Description = $"Only these roles, to split them over machines: {string.Join(", ", Kinds)}", AllowMultipleArgumentsPerToken = true };

    public RunCommand()
        : base("run", "Run the roles of the appliance until stopped (SIGTERM, Ctrl-C)")
    {
        Options.Add(Role);
        SetAction(RunAsync);
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var context = new CommandContext(parsed);
        var chosen = (parsed.GetValue(Role) ?? []).SelectMany(r => r.Split(',')).ToList();
        if (chosen.Find(r => !Kinds.Contains(r)) is { } unknown)
        {
            Console.Error.WriteLine($"cdcsync: there is no role '{unknown}'{Contract.Settings.NearestName.Hint(unknown, Kinds)}");
            return ExitCode.WrongSettings;
        }
        using var loggers = Logging.ForService();
        await RunProcess.RunAsync(ApplianceLoader.Load(context.ConfigPaths), chosen, loggers, null, stop);
        return ExitCode.Done;
    }
}
