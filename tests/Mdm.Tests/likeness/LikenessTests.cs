using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Rules;
using CdcSync.Servers;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Mdm.Tests.Likeness;

/// <summary>Customers that no number and no exact key brings together, matched by how alike they are.</summary>
public sealed class LikenessTests(TestPostgres postgres)
{
    const int LargestBlock = 5;

    internal static readonly MatchRules Rules = new()
    {
        Object = "customer",
        Fields = new Dictionary<string, FieldRule>
        {
            ["name"] = new() { Kind = "company_name", From = ["name"] },
            ["street"] = new() { Kind = "street", From = ["addresses[].street"] },
            ["town"] = new() { Kind = "town", From = ["addresses[].city"] },
            ["postcode"] = new() { Kind = "postcode", From = ["addresses[].postal_code"] },
            ["phone"] = new() { Kind = "phone", From = ["contacts[].phone"], Country = "DE" },
        },
        Blocking = ["phone", "name.rare", "street + postcode", "name.first5 + postcode"],
        LargestBlock = LargestBlock,
    };

    static readonly string[] Names = ["Nordwind Handel", "Sonnenberg Technik", "Adler Maschinenbau", "Falken Logistik", "Hansen Werkzeuge", "Brunner Elektro", "Kaiser Metallbau", "Lindner Papier"];
    static readonly string[] Streets = ["Hauptstrasse", "Lindenweg", "Am Markt", "Bahnhofstrasse", "Schillerstrasse"];
    static readonly (string Town, string Code)[] Towns = [("Hamburg", "20095"), ("Bremen", "28195"), ("Kassel", "34117"), ("Ulm", "89073")];
    static readonly string[] Keys = [.. Enumerable.Range(1, 12).Select(i => i % 2 == 0 ? $"erp/{i}" : $"wms/{i}")];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static MdmSettings Settings => new MdmSettings { Sources = ["erp", "wms"], LearnFrom = 100 }.With(new Dictionary<string, MatchRules> { ["customer"] = Rules });

    [Fact]
    public async Task What_is_written_differently_becomes_one_and_says_why()
    {
        await using var store = await LearntAsync(Settings);
        await store.ResolveAsync(Party("erp/9001", 1, "Zimmermann & Partner Kaltetechnik GmbH", "Gartenweg 7", "Rostock", "18055", "0381 445566"));
        await store.ResolveAsync(Party("wms/9002", 1, "ZIMMERMANN PARTNER KÄLTETECHNIK", "Gartenweg 7", "Rostok", "18055", "+49 381 445566"), Party("wms/9003", 1, "Zimmermann Baustoffe", "Hafenallee 12", "Wismar", "23966", "03841 998877"));
        Assert.Equal(await store.GoldenOfAsync("customer", "erp/9001"), await store.GoldenOfAsync("customer", "wms/9002"));
        Assert.NotEqual(await store.GoldenOfAsync("customer", "erp/9001"), await store.GoldenOfAsync("customer", "wms/9003"));

        var explanation = (await store.Directory.ExplainAsync("customer", Samples.Key("wms/9002"), Stop))!;
        var waterfall = Assert.Single(explanation.Likenesses, l => l.Verdict == Mdm.Likeness.LikenessVerdict.Together);
        Assert.Equal(["erp/9001", "wms/9002"], [waterfall.One.ToString(), waterfall.Other.ToString()]);
        Assert.Equal(waterfall.Bits, waterfall.Steps.Sum(s => s.Bits), 3);
        Assert.Equal(["before", "name", "street", "town", "postcode", "phone"], waterfall.Steps.Take(6).Select(s => s.Field));
    }

    [Fact]
    public async Task A_preview_shows_what_rules_would_change_and_changes_nothing_and_weights_tell_their_drift()
    {
        await using var store = await LearntAsync(Settings);
        await store.DecideAsync("customer", "erp/2", "wms/3", same: false);
        var before = await store.ClustersAsync("customer");
        var stricter = Settings.With(new Dictionary<string, MatchRules> { ["customer"] = Rules with { Blocking = ["phone + postcode + name.first5"], OneToOne = true } });
        var preview = await new Resolution.GoldenPreview(store.Data, stricter, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).RunAsync(CanonicalCatalog.Find("customer")!, Stop);
        Assert.Equal((400, before.Count), (preview.Records, (int)preview.Golden));
        Assert.Equal(1, preview.Decided);
        Assert.Equal([("erp/2", "wms/3", false)], preview.DecidedOtherwise.Select(d => (d.One.ToString(), d.Other.ToString(), d.Same)));
        Assert.Equal(before, await store.ClustersAsync("customer"));

        var weights = (await Mdm.Likeness.LearntWeights.ReadAsync(store.Data, CanonicalCatalog.Find("customer")!, now: true, Stop))!;
        Assert.Equal((400, 400, 0d), (weights.Records, weights.RecordsNow, weights.Drift));
        Assert.Equal(["name", "street", "town", "postcode", "phone"], weights.Levels.Select(l => l.Field).Distinct());
    }

