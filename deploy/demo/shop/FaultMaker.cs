using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CdcSync.Demo.Shop;

/// <summary>Misbehaves as told: before a call, after it was applied, or instead.</summary>
sealed class FaultMaker(TimeProvider clock)
{
    readonly Lock _gate = new();
    ShopFaults _faults = new();
    Random _random = new(1);

    public ShopFaults Faults
    {
        get { lock (_gate) return _faults; }
        set { lock (_gate) (_faults, _random) = (value, new Random(value.Seed)); }
    }

    public bool Draw(double share)
    {
        if (share <= 0) return false;
        lock (_gate) return _random.NextDouble() < share;
    }

    public async Task AroundAsync(HttpContext context, RequestDelegate next)
    {
        var faults = Faults;
        if (!context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(context);
            return;
        }
        if (faults.Down) context.Response.StatusCode = 503;
        else if (Draw(faults.Throttle)) Throttle(context, faults);
        else if (Draw(faults.Fail)) context.Response.StatusCode = 500;
        else await ApplyAsync(context, next, faults);
    }

    async Task ApplyAsync(HttpContext context, RequestDelegate next, ShopFaults faults)
    {
        if (Draw(faults.Slow)) await Task.Delay(TimeSpan.FromMilliseconds(faults.SlowMilliseconds), clock, context.RequestAborted);
        var reset = Draw(faults.Reset);
        if (reset && Draw(0.5))
        {
            context.Abort();
            return;
        }
        if (!reset && !Draw(faults.HangAfterApply))
        {
            await next(context);
            return;
        }
        // The answer is lost: the call was applied, and nobody hears of it.
        var answer = context.Response.Body;
        context.Response.Body = Stream.Null;
        context.Features.Set<Microsoft.AspNetCore.Http.Features.IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        await next(context);
        context.Response.Body = answer;
        if (reset) context.Abort();
        else await GiveUpAsync(context);
    }

    static async Task GiveUpAsync(HttpContext context)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The caller gave up, as it was meant to.
        }
        context.Abort();
    }

    void Throttle(HttpContext context, ShopFaults faults)
    {
        context.Response.StatusCode = 429;
        context.Response.Headers.RetryAfter = faults.RetryAfterDate
            ? clock.GetUtcNow().AddSeconds(faults.RetryAfter).ToString("R", CultureInfo.InvariantCulture)
            : ((int)Math.Ceiling(faults.RetryAfter)).ToString(CultureInfo.InvariantCulture);
    }
}
