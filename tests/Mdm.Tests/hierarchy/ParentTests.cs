using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Mdm.Survivorship;
using CdcSync.Servers;
using FsCheck;
using FsCheck.Fluent;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests.Hierarchy;

/// <summary>A golden record's parent is the golden record of its record's parent, whatever comes when.</summary>
public sealed class ParentTests(TestPostgres postgres)
{
    static readonly string[] Keys = [.. Enumerable.Range(1, 4).SelectMany(i => new[] { $"erp/{i}", $"wms/{i}" })];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static CanonicalRecord Child(string key, int version, string? parent, string? vat = null) => Record(key, version, new Customer
    {
        Name = key,
        ParentId = parent,
        TaxIds = vat is null ? [] : [new TaxId { Value = vat }],
    });

    static async Task<string?> ParentOfAsync(GoldenStore store, string key) =>
        ((Customer)(await store.Directory.ReadAsync((await store.GoldenOfAsync("customer", key))!, Stop))!.Object).ParentId;

    [Fact]
    public async Task A_parent_that_is_not_yet_there_resolves_when_it_comes_and_is_published_with_it()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Child("erp/2", 1, "1"));
        Assert.Null(await ParentOfAsync(store, "erp/2"));
        await store.TakeOutboxAsync();

        await store.ResolveAsync(Child("erp/1", 1, null));
        var (parent, child) = (await store.GoldenOfAsync("customer", "erp/1"), await store.GoldenOfAsync("customer", "erp/2"));
        Assert.Equal(parent, await ParentOfAsync(store, "erp/2"));
        Assert.Equal([$"golden.customer golden/{parent}", $"xref.customer erp/1 -> {parent}", $"golden.customer golden/{child}"], await store.TakeOutboxAsync());
    }

    [Fact]
    public async Task Children_follow_a_parent_that_merges_and_lose_one_that_goes()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Child("wms/1", 1, null, "DE123456789"), Child("erp/1", 1, null), Child("erp/2", 1, "1"), Child("wms/9", 1, "1"));
        await store.ResolveAsync(Child("erp/1", 2, null, "DE123456789"));
        var parent = await store.GoldenOfAsync("customer", "wms/1");
        Assert.Equal(parent, await store.GoldenOfAsync("customer", "erp/1"));
        Assert.Equal((parent, parent), (await ParentOfAsync(store, "erp/2"), await ParentOfAsync(store, "wms/9")));

        await store.TakeOutboxAsync();
        await store.ResolveAsync(Gone<Customer>("erp/1", 3));
        Assert.Equal((null, parent), (await ParentOfAsync(store, "erp/2"), await ParentOfAsync(store, "wms/9")));
        Assert.Contains($"golden.customer golden/{await store.GoldenOfAsync("customer", "erp/2")}", await store.TakeOutboxAsync());
    }

    [Fact]
    public async Task The_most_trusted_record_with_a_parent_says_it()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Child("erp/1", 1, null), Child("wms/1", 1, null), Child("wms/2", 1, "1", "DE123456789"), Child("erp/2", 1, "99", "DE123456789"));
        Assert.Equal(await store.GoldenOfAsync("customer", "wms/1"), await ParentOfAsync(store, "erp/2"));
        await store.ResolveAsync(Child("erp/2", 2, "1", "DE123456789"));
        Assert.Equal(await store.GoldenOfAsync("customer", "erp/1"), await ParentOfAsync(store, "erp/2"));
    }

    [Fact]
    public async Task Cyclic_parents_are_harmless_and_one_is_not_ones_own()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Child("erp/1", 1, "2"), Child("erp/2", 1, "3"), Child("erp/3", 1, "1"), Child("erp/4", 1, "4"));
        var ids = await store.TextsAsync("select 'C' || lpad(golden_id::text, 8, '0') from mdm.record order by source_id");
        foreach (var (key, parent) in ((string, string?)[])[("erp/1", ids[1]), ("erp/2", ids[2]), ("erp/3", ids[0]), ("erp/4", null)]) Assert.Equal(parent, await ParentOfAsync(store, key));
        var why = (await store.Directory.WhyAsync(ids[0], Stop))!;
        Assert.Equal([(ids[1], false), (ids[2], false), (ids[0], true)], why.Ancestors.Select(a => (a.GoldenId, a.Again)));
    }

    [Fact]
    public async Task Only_a_person_makes_a_record_and_its_parent_one_and_then_it_is_nobodys_child()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Child("wms/1", 1, "2", "DE123456789"), Child("wms/2", 1, null, "DE123456789"));
        Assert.Equal(["wms/1", "wms/2"], await store.ClustersAsync("customer"));
        Assert.Equal(await store.GoldenOfAsync("customer", "wms/2"), await ParentOfAsync(store, "wms/1"));

        await store.DecideAsync("customer", "wms/1", "wms/2", same: true);
        Assert.Equal(["wms/1 wms/2"], await store.ClustersAsync("customer"));
        Assert.Null(await ParentOfAsync(store, "wms/1"));
    }

    [Fact]
    public void A_golden_record_is_not_its_own_parent()
    {
        // Two systems that turn it round: what is above in the one lies below in the other.
        CanonicalObject[] members = [Child("erp/1", 1, "2").Object!, Child("wms/1", 1, "2").Object!];
        var parents = new Dictionary<CanonicalKey, string> { [Key("erp/2")] = "C00000001", [Key("wms/2")] = "C00000002" };
        Assert.Equal("C00000002", ((Customer)new Survivors(new MdmSettings { Sources = ["erp", "wms"] }).Merge("C00000001", members, [], parents)).ParentId);
    }

    [Fact]
    public async Task A_store_from_before_there_were_parents_gets_them_by_its_rebuild()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Child("erp/1", 1, null), Child("erp/2", 1, "1"));
        await store.TextsAsync("update mdm.record set parent_id = null");
        await store.Rebuild.RunAsync(dryRun: false, learn: false, Stop);
        await store.ResolveAsync(Gone<Customer>("erp/1", 2));
        Assert.Null(await ParentOfAsync(store, "erp/2"));
    }

    [Fact]
    public async Task Locations_hang_together_too()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Record("wms/B", 1, new Location { Number = "B", Name = "B", Kind = "bin", ParentId = "Z" }), Record("wms/Z", 1, new Location { Number = "Z", Name = "Z", Kind = "zone", ParentId = "W" }),
            Record("wms/W", 1, new Location { Number = "W", Name = "Hamburg", Kind = "warehouse" }));
        var why = (await store.Directory.WhyAsync((await store.GoldenOfAsync("location", "wms/B"))!, Stop))!;
        Assert.Equal(("bin", "zone site", "Z Hamburg"), (why.Level, string.Join(' ', why.Ancestors.Select(a => a.Level)), string.Join(' ', why.Ancestors.Select(a => a.Name))));
    }

    sealed record Wave(string Key, int Version, string? Parent, int? Vat, bool Gone);

    sealed record Traffic(Wave[] Waves, int BatchSize)
    {
        public override string ToString() => $"batches of {BatchSize}:\n{string.Join('\n', Waves.AsEnumerable())}";
    }

    [Fact]
    public async Task Any_order_of_arrival_ends_with_the_parents_of_a_rebuild_and_says_so()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Traffics().ToArbitrary(), traffic => HoldsAsync(store, traffic))), Stop);
    }

    static async Task HoldsAsync(GoldenStore store, Traffic traffic)
    {
        await store.TextsAsync("truncate mdm.record, mdm.match_key, mdm.golden, mdm.redirect, mdm.outbox, mdm.record_keys, mdm.edge cascade");
        foreach (var batch in traffic.Waves.Select(w => w.Gone ? Gone<Customer>(w.Key, w.Version) : Child(w.Key, w.Version, w.Parent, w.Vat is { } vat ? $"DE12345678{vat}" : null)).Chunk(traffic.BatchSize))
            await store.ResolveAsync(batch);

        // Said by the store's rows alone: the parent of the newest version, where it is, in the golden record where it is; a trusted source first, then the newest, then the key.
        Assert.Equal(
            await store.TextsAsync(
                """
                select g.id || ' ' || coalesce((
                    select 'C' || lpad(p.golden_id::text, 8, '0') from mdm.record r
                    join mdm.record p on p.kind = r.kind and p.source = r.source and p.source_id = r.body->>'parent_id'
                    where r.golden_id = g.id and p.golden_id <> g.id order by r.source, r.committed_at desc, r.source_id limit 1), '')
                from mdm.golden g order by g.id
                """),
            await store.TextsAsync("select id || ' ' || coalesce(body->>'parent_id', '') from mdm.golden order by id"));
        var rebuilt = (await store.Rebuild.RunAsync(dryRun: true, learn: false, Stop))[0];
        Assert.Equal((0, 0), (rebuilt.Moved, rebuilt.Rewritten));
        Assert.Equal(
            await store.TextsAsync("select body::text from mdm.golden order by id"),
            await store.TextsAsync("select body::text from (select distinct on (source_id) source_id, body from mdm.outbox where topic = 'golden.customer' order by source_id, id desc) l where body is not null order by source_id"));
    }

    static Gen<Traffic> Traffics()
    {
        var wave = from key in Gen.Elements(Keys)
                   from parent in Gen.Choose(-2, 4)
                   from vat in Gen.Choose(-1, 1)
                   from gone in Gen.Choose(0, 5)
                   select new Wave(key, 0, parent < 1 ? null : $"{parent}", vat < 0 ? null : vat, gone == 0);
        return from waves in wave.ListOf()
               from seed in Gen.Choose(0, int.MaxValue)
               from size in Gen.Choose(1, 6)
               select new Traffic(Shuffled([.. waves.Select((w, i) => w with { Version = i + 1 })], seed), size);
    }

    // Older versions arrive after newer ones, too.
    static Wave[] Shuffled(Wave[] waves, int seed)
    {
        new Random(seed).Shuffle(waves);
        return waves;
    }
}
