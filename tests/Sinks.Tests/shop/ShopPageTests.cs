using System.Diagnostics;
using CdcSync.Demo.Shop;
using CdcSync.Servers;

namespace CdcSync.Sinks.Tests.Shop;

public class ShopPageTests
{
    [Fact]
    public async Task The_page_shows_products_with_stock_price_and_what_changed()
    {
        const string chromium = "/usr/bin/chromium";
        if (!File.Exists(chromium)) Needs.Missing("Chromium is not installed (Debian: apt-get install chromium)");
        await using var shop = await ShopServer.StartAsync(0, null, TestContext.Current.CancellationToken);
        for (var n = 0; n < 24; n++)
        {
            shop.State.Put(new ShopProduct($"BLT-{n:000}", n % 3 == 0 ? "Hexagon bolt M8 × 40, zinc plated" : n % 3 == 1 ? "Ball valve DN25" : "<b>Cable</b> 3 × 1.5 mm², 50 m", "Fasteners/Bolts", "active", "EA"), "1:1");
            for (var w = 0; w < 3; w++) shop.State.Put(new ShopStock($"BLT-{n:000}", $"WH{w + 1}", n % 5 == 0 ? 0 : n % 5 == 1 ? w : n * 7 + w), "1:1");
            if (n % 7 != 0) shop.State.Put(new ShopPrice($"BLT-{n:000}", 3.2m + n, "EUR"), "1:1");
        }
        var page = await BrowseAsync(chromium, "--virtual-time-budget=3000", "--dump-dom", shop.Url.ToString());
        Assert.Contains("24 products", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;Cable", page, StringComparison.Ordinal);
        Assert.Contains("price: 26.20 EUR", page, StringComparison.Ordinal);   // the feed, filled by the page's script
        if (Environment.GetEnvironmentVariable("CDCSYNC_SHOP_SCREENSHOT") is { } file)
            foreach (var (name, size) in new[] { ("wide", "1280,900"), ("narrow", "420,900") })
                await BrowseAsync(chromium, "--virtual-time-budget=3000", $"--window-size={size}", $"--screenshot={file}-{name}.png", shop.Url.ToString());
    }

    static async Task<string> BrowseAsync(string chromium, params string[] arguments)
    {
        var start = new ProcessStartInfo(chromium, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var page = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await errors;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return page;
    }
}
