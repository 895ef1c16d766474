using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Decisions;
using CdcSync.Servers;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests.Decisions;

/// <summary>Whatever stewards do in whatever order, decisions in force agree with each other and with the golden records, and undo is the way back.</summary>
public sealed class StewardLawsTests(TestPostgres postgres)
{
    const int Records = 7;
    static readonly Author Ann = new("ann", "w");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Something a steward tries: of two records, of the golden records they are in, or of an act done before.</summary>
    sealed record Deed(int Verb, int One, int Other)
    {
        public override string ToString() => $"{(Verb switch { 0 or 1 => "same", 2 or 3 => "distinct", 4 => "merge", 5 => "split", _ => "undo" })} {One} {Other}";
    }

    sealed record Day(int[] Vats, Deed[] Deeds)
    {
        public override string ToString() => $"{string.Join(' ', Vats)}: {string.Join(", ", Deeds.AsEnumerable())}";
    }

    [Fact]
    public async Task Decisions_agree_hold_and_are_undone()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll(Days().ToArbitrary(), day => HoldsAsync(store, day))), Stop);
    }

    static async Task HoldsAsync(GoldenStore store, Day day)
    {
        await store.TextsAsync("truncate mdm.record, mdm.match_key, mdm.golden, mdm.redirect, mdm.outbox, mdm.act, mdm.decided_pair, mdm.pin, mdm.moved, mdm.review cascade");
        await store.ResolveAsync(day.Vats.Select((vat, i) => Customer(Name(i), i + 1, $"N{i}", vat: vat < 0 ? null : $"DE12345678{vat}")));
        var untouched = await store.ClustersAsync("customer");
        var steward = new Steward(store.Data, store.Settings, NullLogger.Instance);
        var acts = new List<long>();
        foreach (var deed in day.Deeds)
        {
            var before = await InForceAsync(store);
            var (outcome, refused) = await TryAsync(store, steward, deed, acts);
            var after = await InForceAsync(store);
            Assert.True(Agree(after), "decisions in force contradict each other");
            if (outcome is null or { Repeated: true }) Assert.Equal(before, after);
            if (deed.Verb < 4) Assert.Equal(refused == Refusal.Contradiction, deed.One != deed.Other && !Agree([.. before, $"{Name(deed.One)} {(deed.Verb < 2 ? '=' : '#')} {Name(deed.Other)}"]));
            if (outcome is not { Repeated: false }) continue;
            acts.Add(outcome.Act);
            await AreHeldAsync(store, after);
            var (undone, _) = (await steward.UndoAsync(outcome.Act, null, Ann, Stop), Stop);
            Assert.Equal(before, await InForceAsync(store));
            await steward.UndoAsync(undone.Act, "customer", Ann, Stop);
            Assert.Equal(after, await InForceAsync(store));
        }
        Assert.Equal((0, 0), (await store.Rebuild.RunAsync(dryRun: true, learn: false, Stop))[0] is var report ? (report.Moved, report.Rewritten) : default);
        // What one undoes last to first leaves nothing.
        foreach (var act in (await store.TextsAsync("select id from mdm.act a where undone_by is null and exists (select from mdm.decided_pair p where p.act_id = a.id) order by id desc")).Select(long.Parse))
            await steward.UndoAsync(act, null, Ann, Stop);
        Assert.Equal(untouched, await store.ClustersAsync("customer"));
    }

    static async Task<(ActOutcome? Outcome, Refusal? Refused)> TryAsync(GoldenStore store, Steward steward, Deed deed, List<long> acts)
    {
        async Task<string> GoldenAsync(int record) => (await store.GoldenOfAsync("customer", Name(record)))!;
        try
        {
            return (deed.Verb switch
            {
                0 or 1 => await steward.SameAsync("customer", Key(Name(deed.One)), Key(Name(deed.Other)), Ann, Stop),
                2 or 3 => await steward.DistinctAsync("customer", Key(Name(deed.One)), Key(Name(deed.Other)), Ann, Stop),
                4 => await steward.MergeAsync("customer", await GoldenAsync(deed.One), await GoldenAsync(deed.Other), Ann, Stop),
                5 => await steward.SplitAsync("customer", await GoldenAsync(deed.One), [Key(Name(deed.One))], Ann, Stop),
                _ => await steward.UndoAsync(acts.Count == 0 ? 0 : acts[((deed.One * Records) + deed.Other) % acts.Count], null, Ann, Stop),
            }, null);
        }
        catch (RefusedDecisionException refused)
        {
            return (null, refused.Why);
        }
    }

    // Every pair in force is seen in the golden records.
    static async Task AreHeldAsync(GoldenStore store, IReadOnlyList<string> pairs)
    {
        foreach (var pair in pairs.Select(p => p.Split(' ')))
            Assert.Equal(pair[1] == "=", await store.GoldenOfAsync("customer", pair[0]) == await store.GoldenOfAsync("customer", pair[2]));
    }

    static async Task<IReadOnlyList<string>> InForceAsync(GoldenStore store) => [.. (await store.TextsAsync(
        """
        select distinct least(p.source || '/' || p.source_id, p.other_source || '/' || p.other_id) || case when same then ' = ' else ' # ' end || greatest(p.source || '/' || p.source_id, p.other_source || '/' || p.other_id)
        from mdm.decided_pair p join mdm.act a on a.id = p.act_id where a.undone_by is null
        """)).Order(StringComparer.Ordinal)];

    static bool Agree(IReadOnlyList<string> pairs)
    {
        var group = Enumerable.Range(0, Records).ToDictionary(Name, i => i);
        var split = pairs.Select(p => p.Split(' ')).ToList();
        foreach (var pair in split.Where(p => p[1] == "="))
        {
            var (stays, goes) = (group[pair[0]], group[pair[2]]);
            foreach (var name in group.Keys.Where(n => group[n] == goes).ToList()) group[name] = stays;
        }
        return split.TrueForAll(p => p[1] == "=" || group[p[0]] != group[p[2]]);
    }

    static string Name(int record) => $"{(record % 2 == 0 ? "erp" : "wms")}/{record}";

    static Gen<Day> Days()
    {
        var deed = from verb in Gen.Choose(0, 7)
                   from one in Gen.Choose(0, Records - 1)
                   from other in Gen.Choose(0, Records - 1)
                   select new Deed(verb, one, other);
        return from vats in Gen.Choose(-1, 1).ArrayOf(Records)
               from deeds in deed.ArrayOf(8)
               select new Day(vats, deeds);
    }
}
