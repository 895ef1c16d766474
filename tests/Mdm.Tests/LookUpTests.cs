using System.Diagnostics;
using CdcSync.EventLog;
using CdcSync.Servers;

namespace CdcSync.Mdm.Tests;

public sealed class LookUpTests(TestPostgres postgres)
{
    [Fact]
    public async Task A_batch_shares_its_look_ups()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync([.. Enumerable.Range(0, 200).Select(i => Person(i, 1))]);
        var small = await CommandsAsync(() => store.ResolveAsync([.. Enumerable.Range(1000, 50).Select(i => Person(i, 1))]));
        var large = await CommandsAsync(() => store.ResolveAsync([.. Enumerable.Range(2000, 1000).Select(i => Person(i, 1))]));
        Assert.InRange(large, 1, small + 10);
    }

    // One in ten is another record of the customer before it.
    static CanonicalRecord Person(int i, int version)
    {
        var customer = i % 10 == 9 ? i - 1 : i;
        return Samples.Customer(i % 10 == 9 ? $"wms/{i}" : $"erp/{i}", version, $"Customer {customer} {(i % 10 == 9 ? "LTD" : "Limited")} {version % 2}",
            vat: customer % 3 == 0 ? $"DE{100000000 + customer}" : null, email: $"mail{customer}@example.com", postcode: $"{customer % 100000:d5}", street: $"{customer % 200} Main Street");
    }

    // Npgsql tells every command as an activity.
    static async Task<int> CommandsAsync(Func<Task> work)
    {
        var count = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static s => s.Name == "Npgsql",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = _ => Interlocked.Increment(ref count),
        };
        ActivitySource.AddActivityListener(listener);
        await work();
        return count;
    }
}
