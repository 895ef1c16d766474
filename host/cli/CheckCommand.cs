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
            foreach (var result in await StoreAsync(appliance, stop)) Show(context, null, result);
            foreach (var source in appliance.Settings.Sources)
            {
                foreach (var result in await ResultsAsync(appliance, source, stop))
                {
                    failed |= result.Level == PreflightLevel.Fail;
                    Show(context, source.Name, result);
                }
            }
            return failed ? ExitCode.Differences : ExitCode.Done;
        });
    }

    static void Show(CommandContext context, string? source, PreflightResult result) => context.Write(
        new { Source = source, Level = result.Level.ToString().ToUpperInvariant(), result.What, result.Fix },
        r => $"{r.Level,-4}  {(r.Source is null ? "" : $"{r.Source}: ")}{r.What}{(r.Fix is null ? "" : $"\n      fix: {r.Fix}")}");

    // The store was opened to come here; its clock stamps what delivery and reconciliation note.
    static async Task<IReadOnlyList<PreflightResult>> StoreAsync(Run.Appliance appliance, CancellationToken stop)
    {
        await using var query = appliance.Store.CreateCommand("select clock_timestamp()");
        var before = TimeProvider.System.GetUtcNow();
        var there = (DateTime)(await query.ExecuteScalarAsync(stop))!;
        return [new(PreflightLevel.Pass, "settings and store"), ClockSkew.Judge("store", there, before, TimeProvider.System.GetUtcNow())];
    }

    static async Task<IReadOnlyList<PreflightResult>> ResultsAsync(Run.Appliance appliance, SourceSettings settings, CancellationToken stop)
    {
        try
        {
            await using var source = appliance.Source(settings);
            return [.. await source.CheckAsync(stop), .. await SourceCatalog.CheckPlaceAsync(appliance.Log, source, stop), .. await appliance.Mapper(settings).CheckAsync(stop)];
        }
        catch (SourceException wrong)
        {
            return [new(PreflightLevel.Fail, wrong.Message)];
        }
        catch (DbException unreachable)
        {
            return [new(PreflightLevel.Fail, $"cannot be asked: {unreachable.Message}", "Check host, port, user and password of 'connection', and pg_hba.conf")];
        }
    }
}
