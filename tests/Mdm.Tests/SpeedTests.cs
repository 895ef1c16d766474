using System.Diagnostics;
using CdcSync.EventLog;
using CdcSync.Servers;

namespace CdcSync.Mdm.Tests;

public sealed class SpeedTests(TestPostgres postgres, ITestOutputHelper output)
{
    [Fact]
    public async Task Batches_share_look_ups()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        const int count = 5_000;
        var customers = Enumerable.Range(0, count).Select(i => Person(i, 1)).ToArray();
        var cold = await TimeAsync(store, customers, 1000);
        var warm = await TimeAsync(store, [.. customers.Where((_, i) => i % 4 == 0).Select((_, i) => Person(i * 4, 2))], 500);
        output.WriteLine($"{count} new records: {cold:n0}/s; changes against them: {warm:n0}/s");
        // A floor for a busy machine; by themselves both are several times as fast.
        Assert.True(cold > 250 && warm > 250, $"{cold:n0}/s and {warm:n0}/s");
    }

    // One in ten is another record of the customer before it.
    static CanonicalRecord Person(int i, int version)
    {
        var customer = i % 10 == 9 ? i - 1 : i;
        return Samples.Customer(i % 10 == 9 ? $"wms/{i}" : $"erp/{i}", version, $"Customer {customer} {(i % 10 == 9 ? "LTD" : "Limited")} {version % 2}",
            vat: customer % 3 == 0 ? $"DE{100000000 + customer}" : null, email: $"mail{customer}@example.com", postcode: $"{customer % 100000:d5}", street: $"{customer % 200} Main Street");
    }

    static async Task<double> TimeAsync(GoldenStore store, CanonicalRecord[] records, int batch)
    {
        var clock = Stopwatch.StartNew();
        foreach (var part in records.Chunk(batch)) await store.ResolveAsync(part);
        return records.Length / clock.Elapsed.TotalSeconds;
    }
}
