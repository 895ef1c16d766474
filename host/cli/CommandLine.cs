using System.CommandLine;

namespace CdcSync.Host.Cli;

/// <summary>All commands of the executable.</summary>
public static class CommandLine
{
    /// <summary>The command <c>cdcsync</c> with all that stands below it.</summary>
    public static RootCommand Create() => new("CdcSync feeds shops, warehouses and finance from legacy databases, and proves that both sides agree.")
    {
        CommandContext.Config, CommandContext.Json,
        new CheckCommand(), new AccessCommand(undo: false), new AccessCommand(undo: true), new RunCommand(), new StatusCommand(), new SnapshotCommand(), new PauseCommand(undo: false), new PauseCommand(undo: true), new PreviewCommand(), new TailCommand(), new DeadLettersCommand(), new ImportCommand(), new MdmCommand(), new ReconcileCommand(),
        new DemoCommand(),
    };
}
