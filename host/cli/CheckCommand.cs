using System.Data.Common;
using CdcSync.Capture;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync check</c>: everything that would fail later, a line each, with its fix.</summary>
sealed class CheckCommand : ApplianceCommand
{
    public CheckCommand()
        : base("check", "Check settings, sources, rights and mappings, without changing anything at a source")
    {
        Does(this, async (context, appliance, stop) =>
        {
            var failed = false;
            context.Say("PASS  settings and store");
            foreach (var source in appliance.Settings.Sources)
            {
                foreach (var result in await ResultsAsync(appliance, source, stop))
                {
                    failed |= result.Level == PreflightLevel.Fail;
                    context.Write(new { Source = source.Name, Level = result.Level.ToString().ToUpperInvariant(), result.What, result.Fix },
                        r => $"{r.Level,-4}  {r.Source}: {r.What}{(r.Fix is null ? "" : $"\n      fix: {r.Fix}")}");
                }
            }
            return failed ? ExitCode.Differences : ExitCode.Done;
        });
    }

    static async Task<IReadOnlyList<PreflightResult>> ResultsAsync(Run.Appliance appliance, SourceSettings settings, CancellationToken stop)
    {
        try
        {
            await using var source = appliance.Source(settings);
            return [.. await source.CheckAsync(stop), .. await appliance.Mapper(settings).CheckAsync(stop)];
        }
        catch (DbException unreachable)
        {
            return [new(PreflightLevel.Fail, $"cannot be asked: {unreachable.Message}", "Check host, port, user and password of 'connection', and pg_hba.conf")];
        }
    }
}
