using CdcSync.Contract.Canonical;
using CdcSync.Demo.Shop;
using CdcSync.Sinks.Http;

namespace CdcSync.Sinks.Tests.Http;

public class ReadBackTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<List<string>> ReadAsync(HttpPaging paging)
    {
        await using var shop = await ShopServer.StartAsync(new(System.Net.IPAddress.Loopback, 0), null, Stop);
        for (var i = 0; i < 25; i++) shop.State.Put(new ShopProduct($"S{i:d2}", $"Product {i}", null, null, null), null);
        var settings = ShopMapping.Of(shop.Url);
        var item = settings.Objects["item"] with { Read = settings.Objects["item"].Read! with { Paging = paging } };
        await using var target = new HttpTarget("shop", settings with { Objects = new Dictionary<string, HttpObject> { ["item"] = item } }, TimeProvider.System);
        var keys = new List<string>();
        await foreach (var row in target.ReadAsync(CanonicalCatalog.Find("item")!, null, Stop)) keys.Add(row.Key);
        return keys;
    }

    [Fact]
    public async Task A_list_is_read_page_by_page_to_its_end() =>
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"S{i:d2}"), await ReadAsync(new HttpPaging { Kind = PagingKind.Page, Size = 10 }));

    [Fact]
    public async Task A_target_that_always_gives_its_first_page_is_told_and_not_asked_for_ever()
    {
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => ReadAsync(new HttpPaging { Kind = PagingKind.Page, Size = 10, Parameter = "seite" }));
        Assert.Contains("does the target take 'seite'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fixed_headers_are_taken_for_secrets()
    {
        var settings = ShopMapping.Of(new Uri("http://localhost")) with { Headers = new Dictionary<string, string> { ["X-Secret"] = "hunter2hunter2", ["X-Version"] = "{version}" } };
        Assert.Contains("hunter2hunter2", settings.Secrets);
        Assert.DoesNotContain("hunter2", Redaction.Of("you sent hunter2hunter2", settings.Secrets), StringComparison.Ordinal);
    }
}
