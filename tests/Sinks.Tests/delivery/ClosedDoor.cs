using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CdcSync.Sinks.Tests.Delivery;

/// <summary>A server that answers 401, whatever it is asked.</summary>
sealed class ClosedDoor(WebApplication app) : IAsyncDisposable
{
    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<ClosedDoor> OpenAsync(CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });
        await app.StartAsync(stop);
        return new ClosedDoor(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
