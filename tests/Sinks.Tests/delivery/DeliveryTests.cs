using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;
using CdcSync.Contract.Settings;
using CdcSync.Demo.Shop;
using CdcSync.Servers;
using CdcSync.Sinks.Delivery;
using CdcSync.Sinks.Http;

namespace CdcSync.Sinks.Tests.Delivery;

public class DeliveryTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Item ItemOf(SinkRig bench, int n, string name = "Bolt") =>
        new() { Source = "erp", SourceId = $"i{n}", Number = $"SKU-{n}", Name = name, Version = bench.NextVersion().ToString(), CommittedAt = DateTimeOffset.UtcNow };

    static Inventory StockOf(SinkRig bench, int n, decimal available) =>
        new() { Source = "erp", SourceId = $"s{n}", ItemNumber = $"SKU-{n}", LocationNumber = "W", Available = available, Version = bench.NextVersion().ToString(), CommittedAt = DateTimeOffset.UtcNow };

    static Invoice InvoiceOf(SinkRig bench, int n, string status) =>
        new() { Source = "erp", SourceId = $"n{n}", Number = $"R{n}", Status = status, Total = n, Version = bench.NextVersion().ToString(), CommittedAt = DateTimeOffset.UtcNow };

    [Fact]
    public async Task A_create_that_was_not_answered_is_not_made_twice()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        bench.Shop.Faults = new ShopFaults { HangAfterApply = 0.3, Reset = 0.2, Fail = 0.1, Seed = 7 };
        await using var target = new HttpTarget("shop", bench.ShopSettings(TimeSpan.FromMilliseconds(300)), TimeProvider.System);
        await bench.WhileRunningAsync(SinkRig.Settings("invoice") with { Retry = SinkRig.Settings("invoice").Retry with { Attempts = 50 } }, target, async () =>
        {
            for (var n = 0; n < 25; n++) await bench.WriteAsync(InvoiceOf(bench, n, "posted"), InvoiceOf(bench, n, "paid"));
            await bench.CaughtUpAsync();
        });
        var invoices = bench.Shop.State.Invoices;
        Assert.Equal(25, invoices.Select(i => i.Reference).Distinct().Count());
        Assert.Equal(25, invoices.Count);
        Assert.All(invoices, i => Assert.Equal("paid", i.Status));
    }

    [Fact]
    public async Task A_poison_record_is_parked_alone_and_a_newer_version_heals_it()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        bench.Shop.Faults = new ShopFaults { Poison = ["SKU-13"], RefuseBatch = 0.2 };
        await using var target = new HttpTarget("shop", bench.ShopSettings(), TimeProvider.System);
        await bench.WriteAsync([.. Enumerable.Range(0, 40).Select(n => StockOf(bench, n, n))]);
        await bench.WhileRunningAsync(SinkRig.Settings("inventory"), target, async () =>
        {
            await bench.CaughtUpAsync();
            var letter = Assert.Single(await bench.Letters.ListAsync("shop", 10, Stop));
            Assert.Equal(("refused", "erp/s13"), (letter.Class, letter.Key.ToString()));
            Assert.Equal(39, bench.Shop.State.Stock.Count);
            bench.Shop.Faults = new ShopFaults();
            await bench.WriteAsync(StockOf(bench, 13, 99));
            await bench.CaughtUpAsync();
        });
        Assert.Empty(await bench.Letters.ListAsync("shop", 10, Stop));
        Assert.Equal(99, bench.Shop.State.Stock.Single(s => s.Sku == "SKU-13").Available);
    }

    [Fact]
    public async Task A_dead_letter_can_be_replayed_and_dropped()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        bench.Shop.Faults = new ShopFaults { Poison = ["SKU-1", "SKU-2"] };
        await using var target = new HttpTarget("shop", bench.ShopSettings(), TimeProvider.System);
        await bench.WriteAsync(ItemOf(bench, 1), ItemOf(bench, 2), ItemOf(bench, 3));
        await bench.WhileRunningAsync(SinkRig.Settings("item"), target, async () =>
        {
            await bench.CaughtUpAsync();
            var letters = await bench.Letters.ListAsync(null, 10, Stop);
            Assert.Equal(2, letters.Count);
            bench.Shop.Faults = new ShopFaults();
            Assert.Equal(1, await bench.Letters.ReplayAsync("shop", [letters[0].Letter], Stop));
            Assert.Equal(1, await bench.Letters.DropAsync("shop", [letters[1].Letter], Stop));
            await SinkRig.UntilAsync(async () => (await bench.Letters.ListAsync("shop", 10, Stop)).Count == 0);
        });
        Assert.Equal(2, bench.Shop.State.Products.Count);
    }

    [Fact]
    public async Task A_version_older_than_the_delivered_one_is_dropped()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        await using var target = new HttpTarget("shop", bench.ShopSettings(), TimeProvider.System);
        var (older, newer) = (ItemOf(bench, 1, "old"), ItemOf(bench, 1, "new"));
        await bench.WhileRunningAsync(SinkRig.Settings("item"), target, async () =>
        {
            await bench.WriteAsync(newer);
            await bench.CaughtUpAsync();
            await bench.WriteAsync(older);
            await bench.WriteAsync(newer);
            await bench.CaughtUpAsync();
        });
        Assert.Single(bench.Shop.State.History["products/SKU-1"]);
        Assert.Equal("new", bench.Shop.State.Products.Single().Name);
        Assert.Equal(2, (await new DeliveryStatuses(bench.Store).ListAsync(Stop)).Single().Stale);
    }

    [Fact]
    public async Task A_record_whose_key_changed_leaves_its_old_place_unless_another_has_taken_it()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        await using var target = new HttpTarget("shop", bench.ShopSettings(), TimeProvider.System);
        await bench.WhileRunningAsync(SinkRig.Settings("item"), target, async () =>
        {
            var (a, b) = (ItemOf(bench, 1, "a"), ItemOf(bench, 2, "b"));
            await bench.WriteAsync(a, b);
            await bench.CaughtUpAsync();
            await bench.WriteAsync(b with { Number = "SKU-1", Version = bench.NextVersion().ToString() });
            await bench.CaughtUpAsync();
            await bench.DeleteAsync(a);
            await bench.CaughtUpAsync();
        });
        Assert.Equal(("SKU-1", "b"), (bench.Shop.State.Products.Single().Sku, bench.Shop.State.Products.Single().Name));
    }

    [Fact]
    public async Task A_target_that_is_down_at_start_gets_everything_when_it_comes_back()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        bench.Shop.Faults = new ShopFaults { Down = true };
        await using var target = new HttpTarget("shop", bench.ShopSettings(), TimeProvider.System);
        await bench.WriteAsync([.. Enumerable.Range(0, 300).Select(n => ItemOf(bench, n))]);
        var settings = SinkRig.Settings("item") with { Breaker = new BreakerSettings { Calls = 5, Pause = TimeSpan.FromSeconds(1) } };
        await bench.WhileRunningAsync(settings, target, async () =>
        {
            await SinkRig.UntilAsync(async () => (await new DeliveryStatuses(bench.Store).ListAsync(Stop)).Any(s => s.Breaker == "open"));
            var before = bench.Shop.Calls;
            await Task.Delay(3000, Stop);
            Assert.InRange(bench.Shop.Calls - before, 0, 8);   // a probe a second, no hammering
            bench.Shop.Faults = new ShopFaults();
            await bench.CaughtUpAsync();
        });
        Assert.Equal(300, bench.Shop.State.Products.Count);
        Assert.Empty(await bench.Letters.ListAsync(null, 10, Stop));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Retry_After_is_obeyed(bool asDate)
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        bench.Shop.Faults = new ShopFaults { Throttle = 1, RetryAfter = 3, RetryAfterDate = asDate };
        await using var target = new HttpTarget("shop", bench.ShopSettings(), TimeProvider.System);
        var settings = SinkRig.Settings("item");
        await bench.WriteAsync(ItemOf(bench, 1));
        await bench.WhileRunningAsync(settings with { Retry = settings.Retry with { LongestPause = TimeSpan.FromSeconds(30) } }, target, async () =>
        {
            await SinkRig.UntilAsync(() => bench.Shop.Calls > 0);
            var asked = DateTime.UtcNow;
            bench.Shop.Faults = new ShopFaults();
            await SinkRig.UntilAsync(() => bench.Shop.State.Products.Count == 1);
            Assert.True(DateTime.UtcNow - asked > TimeSpan.FromSeconds(1.5), "it was asked again too early");
        });
    }

    [Fact]
    public async Task A_refusal_of_us_stops_the_sink_with_the_reason_and_loses_nothing()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        await bench.WriteAsync(ItemOf(bench, 1));
        var wrong = bench.ShopSettings();
        var closed = wrong with { Objects = new Dictionary<string, HttpObject> { ["item"] = wrong.Objects["item"] with { Upsert = new HttpCall { Path = "/secret/{number}" } } } };
        await using var door = await ClosedDoor.OpenAsync(Stop);
        await using var refused = new HttpTarget("shop", closed with { Url = door.Url }, TimeProvider.System);
        var stopped = await Assert.ThrowsAsync<SettingsException>(() => bench.Worker(SinkRig.Settings("item"), refused).RunAsync(Stop));
        Assert.Contains("401", stopped.Message, StringComparison.Ordinal);
        await using var target = new HttpTarget("shop", wrong, TimeProvider.System);
        await bench.WhileRunningAsync(SinkRig.Settings("item"), target, () => bench.CaughtUpAsync());
        Assert.Single(bench.Shop.State.Products);
    }

    [Fact]
    public async Task Waiting_versions_of_a_key_collapse_into_one()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        await using var target = new HttpTarget("shop", bench.ShopSettings(), TimeProvider.System);
        await bench.WriteAsync([.. Enumerable.Range(0, 500).Select(n => StockOf(bench, n % 5, n))]);
        await bench.WhileRunningAsync(SinkRig.Settings("inventory"), target, () => bench.CaughtUpAsync());
        Assert.InRange(bench.Shop.Calls, 1, 10);
        Assert.Equal([495m, 496, 497, 498, 499], bench.Shop.State.Stock.Select(s => s.Available));
    }

    [Fact]
    public async Task Repairs_bring_back_what_somebody_changed_at_the_target()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        await using var target = new HttpTarget("shop", bench.ShopSettings(), TimeProvider.System);
        var items = Enumerable.Range(0, 4).Select(n => ItemOf(bench, n)).ToArray();
        await bench.WriteAsync(items);
        await bench.WhileRunningAsync(SinkRig.Settings("item"), target, () => bench.CaughtUpAsync());
        bench.Shop.State.Put(new ShopProduct("SKU-0", "changed", null, null, null), null);
        bench.Shop.State.DeleteProduct("SKU-1", null);
        bench.Shop.State.Put(new ShopProduct("SKU-X", "added", null, null, null), null);
        var repairs = new Repairs(SinkRig.Settings("item"), target, CanonicalCatalog.Find("item")!, bench.Store, TimeProvider.System);
        var results = await repairs.RepairAsync([(new Repair("SKU-0", items[0].Key), items[0]), (new Repair("SKU-1", items[1].Key), items[1]), (new Repair("SKU-X", null), null)], Stop);
        Assert.All(results.Values, Assert.Null);
        Assert.Equal(["SKU-0 Bolt", "SKU-1 Bolt", "SKU-2 Bolt", "SKU-3 Bolt"], bench.Shop.State.Products.Select(p => $"{p.Sku} {p.Name}"));
        var trace = await new DeliveryTraces(bench.Store, "shop", CanonicalCatalog.Find("item")!, TimeProvider.System).TraceAsync([items[0].Key], Stop);
        Assert.Equal(items[0].Position, trace[items[0].Key].Delivered);
    }
}
