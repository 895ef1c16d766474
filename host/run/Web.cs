using System.Globalization;
using CdcSync.EventLog.Registry;
using CdcSync.Host.Api;
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
        app.MapPauses(appliance);
        app.MapMdm(appliance, loggers);
        if (appliance.Registry is StoreRegistry store) app.MapSchemaRegistry(store).WithMetadata(new RegistryPart());
        if (registry is not null) KeepApart(app, int.Parse(registry.Split(':')[^1], CultureInfo.InvariantCulture));
        app.Use(new Access(settings.Http, loggers.CreateLogger("CdcSync.Host.Access")).InvokeAsync);
        return app;
    }

    sealed record RegistryPart;

    // By the port that was connected to, not by the one a request names: a proxy or a published port has another.
    static void KeepApart(WebApplication app, int registryPort) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<RegistryPart>() is null == (context.Connection.LocalPort == registryPort)) context.SetEndpoint(null);
        return next(context);
    });

    static IResult Ready(RoleSupervisor supervisor, Appliance appliance)
    {
        var states = supervisor.States;
        var stopped = appliance.Captures.Values.SelectMany(c => c.Stopped).ToList();
        var ready = states.Count > 0 && states.All(s => s.State == "running") && stopped.Count == 0;
        return Results.Json(new { ready, roles = states, stopped }, StatusReader.Json, statusCode: ready ? 200 : 503);
    }
}
