using System.Globalization;
using CdcSync.EventLog;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Rules;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Mdm.Tests.Likeness;

/// <summary>
/// Small worlds of customers that have nothing to do with each other, each with its own changes, deletes, moves and decisions, all in one store: many cases for the price of a rebuild.
/// Once with records kept in memory, once with none. <c>CDCSYNC_CASES</c> says how many worlds (250), <c>CDCSYNC_CASES_LOG</c> a file that tells how far it is.
/// </summary>
public sealed class ManyWorldsTests(TestPostgres postgres)
{
    const int AtOnce = 250, Keys = 5, MostEvents = 22;

    static readonly Author Ann = new("ann", "case");
    static readonly string[] Names = ["Nordwind", "Sonnenberg", "Falken"];
    static readonly string[] Streets = ["Hauptstrasse", "Lindenweg", "Am Markt"];
    static readonly string[] Rights = [" GmbH", " AG", "", " GmbH & Co KG"];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static int Cases => int.TryParse(Environment.GetEnvironmentVariable("CDCSYNC_CASES"), CultureInfo.InvariantCulture, out var cases) ? cases : AtOnce;

    /// <summary>What happens at one time in one world: a record arrives, or somebody decides.</summary>
    sealed record Event(int World, int Key, int Version, bool Decision, int[] Dice)
    {
        public string Name => Of(Key);

        public string Other => Of((Key + 1 + (Dice[1] % (Keys - 1))) % Keys);

        string Of(int key) => $"{(key % 2 == 0 ? "erp" : "wms")}/{World}-{key}";

        public CanonicalRecord Record() => Dice[0] == 0 ? Samples.Gone<Contract.Canonical.Customer>(Name, Version) : LikenessTests.Party(
            Name, Version, $"{Names[Dice[1] % 3]}{Word(World)} {Names[Dice[2] % 2]}{Rights[Dice[3] % 4]}", $"{Streets[Dice[4] % 3]} {(Dice[4] % 3) + 3}", $"{(Dice[5] % 2 == 0 ? "Ober" : "Unter")}{Word(World)}",
            $"{10000 + (World * 2) + (Dice[5] % 2)}", Dice[6] % 7 < 2 ? "" : $"040 77{World:0000}5{Dice[6] % 7}");

        public override string ToString() => Decision ? $"{Verb} {Of(Key)} {Other}" : $"{Name} v{Version} {Record().Object?.ToString() ?? "gone"}";

        public string Verb => (Dice[2] % 5) switch { 0 or 1 => "same", 2 or 3 => "distinct", _ => "undo" };
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    public async Task Whatever_arrives_and_is_decided_in_whatever_order_the_result_is_a_rebuilds(int? likenessMib)
    {
        await using var store = await LearntAsync(likenessMib);
        var (decided, refused) = (0, 0);
        for (var seed = 0; seed * AtOnce < Cases; seed++)
        {
            await store.TextsAsync("truncate mdm.record, mdm.match_key, mdm.golden, mdm.redirect, mdm.outbox, mdm.act, mdm.decided_pair, mdm.pin, mdm.moved, mdm.block_key, mdm.record_keys, mdm.edge, mdm.review");
            await store.TextsAsync("update mdm.turn set changes = changes + 1");
            var random = new Random(seed);
            var steward = new Steward(store.Data, store.Settings, NullLogger.Instance);
            var acts = new Dictionary<int, List<long>>();
            var waiting = new List<Event>();
            foreach (var next in Events(random).ToList())
            {
                if (!next.Decision) waiting.Add(next);
                if (waiting.Count <= random.Next(60) && !next.Decision) continue;
                await store.ResolveAsync(waiting.Select(w => w.Record()));
                waiting.Clear();
                if (!next.Decision) continue;
                if (await DecideAsync(steward, next, acts)) decided++;
                else refused++;
            }
            await store.ResolveAsync(waiting.Select(w => w.Record()));
            await EqualsRebuildAsync(store, seed);
            if (Environment.GetEnvironmentVariable("CDCSYNC_CASES_LOG") is { } log)
                await File.AppendAllTextAsync(log, string.Create(CultureInfo.InvariantCulture, $"{(seed + 1) * AtOnce} worlds equal a rebuild, {decided} decisions, {refused} refused\n"), Stop);
        }
        Assert.True(decided > refused / 2, $"{decided} decisions, {refused} refused");
    }

