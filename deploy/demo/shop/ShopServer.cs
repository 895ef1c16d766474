using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CdcSync.Demo.Shop;

/// <summary>A small shop: products, stock and prices behind a REST API, a page of them, and faults on demand.</summary>
public sealed class ShopServer : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly FaultMaker _faults;
    long _calls;

    ShopServer(WebApplication app, FaultMaker faults, ShopState state) => (_app, _faults, State) = (app, faults, state);

    /// <summary>Where it is.</summary>
    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>What it holds.</summary>
    public ShopState State { get; }

    /// <summary>How it misbehaves.</summary>
    public ShopFaults Faults { get => _faults.Faults; set => _faults.Faults = value; }

    /// <summary>Calls to its API so far.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Starts a shop.</summary>
    /// <param name="listen">Where; port 0 for a free one.</param>
    /// <param name="file">JSON file it keeps its state in; null keeps none.</param>
    /// <param name="stop">Gives up starting.</param>
    public static async Task<ShopServer> StartAsync(IPEndPoint listen, string? file, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(listen));
        var app = builder.Build();
        var (state, faults) = (new ShopState(TimeProvider.System, file), new FaultMaker(TimeProvider.System));
        var shop = new ShopServer(app, faults, state);
        state.Load();
        app.Use(async (context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)) Interlocked.Increment(ref shop._calls);
            await faults.AroundAsync(context, next.Invoke);
        });
        // Routing after the faults, or it would have chosen the endpoint before them.
        app.UseRouting();
        ShopApi.Map(app, state, faults);
        app.MapPut("/faults", (ShopFaults wanted) => { shop.Faults = wanted; return wanted; });
        app.MapGet("/faults", () => shop.Faults);
        app.MapGet("/feed", (long? after) => new { calls = shop.Calls, products = state.Products.Count, events = state.FeedAfter(after ?? 0) });
        app.MapGet("/", () => Results.Content(ShopPage.Render(state, shop.Calls), "text/html; charset=utf-8"));
        await app.StartAsync(stop);
        return shop;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        State.Save();
        await _app.DisposeAsync();
    }
}
