using System.Net.Http.Json;
using CdcSync.Browser;
using CdcSync.Demo.Shop;

namespace CdcSync.Sinks.Tests.Shop;

/// <summary>The shop's page as a visitor sees it.</summary>
public class ShopPageTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_shows_what_arrives_without_being_loaded_again()
    {
        await using var shop = await ShopServer.StartAsync(new(System.Net.IPAddress.Loopback, 0), null, Stop);
        using var calls = new HttpClient { BaseAddress = shop.Url };
        await calls.PutAsJsonAsync("/api/products/A-1", new { name = "Bolt <b>M8</b>", category = "fixings", status = "active", unit = "EA" }, Stop);
        await using var browser = await TestBrowser.StartAsync();
        var page = await browser.OpenAsync(shop.Url.AbsoluteUri);
        var card = page.Locator("[data-sku='A-1']");
        Assert.Equal("Bolt <b>M8</b>", await card.Locator("h2").InnerTextAsync());
        Assert.Equal("Sold out", await card.Locator(".stock").InnerTextAsync());

        await calls.PutAsJsonAsync("/api/stock/A-1/MAIN", new { available = 7.5m }, Stop);
        await calls.PutAsJsonAsync("/api/prices/A-1", new { amount = 12.5m, currency = "EUR" }, Stop);

        await card.Locator(".stock.low").WaitForAsync(new() { Timeout = 30_000 });
        await card.GetByText("12.50 EUR").WaitForAsync(new() { Timeout = 30_000 });
        Assert.Contains("MAIN", await card.Locator("ul").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(browser.Errors);
    }
}
