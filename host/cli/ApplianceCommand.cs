using System.CommandLine;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Cli;

/// <summary>A command that needs the configuration, and usually the store: opens both, answers, closes.</summary>
abstract class ApplianceCommand : Command
{
    protected ApplianceCommand(string name, string description)
        : base(name, description)
    {
    }

    /// <summary>Runs the command's work with an open appliance.</summary>
    internal static void Does(Command command, Func<CommandContext, Appliance, CancellationToken, Task<int>> work) => command.SetAction(async (parsed, stop) =>
    {
        var context = new CommandContext(parsed);
        using var loggers = Logging.ForCommands();
        await using var appliance = await Appliance.OpenAsync(ApplianceLoader.Load(context.ConfigPaths), loggers, stop);
        return await work(context, appliance, stop);
    });
}

/// <summary>Where logs go.</summary>
public static class Logging
{
    /// <summary>A service: JSON lines on standard output.</summary>
    public static ILoggerFactory ForService() => LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning)
        .AddJsonConsole(o => { o.UseUtcTimestamp = true; o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ"; }));

    /// <summary>A command: only what goes wrong, on standard error.</summary>
    public static ILoggerFactory ForCommands() => LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Warning)
        .AddSimpleConsole(o => o.SingleLine = true).AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace));

    /// <summary>A file, for when the terminal shows something else.</summary>
    public static ILoggerFactory ToFile(string path) => LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddProvider(new FileLogs(path)));
}
