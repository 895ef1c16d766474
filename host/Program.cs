using System.CommandLine;
using CdcSync.Contract.Settings;
using CdcSync.EventLog;
using CdcSync.Host.Cli;
using CdcSync.Host.Settings;
using Npgsql;

var root = new RootCommand("CdcSync feeds shops, warehouses and finance from legacy databases, and proves that both sides agree.")
{
    CommandContext.Config, CommandContext.Json,
    new CheckCommand(), new RunCommand(), new StatusCommand(), new SnapshotCommand(), new PreviewCommand(), new TailCommand(), new DeadLettersCommand(), new ImportCommand(), new MdmCommand(), new ReconcileCommand(), new DemoCommand(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
}
catch (InvalidSettingsException wrong)
{
    foreach (var error in wrong.Errors) Console.Error.WriteLine(error);
    return ExitCode.WrongSettings;
}
catch (Exception failed) when (failed is SettingsException or EventLogException or NpgsqlException or InvalidOperationException or IOException)
{
    Console.Error.WriteLine($"cdcsync: {failed.Message}");
    return ExitCode.Failed;
}
catch (OperationCanceledException)
{
    return ExitCode.Done;
}
