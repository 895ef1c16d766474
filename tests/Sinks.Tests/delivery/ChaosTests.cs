using CdcSync.Contract.Compare;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Demo.Shop;
using CdcSync.Servers;
using CdcSync.Sinks.Http;

namespace CdcSync.Sinks.Tests.Delivery;

/// <summary>Every fault of the shop at random, the sink killed at random: in the end the shop equals the source, and no key ever went back.</summary>
public class ChaosTests(TestPostgres postgres)
{
    static readonly ShopFaults Everything = new()
    {
        Throttle = 0.02, RetryAfter = 1, Fail = 0.05, HangAfterApply = 0.02, Reset = 0.05, HalfBatch = 0.15, RefuseBatch = 0.1, Slow = 0.1, SlowMilliseconds = 60,
    };

    [Fact]
    public async Task The_shop_ends_equal_to_the_source_and_never_goes_back()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        await using var bench = await SinkRig.OpenAsync(postgres);
        bench.Shop.Faults = Everything with { Seed = seed };
        await using var target = new HttpTarget("shop", bench.ShopSettings(TimeSpan.FromMilliseconds(400)), TimeProvider.System);
        var source = new Dictionary<CanonicalKey, CanonicalObject>();
        var settings = SinkRig.Settings("item", "inventory", "price") with { MaxWaiting = 300 };
        using var killing = new CancellationTokenSource();
        var running = KillAtRandomAsync(bench, settings, target, new Random(seed), killing.Token);
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            await bench.AppendAsync(Enumerable.Range(0, 60).Select(_ => Change(bench, random, source)).ToList());
            await Task.Delay(random.Next(60), TestContext.Current.CancellationToken);
        }
        await Task.Delay(2000, TestContext.Current.CancellationToken);
        await killing.CancelAsync();
        await running;
        bench.Shop.Faults = Everything with { Seed = seed + 1, HangAfterApply = 0 };
        await bench.WhileRunningAsync(settings, target, async () =>
        {
            await bench.CaughtUpAsync();
            await bench.UntilReplayedAsync();
        });
        bench.Shop.Faults = new ShopFaults();
        await AssertEqualAsync(target, source);
        AssertNeverBack(bench.Shop.State.History);
    }

    // A kill gives up everything at once: what was being sent may or may not have arrived, and nothing is written any more.
    static async Task KillAtRandomAsync(SinkRig bench, Sinks.Delivery.SinkSettings settings, HttpTarget target, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            using var kill = new CancellationTokenSource(random.Next(200, 1500));
            try
            {
                await bench.Worker(settings, target).RunAsync(kill.Token, kill.Token);
            }
            catch (OperationCanceledException) when (kill.IsCancellationRequested)
            {
            }
        }
    }

    static (CanonicalKey, CanonicalObject?, SourcePosition, CanonicalKind) Change(SinkRig bench, Random random, Dictionary<CanonicalKey, CanonicalObject> source)
    {
        var (n, version) = (random.Next(40), bench.NextVersion());
        CanonicalObject value = random.Next(4) switch
        {
            0 => new Item { SourceId = $"i{n}", Number = $"SKU-{n}", Name = $"Item {n} as of {version}", Status = "active" },
            1 => new Price { SourceId = $"p{n}", ItemNumber = $"SKU-{n}", Currency = "EUR", Amount = random.Next(1000) / 100m, Kind = random.Next(8) == 0 ? "cost" : "list" },
            _ => new Inventory { SourceId = $"s{n}", ItemNumber = $"SKU-{n}", LocationNumber = $"W{n % 3}", Available = random.Next(500) },
        };
        value = value with { Source = "erp", Version = version.ToString(), CommittedAt = DateTimeOffset.UtcNow, CorrelationId = "t" };
        var gone = random.Next(10) == 0;
        if (gone) source.Remove(value.Key);
        else source[value.Key] = value;
        return (value.Key, gone ? null : value, version, CanonicalCatalog.Of(value.GetType()));
    }

    internal static async Task AssertEqualAsync(HttpTarget target, Dictionary<CanonicalKey, CanonicalObject> source)
    {
        foreach (var name in new[] { "item", "inventory", "price" })
        {
            var kind = CanonicalCatalog.Find(name)!;
            var wanted = source.Values.Where(v => CanonicalCatalog.Of(v.GetType()) == kind).Select(v => target.Project(kind, v)).Where(r => r is not null)
                .OrderBy(r => r!.Key, KeyOrder.Instance).Select(r => $"{r!.Key}: {string.Join(", ", r.Values.OrderBy(v => v.Key))}").ToList();
            var there = new List<string>();
            await foreach (var row in target.ReadAsync(kind, null, TestContext.Current.CancellationToken)) there.Add($"{row.Key}: {string.Join(", ", row.Values.OrderBy(v => v.Key))}");
            Assert.Equal(wanted, there);
        }
    }

    internal static void AssertNeverBack(IReadOnlyDictionary<string, IReadOnlyList<ShopWrite>> history)
    {
        Assert.NotEmpty(history);
        foreach (var (key, writes) in history)
        {
            var versions = writes.Where(w => w.Version is not null).Select(w => SourcePosition.Parse(w.Version)).ToList();
            for (var i = 1; i < versions.Count; i++) Assert.True(versions[i] >= versions[i - 1], $"{key} went back from {versions[i - 1]} to {versions[i]}");
        }
    }
}