    static async Task<bool> DecideAsync(Steward steward, Event what, Dictionary<int, List<long>> acts)
    {
        if (!acts.TryGetValue(what.World, out var its)) acts.Add(what.World, its = []);
        var (one, other) = (Samples.Key(what.Name), Samples.Key(what.Other));
        try
        {
            var outcome = what.Verb switch
            {
                "same" => await steward.SameAsync("customer", one, other, Ann, Stop),
                "distinct" => await steward.DistinctAsync("customer", one, other, Ann, Stop),
                _ when its.Count == 0 => await steward.SameAsync("customer", one, other, Ann, Stop),
                _ => await steward.UndoAsync(its[what.Dice[3] % its.Count], null, Ann, Stop),
            };
            its.Add(outcome.Act);
            return true;
        }
        catch (RefusedDecisionException)
        {
            return false;
        }
    }

    // The worlds' events in one order, a world's own in any: older versions arrive after newer ones, too. Who decides has seen some records.
    static IEnumerable<Event> Events(Random random)
    {
        var events = new List<(double At, Event What)>();
        for (var world = 0; world < AtOnce; world++)
            for (var i = random.Next(6, MostEvents); i > 0; i--)
            {
                var decision = random.Next(12) == 0;
                int[] dice = [random.Next(7), random.Next(40), random.Next(40), random.Next(40), random.Next(40), random.Next(40), random.Next(40)];
                events.Add((decision ? 0.4 + (0.6 * random.NextDouble()) : random.NextDouble(), new Event(world, random.Next(Keys), i, decision, dice)));
            }
        return events.OrderBy(e => e.At).Select(e => e.What);
    }

    static async Task EqualsRebuildAsync(GoldenStore store, int seed)
    {
        var before = await StateAsync(store);
        var rebuilt = (await store.Rebuild.RunAsync(dryRun: false, learn: false, Stop))[0];
        var after = await StateAsync(store);
        var worlds = before.Except(after).Concat(after.Except(before)).Select(line => line[..line.IndexOf(' ')]).Distinct().ToList();
        if (worlds.FirstOrDefault() is { } world)
            Assert.Fail($"""
                seed {seed}, {worlds.Count} worlds differ; world {world}:
                {string.Join('\n', Events(new Random(seed)).Where(e => $"{e.World}" == world))}
                by changes:
                {string.Join('\n', before.Except(after).Where(l => l.StartsWith($"{world} ", StringComparison.Ordinal)))}
                by a rebuild:
                {string.Join('\n', after.Except(before).Where(l => l.StartsWith($"{world} ", StringComparison.Ordinal)))}
                """);
        Assert.Equal((0, 0), (rebuilt.Moved, rebuilt.Rewritten));
    }

    // Each line begins with the number of its world.
    static Task<List<string>> StateAsync(GoldenStore store) => store.TextsAsync(
        """
        select split_part(a.source_id, '-', 1) || ' edge ' || concat_ws(' ', a.source, a.source_id, b.source, b.source_id, e.bits, e.levels) from mdm.edge e join mdm.record a on a.id = e.one join mdm.record b on b.id = e.other
        union all
        select split_part(r.source_id, '-', 1) || ' keys ' || concat_ws(' ', r.source, r.source_id, (select string_agg(k.key::text, ',' order by k.key) from mdm.block_key k where k.record_id = r.id),
            (select string_agg(k.key, ',' order by k.key) from mdm.match_key k where k.record_id = r.id)) from mdm.record r
        union all
        select min(split_part(r.source_id, '-', 1)) || ' golden ' || string_agg(r.source || '/' || r.source_id, ' ' order by r.source, r.source_id) from mdm.record r where r.golden_id is not null group by r.golden_id
        union all
        select split_part(r.source_id, '-', 1) || ' question ' || concat_ws(' ', q.one, q.other, q.reason, q.bits, q.note, q.cost) from mdm.review q join mdm.record r on r.id = q.one
        order by 1
        """);

    async Task<GoldenStore> LearntAsync(int? likenessMib)
    {
        var rules = LikenessTests.Rules with { LargestBlock = 5 };
        var store = await GoldenStore.NewAsync(postgres, new MdmSettings { Sources = ["erp", "wms"], LearnFrom = 100, LikenessMib = likenessMib }.With(new Dictionary<string, MatchRules> { ["customer"] = rules }));
        await store.ResolveAsync(LikenessTests.Crowd(400));
        await store.Rebuild.RunAsync(dryRun: false, learn: true, Stop);
        await store.TextsAsync("update mdm.model set weights = jsonb_set(weights::jsonb, '{most_holders}', '[4,2,5,3]')::json, learnt_at = now()");
        return store;
    }

    // Letters that no rule knows: 26 to the power of three worlds.
    static string Word(int world) => string.Create(3, world, (letters, number) =>
    {
        for (var i = 0; i < letters.Length; i++, number /= 26) letters[i] = (char)('a' + (number % 26));
    });
}
