using CdcSync.Host.Settings;

namespace CdcSync.Host.Run;

/// <summary>A process from start to clean end.</summary>
public static class RunProcess
{
    // Roles may end what they have in flight; what is not done by then is done again after the next start.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(9);

    /// <summary>Runs roles until stopped.</summary>
    /// <param name="settings">The appliance.</param>
    /// <param name="chosen">Kinds of roles; empty for all.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="started">Told when everything runs.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task RunAsync(ApplianceSettings settings, IReadOnlyCollection<string> chosen, ILoggerFactory loggers, Action<Appliance, RoleSupervisor>? started, CancellationToken stop)
    {
        var logger = loggers.CreateLogger("CdcSync.Host");
        using var metrics = new PrometheusMetrics();
        await using var appliance = await Appliance.OpenAsync(settings, loggers, stop);
        var supervisor = new RoleSupervisor(TimeProvider.System, logger);
        await using var web = Web.Build(appliance, supervisor, metrics, loggers);
        await web.StartAsync(stop);
        var roles = appliance.Roles(chosen);
        var running = roles.Select(r => supervisor.RunAsync(r.Key, r.Value, stop)).ToList();
        Log.Running(logger, string.Join(", ", roles.Keys), settings.Http.Listen);
        started?.Invoke(appliance, supervisor);
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(Patience, CancellationToken.None));
        await web.StopAsync(CancellationToken.None);
        Log.Stopped(logger);
    }
}
