using CdcSync.EventLog.Registry;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Run;

/// <summary>The HTTP side of a running process: health, readiness, metrics and status.</summary>
public static class Web
{
    /// <summary>Builds it; not started yet.</summary>
    public static WebApplication Build(Appliance appliance, RoleSupervisor supervisor, PrometheusMetrics metrics, ILoggerFactory loggers)
    {
        var settings = appliance.Settings;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(loggers);
        var urls = new List<string> { $"http://{settings.Http.Listen}" };
        var registry = settings.Registry.Kind == RegistryKind.Embedded && settings.Registry.Listen != settings.Http.Listen ? settings.Registry.Listen : null;
        if (registry is not null) urls.Add($"http://{registry}");
        builder.WebHost.UseUrls([.. urls]);
        var app = builder.Build();
        app.MapGet("/health", () => Results.Text("ok\n"));
        app.MapGet("/ready", () => Ready(supervisor, appliance));
        app.MapGet("/metrics", () => Results.Text(metrics.Write(), "text/plain; version=0.0.4"));
        app.MapGet("/status", async (CancellationToken stop) => Results.Json(await new StatusReader(appliance).ReadAsync(supervisor.States, stop), StatusReader.Json));
        app.MapSignals(appliance);
        if (appliance.Registry is StoreRegistry store) app.MapSchemaRegistry(store).RequireHost($"*:{(registry ?? settings.Http.Listen).Split(':')[^1]}");
        return app;
    }

    static IResult Ready(RoleSupervisor supervisor, Appliance appliance)
    {
        var states = supervisor.States;
        var stopped = appliance.Captures.Values.SelectMany(c => c.Stopped).ToList();
        var ready = states.Count > 0 && states.All(s => s.State == "running") && stopped.Count == 0;
        return Results.Json(new { ready, roles = states, stopped }, StatusReader.Json, statusCode: ready ? 200 : 503);
    }
}
