using System.CommandLine;
using System.Globalization;
using CdcSync.Contract.Settings;
using CdcSync.EventLog;
using CdcSync.Host.Cli;
using CdcSync.Host.Settings;
using Npgsql;

// Cultures are there for SqlClient only.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var parsed = CommandLine.Create().Parse(args);
try
{
    var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
    return parsed.Errors.Count > 0 ? ExitCode.WrongSettings : code;
}
catch (InvalidSettingsException wrong)
{
    foreach (var error in wrong.Errors) Console.Error.WriteLine(error);
    return ExitCode.WrongSettings;
}
catch (Exception failed) when (failed is SettingsException or UnresolvedReferenceException or EventLogException or NpgsqlException or InvalidOperationException or IOException)
{
    Console.Error.WriteLine($"cdcsync: {failed.Message}");
    return ExitCode.Failed;
}
catch (OperationCanceledException)
{
    return ExitCode.Done;
}
