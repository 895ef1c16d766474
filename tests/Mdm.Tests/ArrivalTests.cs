using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
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

    /// <summary>What somebody decides of two records after so many waves; taken back when <see cref="Undone"/>.</summary>
    sealed record Word(int After, string One, string Other, bool Same, bool Undone);

    sealed record Traffic(Wave[] Waves, Word[] Words, int BatchSize)
    {
        public override string ToString() => $"batches of {BatchSize}:\n{string.Join('\n', Waves.AsEnumerable())}\n{string.Join('\n', Words.AsEnumerable())}";
    }

    [Fact]
    public async Task The_result_equals_a_rebuild_whatever_the_order_of_arrival()
    {
        await using var store = await GoldenStore.NewAsync(postgres, new MdmSettings { Sources = ["erp", "wms"], MostPerKey = MostPerKey });
        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Traffics().ToArbitrary(), traffic => HoldsAsync(store, traffic))), Stop);
    }

    static async Task HoldsAsync(GoldenStore store, Traffic traffic)
    {
        await store.TextsAsync("truncate mdm.record, mdm.match_key, mdm.golden, mdm.redirect, mdm.outbox, mdm.act, mdm.decided_pair, mdm.pin, mdm.moved, mdm.review, mdm.record_keys, mdm.edge");
        var arrivals = traffic.Waves.Select(Record).ToList();
        var (came, words) = (0, Agreeing([.. traffic.Words.Where(w => w.After < arrivals.Count)]));
        foreach (var batch in arrivals.Chunk(traffic.BatchSize))
        {
            await store.ResolveAsync(batch);
            foreach (var word in words.Where(w => w.After >= came && w.After < came + batch.Length)) await SayAsync(store, word);
            came += batch.Length;
        }

        Assert.Equal(FromScratch(arrivals, words), await store.ClustersAsync("customer"));
        var rebuilt = (await store.Rebuild.RunAsync(dryRun: true, learn: false, Stop))[0];
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

    static async Task SayAsync(GoldenStore store, Word word)
    {
        await store.DecideAsync("customer", word.One, word.Other, word.Same);
        if (word.Undone) await store.UndoAsync("customer", word.One, word.Other);
    }

    // Decisions that contradict each other are refused when they are made: those that do not, in order.
    static List<Word> Agreeing(Word[] words)
    {
        var agreeing = new List<Word>();
        foreach (var word in words.Where(w => w.One != w.Other).OrderBy(w => w.After))
        {
            var root = Keys.ToDictionary(k => k);
            foreach (var same in agreeing.Append(word).Where(w => w is { Same: true, Undone: false }))
            {
                var (stays, goes) = (root[same.One], root[same.Other]);
                foreach (var key in Keys.Where(k => root[k] == goes)) root[key] = stays;
            }
            if (!agreeing.Append(word).Any(w => w is { Same: false, Undone: false } && root[w.One] == root[w.Other])) agreeing.Add(word);
        }
        return agreeing;
    }

    static List<string> FromScratch(IEnumerable<CanonicalRecord> arrivals, IEnumerable<Word> words)
    {
        var decided = words.Where(w => !w.Undone).Select((w, i) => new DecidedPair(i, Samples.Key(w.One), Samples.Key(w.Other), w.Same)).ToList();
        var rules = new RuleBook(new MdmSettings { MostPerKey = MostPerKey });
        var members = arrivals.GroupBy(r => r.Key).Select(g => g.MaxBy(r => r.Version)!).Where(r => r.Object is not null)
            .Select((r, i) => new Member(i, r.Key, null, rules.Keys("customer", r.Object!))).ToList();
        var tooCommon = members.SelectMany(m => m.Keys).CountBy(k => k).Where(k => k.Value > MostPerKey).Select(k => k.Key).ToHashSet();
        return [.. new Clusters(rules).Resolve(members, new Evidence(tooCommon, decided)).All.Select(c => string.Join(' ', c.Select(m => m.Key.ToString()))).Order(StringComparer.Ordinal)];
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
        var word = from after in Gen.Choose(0, 30)
                   from one in Gen.Elements(Keys)
                   from other in Gen.Elements(Keys)
                   from same in Gen.Elements(true, false)
                   from undone in Gen.Choose(0, 3)
                   select new Word(after, one, other, same, undone == 0);
        return from waves in wave.ListOf()
               from words in word.ListOf(4)
               from order in Gen.Choose(0, int.MaxValue)
               from size in Gen.Choose(1, 9)
               select new Traffic(Shuffled([.. waves.Select((w, i) => w with { Version = i + 1 })], order), [.. words], size);
    }

    // Older versions arrive after newer ones, too.
    static Wave[] Shuffled(Wave[] waves, int seed)
    {
        new Random(seed).Shuffle(waves);
        return waves;
    }
}