    [Fact]
    public async Task Nobody_is_merged_by_likeness_before_there_was_enough_to_learn_from()
    {
        await using var store = await GoldenStore.NewAsync(postgres, Settings);
        await store.ResolveAsync(Crowd(40));
        Assert.False(await store.Rebuild.IsWorthLearningAsync(Stop));
        await store.Rebuild.RunAsync(dryRun: false, learn: true, Stop);
        Assert.Empty(await store.TextsAsync("select kind from mdm.model"));
        await store.ResolveAsync(Crowd(400));
        Assert.True(await store.Rebuild.IsWorthLearningAsync(Stop));
        await store.Rebuild.RunAsync(dryRun: false, learn: true, Stop);
        Assert.Equal(["customer"], await store.TextsAsync("select kind from mdm.model"));
        Assert.False(await store.Rebuild.IsWorthLearningAsync(Stop));
    }

    [Fact]
    public async Task The_result_equals_a_rebuild_whatever_the_order_of_arrival()
    {
        await using var store = await LearntAsync(Settings);
        await BudgetAsync(store, 4, 2, 5, 3);
        var cases = int.TryParse(Environment.GetEnvironmentVariable("CDCSYNC_CASES"), out var many) ? many : 60;
        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases), Prop.ForAll(Traffics().ToArbitrary(), traffic => HoldsAsync(store, traffic))), Stop);
    }

    [Fact]
    public async Task Cut_off_at_any_moment_the_result_is_the_same()
    {
        await using var store = await LearntAsync(Settings);
        await BudgetAsync(store, 3, 5, 2, 4);
        var (random, offset, cut) = (new Random(5), 100_000L, 0);
        var waves = Enumerable.Range(0, 300).Select(i => new Wave(Keys[random.Next(Keys.Length)], 1000 + i, random.Next(3), random.Next(4), random.Next(3), random.Next(2), random.Next(-2, 5), random.Next(7) == 0)).ToArray();
        foreach (var batch in waves.Chunk(7))
        {
            // Read again from the log after a failure: the same records at the same places.
            var arrived = Samples.Arrive(ref offset, batch.Select(w => w.Record()));
            for (var done = false; !done;)
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
                if (random.Next(3) > 0) stop.CancelAfter(TimeSpan.FromMilliseconds(random.Next(0, 25)));
                try
                {
                    await store.Resolver.ResolveAsync(arrived, stop.Token);
                    done = true;
                }
                catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
                {
                    cut++;
                }
            }
        }
        Assert.True(cut > 10, $"only {cut} were cut off");
        await EqualsRebuildAsync(store);
    }

    static async Task HoldsAsync(GoldenStore store, Traffic traffic)
    {
        await store.TextsAsync("truncate mdm.record, mdm.match_key, mdm.golden, mdm.redirect, mdm.outbox, mdm.act, mdm.decided_pair, mdm.pin, mdm.moved, mdm.block_key, mdm.record_keys, mdm.edge, mdm.review");
        // The store was changed behind the resolver's back.
        await store.TextsAsync("update mdm.turn set changes = changes + 1");
        foreach (var batch in traffic.Waves.Chunk(traffic.BatchSize)) await store.ResolveAsync(batch.Select(w => w.Record()));
        await EqualsRebuildAsync(store);
    }

    static async Task EqualsRebuildAsync(GoldenStore store)
    {
        var (edges, keys, clusters, questions) = (await EdgesAsync(store), await KeysAsync(store), await store.ClustersAsync("customer"), await QuestionsAsync(store));
        var rebuilt = (await store.Rebuild.RunAsync(dryRun: false, learn: false, Stop))[0];
        Assert.Equal(await EdgesAsync(store), edges);
        Assert.Equal(await KeysAsync(store), keys);
        Assert.Equal(await QuestionsAsync(store), questions);
        Assert.Equal(await store.ClustersAsync("customer"), clusters);
        Assert.Equal((0, 0), (rebuilt.Moved, rebuilt.Rewritten));
    }

    static Task<List<string>> EdgesAsync(GoldenStore store) => store.TextsAsync(
        "select a.source || a.source_id || ' ' || b.source || b.source_id || ' ' || e.bits || ' ' || e.levels from mdm.edge e join mdm.record a on a.id = e.one join mdm.record b on b.id = e.other order by 1");

    static Task<List<string>> QuestionsAsync(GoldenStore store) => store.TextsAsync("select concat_ws(' ', one, other, reason, bits, note, cost) from mdm.review order by 1");

    static Task<List<string>> KeysAsync(GoldenStore store) => store.TextsAsync(
        """
        select record_id || ' ' || string_agg(key::text, ',' order by key) from mdm.block_key group by record_id
        union all select record_id || ' ' || array_to_string(array(select unnest(keys) order by 1), ',') from mdm.record_keys where cardinality(keys) > 0 order by 1
        """);

    async Task<GoldenStore> LearntAsync(MdmSettings settings)
    {
        var store = await GoldenStore.NewAsync(postgres, settings);
        await store.ResolveAsync(Crowd(400));
        await store.Rebuild.RunAsync(dryRun: false, learn: true, Stop);
        Assert.Equal(["customer"], await store.TextsAsync("select kind from mdm.model"));
        return store;
    }

    // As if learning had found that some keys bring too many pairs.
    static async Task BudgetAsync(GoldenStore store, params int[] mostHolders)
    {
        Assert.Equal([$"[{string.Join(", ", Rules.Blocking.Select(_ => LargestBlock))}]"], await store.TextsAsync("select (weights::jsonb -> 'most_holders')::text from mdm.model"));
        await store.TextsAsync($"update mdm.model set weights = jsonb_set(weights::jsonb, '{{most_holders}}', '[{string.Join(',', mostHolders)}]')::json, learnt_at = now()");
    }

    // One in four is another record of the customer before it.
    internal static IEnumerable<CanonicalRecord> Crowd(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (who, again) = (i % 4 == 3 ? i - 1 : i, i % 4 == 3);
            var (town, code) = Towns[who % Towns.Length];
            var name = $"{Names[who % Names.Length].Split(' ')[0]} {(char)('A' + (who % 26))}{who}er {Names[who / 3 % Names.Length].Split(' ')[1]}";
            yield return Party(again ? $"wms/{i}" : $"erp/{i}", 1, again ? name.ToUpperInvariant() : $"{name} GmbH", $"{Streets[who % Streets.Length]} {(again && who % 3 == 0 ? who + 1 : who)}", town, code, $"040 {100000 + who}");
        }
    }

    internal static CanonicalRecord Party(string key, int version, string name, string street, string town, string code, string phone) => Samples.Record(key, version, new Customer
    {
        Name = name,
        Addresses = [new Address { Street = street, City = town, PostalCode = code, Country = "DE" }],
        Contacts = [new Contact { Phone = phone }],
    });

    sealed record Wave(string Key, int Version, int Name, int Legal, int Street, int Town, int Phone, bool Gone)
    {
        public CanonicalRecord Record() => Gone ? Samples.Gone<Customer>(Key, Version) : Party(Key, Version,
            Names[Name] + Legal switch { 0 => " GmbH", 1 => " AG", 2 => "", _ => " GmbH & Co KG" }, $"{Streets[Street]} {Street + 3}", Towns[Town].Town, Towns[Town].Code, Phone < 0 ? "" : $"040 77{Phone}55{Phone}");
    }

    sealed record Traffic(Wave[] Waves, int BatchSize)
    {
        public override string ToString() => $"batches of {BatchSize}:\n{string.Join('\n', Waves.AsEnumerable())}";
    }

    static Gen<Traffic> Traffics()
    {
        var wave = from key in Gen.Elements(Keys)
                   from name in Gen.Choose(0, 2)
                   from legal in Gen.Choose(0, 3)
                   from street in Gen.Choose(0, 2)
                   from town in Gen.Choose(0, 1)
                   from phone in Gen.Choose(-2, 4)
                   from gone in Gen.Choose(0, 6)
                   select new Wave(key, 0, name, legal, street, town, phone, gone == 0);
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
