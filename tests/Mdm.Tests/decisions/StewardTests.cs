using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Decisions;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests.Decisions;

/// <summary>A steward's acts, against a real store.</summary>
public sealed class StewardTests(TestPostgres postgres)
{
    static readonly Author Ann = new("ann", "same house");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Steward Of(GoldenStore store) => new(store.Data, store.Settings, NullLogger.Instance);

    async Task<GoldenStore> ThreeAsync()
    {
        var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "Acme Ltd"), Customer("erp/2", 1, "Acme Limited"), Customer("wms/9", 1, "ACME Holding"));
        await store.TakeOutboxAsync();
        return store;
    }

    [Fact]
    public async Task Same_makes_two_records_one_and_undo_takes_it_back()
    {
        await using var store = await ThreeAsync();
        var said = await Of(store).SameAsync("customer", Key("erp/1"), Key("wms/9"), Ann, Stop);
        Assert.Equal([new Move(Key("wms/9"), "C00000003", "C00000001")], said.Moved);
        Assert.Equal(["C00000001", "C00000001"], said.Records.Select(r => r.GoldenId));
        Assert.Equal(["erp/1 wms/9", "erp/2"], await store.ClustersAsync("customer"));

        var undone = await Of(store).UndoAsync(said.Act, null, Ann, Stop);
        Assert.Equal(["erp/1", "erp/2", "wms/9"], await store.ClustersAsync("customer"));
        Assert.Equal(Key("wms/9"), Assert.Single(undone.Moved).Record);
        var history = await new DecisionHistory(store.Data).OfRecordAsync("customer", Key("wms/9"), null, 10, Stop);
        Assert.Equal([("undo", (long?)null), ("same", undone.Act)], history.Select(a => (a.Verb, a.UndoneBy)));
        Assert.Equal((IEnumerable<long>)[said.Act], history[0].TookBack);
        Assert.Equal("C00000003", history[1].Moved[0].From);

        // Undoing the undo brings it back; undoing that takes it away again.
        var again = await Of(store).UndoAsync(undone.Act, "customer", Ann, Stop);
        Assert.Equal(["erp/1 wms/9", "erp/2"], await store.ClustersAsync("customer"));
        await Of(store).UndoAsync(again.Act, "customer", Ann, Stop);
        Assert.Equal(["erp/1", "erp/2", "wms/9"], await store.ClustersAsync("customer"));
    }

    [Fact]
    public async Task What_was_said_already_is_not_said_twice()
    {
        await using var store = await ThreeAsync();
        var first = await Of(store).SameAsync("customer", Key("erp/1"), Key("wms/9"), Ann, Stop);
        var again = await Of(store).SameAsync("customer", Key("wms/9"), Key("erp/1"), Ann, Stop);
        Assert.Equal((first.Act, true, 0), (again.Act, again.Repeated, again.Moved.Count));
        var merged = await Of(store).MergeAsync("customer", "C00000001", "C00000002", Ann, Stop);
        var repeated = await Of(store).MergeAsync("customer", "C00000001", "C00000002", Ann, Stop);
        Assert.Equal((merged.Act, true), (repeated.Act, repeated.Repeated));
        Assert.Equal("2", Assert.Single(await store.TextsAsync("select count(*) from mdm.act")));
    }

    [Fact]
    public async Task Merge_holds_all_records_of_both_and_split_takes_some_out_of_the_rest()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "A", vat: "DE123456781"), Customer("wms/1", 1, "A", vat: "DE123456781"), Customer("erp/2", 1, "B", vat: "DE123456782"), Customer("wms/2", 1, "B", vat: "DE123456782"));
        var merged = await Of(store).MergeAsync("customer", "C00000001", "C00000002", Ann, Stop);
        Assert.Equal(["erp/2", "wms/2"], merged.Moved.Select(m => m.Record.ToString()));
        Assert.Equal(["erp/1 erp/2 wms/1 wms/2"], await store.ClustersAsync("customer"));

        // A merge holds the records, not the keys by which they stood together.
        await store.ResolveAsync(Customer("wms/1", 2, "A"));
        Assert.Equal(["erp/1 erp/2 wms/1 wms/2"], await store.ClustersAsync("customer"));

        var refused = await Assert.ThrowsAsync<RefusedDecisionException>(() => Of(store).SplitAsync("customer", "C00000002", [Key("wms/2")], Ann, Stop));
        Assert.Equal(Refusal.Contradiction, refused.Why);
        Assert.Contains($"act {merged.Act} (merge by ann", refused.Message, StringComparison.Ordinal);
        await Of(store).UndoAsync(merged.Act, null, Ann, Stop);

        var golden = (await store.GoldenOfAsync("customer", "wms/2"))!;
        var split = await Of(store).SplitAsync("customer", golden, [Key("wms/2")], new Author("bob", "sold"), Stop);
        Assert.Equal(["erp/1", "erp/2", "wms/1", "wms/2"], await store.ClustersAsync("customer"));
        Assert.Equal(golden, Assert.Single(split.Moved).From);
        var view = (await new DecisionHistory(store.Data).ReadAsync(split.Act, Stop))!;
        Assert.Equal(("split", "bob", "sold", 1L), (view.Verb, view.By, view.Why, view.PairCount));
    }

    [Fact]
    public async Task Contradictions_name_the_acts_in_the_way_and_nothing_is_written()
    {
        await using var store = await ThreeAsync();
        var one = await Of(store).SameAsync("customer", Key("erp/1"), Key("erp/2"), Ann, Stop);
        var two = await Of(store).SameAsync("customer", Key("erp/2"), Key("wms/9"), new Author("bob", ""), Stop);
        var refused = await Assert.ThrowsAsync<RefusedDecisionException>(() => Of(store).DistinctAsync("customer", Key("erp/1"), Key("wms/9"), Ann, Stop));
        Assert.Equal(Refusal.Contradiction, refused.Why);
        Assert.Contains($"act {one.Act} (same by ann, ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("\"same house\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"act {two.Act} (same by bob, ", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"Undo act {one.Act} or {two.Act} first (cdcsync mdm undo {two.Act} --why TEXT)", refused.Message, StringComparison.Ordinal);
        Assert.Equal("2", Assert.Single(await store.TextsAsync("select count(*) from mdm.act")));

        // One taken back, it can be said; and then the undo cannot be undone.
        var undo = await Of(store).UndoAsync(two.Act, null, Ann, Stop);
        var apart = await Of(store).DistinctAsync("customer", Key("erp/1"), Key("wms/9"), Ann, Stop);
        refused = await Assert.ThrowsAsync<RefusedDecisionException>(() => Of(store).UndoAsync(undo.Act, null, Ann, Stop));
        Assert.Contains($"act {apart.Act} (distinct by ann", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["erp/1 erp/2", "wms/9"], await store.ClustersAsync("customer"));
        var nine = (await store.GoldenOfAsync("customer", "wms/9"))!;
        refused = await Assert.ThrowsAsync<RefusedDecisionException>(() => Of(store).MergeAsync("customer", "C00000001", nine, Ann, Stop));
        Assert.Contains($"act {apart.Act} (distinct", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("erp/1", "erp/1", "named twice", Refusal.Wrong)]
    [InlineData("erp/1", "erp/77", "there is no customer erp/77", Refusal.Missing)]
    [InlineData("erp/1", "erp/5", "erp/5 is no customer: there is one of kind item", Refusal.Missing)]
    [InlineData("wms/8", "erp/1", "customer wms/8 is gone from its source", Refusal.Missing)]
    public async Task Records_that_cannot_be_decided_of_are_said(string one, string other, string says, Refusal why)
    {
        await using var store = await ThreeAsync();
        await store.ResolveAsync(Item("erp/5", 1, "A1"), Customer("wms/8", 1, "X"), Gone<Customer>("wms/8", 2));
        var refused = await Assert.ThrowsAsync<RefusedDecisionException>(() => Of(store).SameAsync("customer", Key(one), Key(other), Ann, Stop));
        Assert.Equal(why, refused.Why);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Golden_records_that_cannot_be_decided_of_are_said()
    {
        await using var store = await ThreeAsync();
        await store.ResolveAsync(Item("erp/5", 1, "A1"));
        async Task SaysAsync(string message, Refusal why, Func<Task> act)
        {
            var refused = await Assert.ThrowsAsync<RefusedDecisionException>(act);
            Assert.Equal(why, refused.Why);
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        }
        await SaysAsync("'17' is no golden id", Refusal.Wrong, () => Of(store).MergeAsync("customer", "17", "C00000001", Ann, Stop));
        await SaysAsync("I00000004 is a golden item, not a customer", Refusal.Wrong, () => Of(store).MergeAsync("customer", "I00000004", "C00000001", Ann, Stop));
        await SaysAsync("there is no golden customer C00000099", Refusal.Missing, () => Of(store).MergeAsync("customer", "C00000099", "C00000001", Ann, Stop));
        await SaysAsync("C00000001 is named twice", Refusal.Wrong, () => Of(store).MergeAsync("customer", "C00000001", "C00000001", Ann, Stop));
        await SaysAsync("these are all records of C00000001", Refusal.Wrong, () => Of(store).SplitAsync("customer", "C00000001", [Key("erp/1")], Ann, Stop));
        await SaysAsync("erp/2 is not in C00000001", Refusal.Missing, () => Of(store).SplitAsync("customer", "C00000001", [Key("erp/2")], Ann, Stop));
        await SaysAsync("no record is named", Refusal.Wrong, () => Of(store).SplitAsync("customer", "C00000001", [], Ann, Stop));
        await SaysAsync("there are no golden records of 'custommer'", Refusal.Wrong, () => Of(store).MergeAsync("custommer", "C00000001", "C00000002", Ann, Stop));
        await SaysAsync("there is no act 17", Refusal.Missing, () => Of(store).UndoAsync(17, null, Ann, Stop));
        await SaysAsync("nobody is named", Refusal.Wrong, () => Of(store).MergeAsync("customer", "C00000001", "C00000002", new Author(" ", ""), Stop));
    }

    [Fact]
    public async Task A_golden_id_that_leads_to_another_is_followed_and_a_split_too_large_is_said()
    {
        await using var store = await GoldenStore.NewAsync(postgres, new MdmSettings { MostPerKey = 200 });
        await store.ResolveAsync(Enumerable.Range(100, 101).Select(i => Customer($"erp/{i}", 1, "A", vat: "DE123456781")).Append(Customer("wms/1", 1, "B")));
        var refused = await Assert.ThrowsAsync<RefusedDecisionException>(() => Of(store).SplitAsync("customer", "C00000001", [.. Enumerable.Range(100, 50).Select(i => Key($"erp/{i}"))], Ann, Stop));
        Assert.Equal(Refusal.TooLarge, refused.Why);
        Assert.Contains("50 against 51 are 2550 pairs", refused.Message, StringComparison.Ordinal);
        await store.ResolveAsync(Customer("wms/1", 2, "B", vat: "DE123456781"));
        var split = await Of(store).SplitAsync("customer", "C00000002", [Key("wms/1")], Ann, Stop);
        Assert.Equal(("C00000001", "C00000003"), (Assert.Single(split.Moved).From, split.Moved[0].To));
    }

    [Fact]
    public async Task What_is_split_stays_together_on_either_side_of_the_key_that_all_share()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Enumerable.Range(1, 6).Select(i => Customer($"erp/{i}", 1, "A", vat: "DE123456781")));
        await Of(store).SplitAsync("customer", "C00000001", [Key("erp/1"), Key("erp/2")], Ann, Stop);
        Assert.Equal(["erp/1 erp/2", "erp/3 erp/4 erp/5 erp/6"], await store.ClustersAsync("customer"));
        await Of(store).SplitAsync("customer", (await store.GoldenOfAsync("customer", "erp/6"))!, [Key("erp/6")], Ann, Stop);
        Assert.Equal(["erp/1 erp/2", "erp/3 erp/4 erp/5", "erp/6"], await store.ClustersAsync("customer"));
        // One more with the key could be any of them.
        await store.ResolveAsync(Customer("wms/7", 1, "A", vat: "DE123456781"));
        Assert.Equal(["erp/1 erp/2", "erp/3 erp/4 erp/5", "erp/6", "wms/7"], await store.ClustersAsync("customer"));
        Assert.Equal((0, 0), (await store.Rebuild.RunAsync(dryRun: true, learn: false, Stop))[0] is var report ? (report.Moved, report.Rewritten) : default);
    }

    [Fact]
    public async Task A_rebuild_replays_what_was_decided()
    {
        await using var store = await ThreeAsync();
        await Of(store).SameAsync("customer", Key("erp/1"), Key("wms/9"), Ann, Stop);
        await store.ResolveAsync(Customer("erp/3", 1, "Nord", vat: "DE123456789"), Customer("wms/3", 1, "Nord", vat: "DE123456789"));
        await Of(store).DistinctAsync("customer", Key("erp/3"), Key("wms/3"), Ann, Stop);
        var clusters = await store.ClustersAsync("customer");
        Assert.Equal(["erp/1 wms/9", "erp/2", "erp/3", "wms/3"], clusters);
        // Even when all of it is made anew.
        await store.TextsAsync("update mdm.record set golden_id = null");
        await store.TextsAsync("truncate mdm.golden, mdm.redirect");
        await store.Rebuild.RunAsync(dryRun: false, learn: false, Stop);
        Assert.Equal(clusters, await store.ClustersAsync("customer"));
    }

    [Fact]
    public async Task A_pinned_value_holds_over_the_sources_until_it_ends_and_the_newest_pin_wins()
    {
        await using var store = await ThreeAsync();
        async Task<string?> NameAsync() => ((Customer)(await store.Directory.ReadAsync("C00000001", Stop))!.Object).TradingName;
        await Of(store).SameAsync("customer", Key("erp/1"), Key("wms/9"), Ann, Stop);
        await store.TakeOutboxAsync();
        var first = await Of(store).PinAsync("customer", "C00000003", "trading_name", "\"Acme\"", null, Ann, Stop);
        Assert.Equal("Acme", await NameAsync());
        Assert.Equal(["golden.customer golden/C00000001"], await store.TakeOutboxAsync());
        await store.ResolveAsync(Customer("wms/9", 2, "Other"));
        Assert.Equal("Acme", await NameAsync());
        var second = await Of(store).PinAsync("customer", "wms/9", "trading_name", "\"Zenith\"", DateTimeOffset.UtcNow.AddDays(1), Ann, Stop);
        Assert.Equal("Zenith", await NameAsync());
        Assert.Equal(0, await Of(store).EndPinsAsync(Stop));
        // A rebuild has the pins, too.
        Assert.Equal((0, 0), (await store.Rebuild.RunAsync(dryRun: true, learn: false, Stop))[0] is var report ? (report.Moved, report.Rewritten) : default);

        await store.TextsAsync($"update mdm.pin set until = now() - interval '1 s' where act_id = {second.Act}");
        Assert.Equal(1, await Of(store).EndPinsAsync(Stop));
        Assert.Equal("Acme", await NameAsync());
        var history = await new DecisionHistory(store.Data).OfGoldenAsync("customer", "C00000001", null, 10, Stop);
        Assert.Equal([("undo", "cdcsync"), ("pin", "ann"), ("pin", "ann"), ("same", "ann")], history!.Select(a => (a.Verb, a.By)));
        Assert.Equal("Zenith", System.Text.Json.JsonSerializer.Deserialize<string>(history![1].Pin!.Value));
        var unpinned = await Of(store).UnpinAsync("customer", "C00000001", "trading_name", Ann, Stop);
        Assert.Null(await NameAsync());
        await Of(store).UndoAsync(unpinned.Act, null, Ann, Stop);
        Assert.Equal("Acme", await NameAsync());
        await Of(store).UndoAsync(first.Act, null, Ann, Stop);
        Assert.Null(await NameAsync());
        foreach (var (attribute, value) in new[] { ("trading_nam", "\"x\""), ("trading_name", "5"), ("trading_name", "{"), ("source", "\"x\""), ("credit_limit", "\"much\"") })
            Assert.Equal(Refusal.Wrong, (await Assert.ThrowsAsync<RefusedDecisionException>(() => Of(store).PinAsync("customer", "erp/1", attribute, value, null, Ann, Stop))).Why);
        Assert.Equal(Refusal.Wrong, (await Assert.ThrowsAsync<RefusedDecisionException>(() => Of(store).PinAsync("customer", "erp/1", "name", "\"A\"", DateTimeOffset.UtcNow.AddDays(-1), Ann, Stop))).Why);
    }

    [Fact]
    public async Task A_record_that_comes_back_is_as_it_was_decided()
    {
        await using var store = await ThreeAsync();
        await Of(store).SameAsync("customer", Key("erp/1"), Key("wms/9"), Ann, Stop);
        await store.ResolveAsync(Gone<Customer>("wms/9", 2));
        Assert.Equal(["erp/1", "erp/2"], await store.ClustersAsync("customer"));
        await store.ResolveAsync(Customer("wms/9", 3, "Somebody else"));
        Assert.Equal(["erp/1 wms/9", "erp/2"], await store.ClustersAsync("customer"));
    }

    [Fact]
    public async Task Records_are_found_by_what_people_know_of_them()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/17", 1, "O'Neill & Sons (Leeds)", vat: "GB 123-4567-81"), Customer("wms/18", 1, "Sonderbau"), Customer("erp/a|b", 1, "Sons"), Gone<Customer>("erp/99", 1));
        async Task<IEnumerable<string>> FindAsync(string text) => (await new GoldenSearch(store.Data).FindAsync("customer", text, 10, Stop)).Select(h => h.Key.ToString());
        Assert.Equal(["erp/17", "erp/a|b", "wms/18"], (await FindAsync("SON")).Order());
        Assert.Equal("erp/a|b", (await FindAsync("sons")).First());
        Assert.Equal(["erp/17"], await FindAsync("neill O'"));
        Assert.Equal(["erp/17"], await FindAsync("4567"));
        Assert.Equal(["wms/18"], await FindAsync("wms/18"));
        Assert.Equal(["erp/17"], await FindAsync("17"));
        Assert.Equal(["erp/17"], await FindAsync("C00000001"));
        foreach (var nothing in new[] { "", "&|!():*", "'", "erp/99", "C99", "\0", "zzz" }) Assert.Empty(await FindAsync(nothing));
    }
}
