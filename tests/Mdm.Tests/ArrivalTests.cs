using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Rules;
using CdcSync.Servers;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Mdm.Tests;

/// <summary>Whatever arrives in whatever order and batches, the store stands as if its last state had been resolved from scratch.</summary>
public sealed class ArrivalTests(TestPostgres postgres)
{
    const int MostPerKey = 3;
    static readonly string[] Keys = [.. Enumerable.Range(1, 5).SelectMany(i => new[] { $"erp/{i}", $"wms/{i}" })];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A version of a record: which of a few values it has; all null when it is a delete.</summary>
    sealed record Wave(string Key, int Version, int? Vat, int? Ein, int? Email, int? Street, int Name, bool Gone);

    sealed record Traffic(Wave[] Waves, int BatchSize)
    {
        public override string ToString() => $"batches of {BatchSize}:\n{string.Join('\n', Waves.AsEnumerable())}";
    }

    [Fact]
    public async Task The_result_equals_a_rebuild_whatever_the_order_of_arrival()
    {
        await using var store = await GoldenStore.NewAsync(postgres, new MdmSettings { Sources = ["erp", "wms"], MostPerKey = MostPerKey });
        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Traffics().ToArbitrary(), traffic => HoldsAsync(store, traffic))), Stop);
    }

    static async Task HoldsAsync(GoldenStore store, Traffic traffic)
    {
        await store.TextsAsync("truncate mdm.record, mdm.match_key, mdm.golden, mdm.redirect, mdm.outbox");
        var arrivals = traffic.Waves.Select(Record).ToList();
        foreach (var batch in arrivals.Chunk(traffic.BatchSize)) await store.ResolveAsync(batch);

        Assert.Equal(FromScratch(arrivals), await store.ClustersAsync("customer"));
        var rebuilt = (await store.Rebuild.RunAsync(dryRun: true, Stop))[0];
        Assert.Equal((0, 0), (rebuilt.Moved, rebuilt.Rewritten));
        await PublishedIsStoredAsync(store);
    }

    // What a reader of golden and xref topics knows after all is what the store says.
    static async Task PublishedIsStoredAsync(GoldenStore store)
    {
        const string last = "select distinct on (source, source_id) source, source_id, body::text as body from mdm.outbox where topic = '{0}.customer' order by source, source_id, id desc";
        Assert.Equal(
            await store.TextsAsync("select body::text from mdm.golden order by id"),
            await store.TextsAsync($"select body from ({string.Format(last, "golden")}) l where body is not null order by source_id"));
        Assert.Equal(
            await store.TextsAsync("select source || '/' || source_id || ' C' || lpad(golden_id::text, 8, '0') from mdm.record where golden_id is not null order by source, source_id"),
            await store.TextsAsync($"select source || '/' || source_id || ' ' || (body::json->>'golden_id') from ({string.Format(last, "xref")}) l where body is not null and source <> 'golden' order by source, source_id"));
        Assert.Empty(await store.TextsAsync("select to_id from mdm.redirect where to_id in (select from_id from mdm.redirect) or from_id in (select id from mdm.golden)"));
    }

    static List<string> FromScratch(IEnumerable<CanonicalRecord> arrivals)
    {
        var rules = new RuleBook(new MdmSettings { MostPerKey = MostPerKey });
        var members = arrivals.GroupBy(r => r.Key).Select(g => g.MaxBy(r => r.Version)!).Where(r => r.Object is not null)
            .Select((r, i) => new Member(i, r.Key, null, rules.Keys("customer", r.Object!))).ToList();
        var tooCommon = members.SelectMany(m => m.Keys).CountBy(k => k).Where(k => k.Value > MostPerKey).Select(k => k.Key).ToHashSet();
        return [.. new Clusters(rules).Resolve(members, tooCommon).Select(c => string.Join(' ', c.Select(m => m.Key.ToString()))).Order(StringComparer.Ordinal)];
    }

    static CanonicalRecord Record(Wave wave) => wave.Gone
        ? Samples.Gone<Customer>(wave.Key, wave.Version)
        : Samples.Customer(wave.Key, wave.Version, wave.Name == 0 ? "Acme Ltd" : "Nordwind GmbH", wave.Vat is { } vat ? $"DE12345678{vat}" : null, wave.Ein is { } ein ? $"12345678{ein}" : null,
            wave.Email is { } email ? $"m{email}@x.com" : null, "10115", wave.Street is { } street ? $"Main St {street}" : null);

    static Gen<Traffic> Traffics()
    {
        var some = Gen.Choose(-2, 1).Select(n => n < 0 ? (int?)null : n);
        var wave = from key in Gen.Elements(Keys)
                   from vat in some
                   from ein in some
                   from email in some
                   from street in some
                   from name in Gen.Choose(0, 1)
                   from gone in Gen.Choose(0, 5)
                   select new Wave(key, 0, vat, ein, email, street, name, gone == 0);
        return from waves in wave.ListOf()
               from order in Gen.Choose(0, int.MaxValue)
               from size in Gen.Choose(1, 9)
               select new Traffic(Shuffled([.. waves.Select((w, i) => w with { Version = i + 1 })], order), size);
    }

    // Older versions arrive after newer ones, too.
    static Wave[] Shuffled(Wave[] waves, int seed)
    {
        new Random(seed).Shuffle(waves);
        return waves;
    }
}
