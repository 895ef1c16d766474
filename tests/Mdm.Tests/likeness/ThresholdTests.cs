using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Servers;

namespace CdcSync.Mdm.Tests.Likeness;

/// <summary>From which scores golden records are merged: where their histogram has a valley, where people's decisions say, else from none.</summary>
public sealed class ThresholdTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static readonly CanonicalKind Customer = CanonicalCatalog.Find("customer")!;

    static MdmSettings Settings(MatchRules? rules = null) =>
        new MdmSettings { Sources = ["erp", "wms"], LearnFrom = 100 }.With(new Dictionary<string, MatchRules> { ["customer"] = rules ?? LikenessTests.Rules });

    [Fact]
    public async Task Decisions_place_the_threshold_at_the_next_learning_and_not_before()
    {
        await using var store = await LearntAsync(Alike(500), Settings(LikenessTests.Rules with { LargestBlock = 60 }));
        var before = (await LearntThresholds.ReadAsync(store.Data, Customer, Stop))!;
        Assert.Equal((ThresholdSource.Nothing, null), (before.Source, before.MergeBits));
        Assert.Contains("30 are needed", before.Now.Why);

        // All that is asked is answered by the truth: a record goes with the next one.
        var asked = await store.TextsAsync(
            "select a.source || '/' || a.source_id || ' ' || b.source || '/' || b.source_id from mdm.review q join mdm.record a on a.id = q.one join mdm.record b on b.id = q.other where q.reason = 'doubt' order by 1");
        var (same, distinct) = (0, 0);
        foreach (var (one, other) in asked.Select(p => p.Split(' ')).Select(p => (p[0], p[1])))
        {
            var equal = int.Parse(one.Split('/')[1]) / 2 == int.Parse(other.Split('/')[1]) / 2;
            await store.DecideAsync("customer", one, other, equal);
            (same, distinct) = equal ? (same + 1, distinct) : (same, distinct + 1);
        }
        Assert.True(same >= 20 && distinct >= 10, $"{same} same, {distinct} distinct");
        var decided = (await LearntThresholds.ReadAsync(store.Data, Customer, Stop))!;
        Assert.Equal((before.MergeBits, before.ReviewBits, ThresholdSource.Nothing), (decided.MergeBits, decided.ReviewBits, decided.Source));
        Assert.Equal((same, distinct), (decided.Now.Same, decided.Now.Distinct));
        await store.Rebuild.RunAsync(dryRun: false, learn: false, Stop);
        Assert.Equal(ThresholdSource.Nothing, (await LearntThresholds.ReadAsync(store.Data, Customer, Stop))!.Source);

        await store.Rebuild.RunAsync(dryRun: false, learn: true, Stop);
        var after = (await LearntThresholds.ReadAsync(store.Data, Customer, Stop))!;
        Assert.Equal((ThresholdSource.Decisions, same, distinct, 0), (after.Source, after.Learnt!.Same, after.Learnt.Distinct, after.Learnt.Parted));
        Assert.InRange(after.MergeBits!.Value, 1, 30);
        Assert.Equal(after.Learnt.Merge!.Bits, after.MergeBits.Value, 2);
        Assert.InRange(after.Learnt.Merge.Likeliest, after.Learnt.Merge.Low, after.Learnt.Merge.High);
    }

    [Fact]
    public async Task What_was_merged_and_taken_apart_is_counted_as_an_error_that_was_found()
    {
        await using var store = await LearntAsync(LikenessTests.Crowd(400), Settings());
        await new Steward(store.Data, store.Settings, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).DistinctAsync("customer", Samples.Key("wms/7"), Samples.Key("erp/6"), new Author("ann", "two"), Stop);
        var now = (await LearntThresholds.ReadAsync(store.Data, Customer, Stop))!.Now;
        Assert.Equal((0, 0, 1), (now.Same, now.Distinct, now.Parted));
    }

    [Fact]
    public async Task Without_a_valley_scores_only_ask_unless_the_rule_file_wants_otherwise()
    {
        await using var store = await GoldenStore.NewAsync(postgres, Settings(LikenessTests.Rules with { LargestBlock = 60 }));
        await store.ResolveAsync(Alike(500));
        var byKeys = await store.ClustersAsync("customer");
        await store.Rebuild.RunAsync(dryRun: false, learn: true, Stop);
        var thresholds = (await LearntThresholds.ReadAsync(store.Data, Customer, Stop))!;
        Assert.Equal((ThresholdSource.Nothing, ScoreShape.NoValley, null), (thresholds.Source, thresholds.Valley!.Shape, thresholds.MergeBits));
        Assert.Equal(byKeys, await store.ClustersAsync("customer"));
        Assert.NotEqual("0", (await store.TextsAsync("select count(*)::text from mdm.review where reason = 'doubt'"))[0]);
        Assert.Equal(ThresholdSource.Nothing, (await LearntWeights.ReadAsync(store.Data, Customer, now: false, Stop))!.Thresholds);

        // What comes later is not merged either, and is the same as from scratch.
        await store.ResolveAsync(LikenessTests.Party("erp/9001", 1, "Nordwind Handel Xaver GmbH", "Lindenweg 3", "Bremen", "28195", "040 770550"), LikenessTests.Party("wms/9002", 1, "Nordwind Handel Xaver", "Lindenweg 5", "Bremen", "28195", "040 770550"));
        Assert.NotEqual(await store.GoldenOfAsync("customer", "erp/9001"), await store.GoldenOfAsync("customer", "wms/9002"));
        Assert.NotEmpty(await store.TextsAsync("select r.reason from mdm.review r join mdm.record a on a.id = r.one join mdm.record b on b.id = r.other where a.source_id || b.source_id = '90019002'"));
        Assert.Equal(0, (await store.Rebuild.RunAsync(dryRun: true, learn: false, Stop))[0].Moved);

        await using var other = await LearntAsync(Alike(500), Settings(LikenessTests.Rules with { LargestBlock = 60, MergeWithoutValley = true }));
        Assert.Equal(ThresholdSource.Rules, (await LearntThresholds.ReadAsync(other.Data, Customer, Stop))!.Source);
        Assert.True((await other.ClustersAsync("customer")).Count < byKeys.Count);
    }

    async Task<GoldenStore> LearntAsync(IEnumerable<CanonicalRecord> records, MdmSettings settings)
    {
        var store = await GoldenStore.NewAsync(postgres, settings);
        await store.ResolveAsync(records);
        await store.Rebuild.RunAsync(dryRun: false, learn: true, Stop);
        return store;
    }

    // Two records of one customer have this or that in common, and different customers have as well.
    static IEnumerable<CanonicalRecord> Alike(int count)
    {
        var random = new Random(11);
        string[] names = ["Nordwind", "Sonnenberg", "Adler", "Falken", "Hansen", "Brunner", "Kaiser", "Lindner"], trades = ["Handel", "Technik", "Logistik", "Elektro", "Papier", "Bau"];
        (string Town, string Code)[] towns = [("Hamburg", "20095"), ("Bremen", "28195"), ("Kassel", "34117"), ("Ulm", "89073")];
        var (name, street, place, phone) = ("", "", towns[0], "");
        for (var i = 0; i < count; i++)
        {
            bool Other(double stays) => i % 2 == 0 || random.NextDouble() > stays;
            if (Other(0.6)) name = $"{names[random.Next(names.Length)]} {trades[random.Next(trades.Length)]} {names[random.Next(names.Length)]}";
            if (Other(0.5)) street = $"{(random.Next(2) == 0 ? "Lindenweg" : "Am Markt")} {random.Next(1, 12)}";
            if (Other(0.6)) place = towns[random.Next(towns.Length)];
            if (Other(0.5)) phone = $"040 {100000 + random.Next(180)}";
            yield return LikenessTests.Party($"{(i % 2 == 0 ? "erp" : "wms")}/{i}", 1, name, street, place.Town, place.Code, phone);
        }
    }
}
