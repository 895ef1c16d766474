using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Reviewing;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests.Decisions;

/// <summary>The questions to stewards: what is asked, in which order, by whom.</summary>
public sealed class ReviewTests(TestPostgres postgres)
{
    static readonly CanonicalKind Customers = CanonicalCatalog.Find("customer")!;
    static readonly Cause Cause = new(DateTimeOffset.UnixEpoch, "test");
    static readonly Author Ann = new("ann", "");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    // Records 1 to 6: the credit limit of the fourth is the dearest, the fifth is not active.
    async Task<GoldenStore> SixAsync()
    {
        var store = await GoldenStore.NewAsync(postgres);
        decimal?[] credits = [null, 1000, null, 50_000, null, null];
        await store.ResolveAsync(credits.Select((credit, i) => Record($"erp/{i + 1}", 1, new Customer { Name = $"N{i + 1}", CreditLimit = credit, Status = i == 4 ? "inactive" : "active" })));
        await store.TakeOutboxAsync();
        return store;
    }

    static async Task<int> AskAsync(GoldenStore store, long[] records, params ReviewEntry[] entries)
    {
        await using var connection = await store.Data.OpenConnectionAsync(Stop);
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        var changed = await new ReviewTable(store.Settings.Review).ReplaceAsync(connection, Customers, records, records, entries, Cause, Stop);
        await transaction.CommitAsync(Stop);
        return changed;
    }

    static Task<IReadOnlyList<ReviewQuestion>> ListAsync(GoldenStore store) => new ReviewQueue(store.Data).ListAsync("customer", default, 0, 100, Stop);

    static async Task<IEnumerable<string>> PairsAsync(GoldenStore store) => (await ListAsync(store)).Select(q => $"{q.One.Key.Id}-{q.Other?.Key.Id}");

    static ReviewEntry Doubt(long one, long other, float bits = 0) => new(one, other, ReviewReason.Doubt, bits);

    [Fact]
    public async Task What_costs_most_and_is_least_sure_comes_first()
    {
        await using var store = await SixAsync();
        await AskAsync(store, [1, 2, 3, 4, 5, 6], Doubt(1, 3, 4), Doubt(1, 6), Doubt(3, 4, -1), Doubt(1, 5), Doubt(2, 4, 3), new ReviewEntry(2, 3, ReviewReason.Refused, 20, "vat"), new ReviewEntry(4, null, ReviewReason.Conflict, null, "credit_limit"));
        var asked = await ListAsync(store);
        // 4: 1 + 4 + 50; 3-4: (5 + 55) at 2/3; 2-4: (6 + 55) at 2/9; 2-3: 6 + 5; 1-6: 5 + 5; 1-5: 5 + 1; 1-3: 10 at 2/17.
        Assert.Equal(["4-", "3-4", "2-4", "2-3", "1-6", "1-5", "1-3"], asked.Select(q => $"{q.One.Key.Id}-{q.Other?.Key.Id}"));
        Assert.Equal((55m, 60m, 40d), (asked[0].Cost, asked[1].Cost, Math.Round(asked[1].Worth, 6)));
        Assert.Equal((0.333333m, "vat", "N2", "C00000002"), (asked[1].Probability!.Value, asked[3].Note, asked[3].One.Name, asked[3].One.GoldenId));
    }

    [Fact]
    public async Task Open_orders_and_traffic_make_a_question_dearer_and_its_cost_follows_them()
    {
        await using var store = await SixAsync();
        await AskAsync(store, [1, 2, 3, 5, 6], Doubt(1, 3), Doubt(2, 5), Doubt(3, 6));
        Assert.Equal(["2-5 7", "1-3 10", "3-6 10"], (await CostsAsync()).OrderBy(c => c.Length).ThenBy(c => c, StringComparer.Ordinal));
        await store.TakeOutboxAsync();

        await store.ResolveAsync(Order("erp/100", 1, "2", "confirmed"), Order("erp/101", 1, "5", "held"), Order("erp/102", 1, "2", "shipped"), Order("wms/100", 1, "2", "confirmed"), Order("erp/103", 1, "\0", "confirmed"));
        Assert.Contains("2-5 11", await CostsAsync());
        Assert.Equal(["review.customer review/2"], await store.TakeOutboxAsync());
        await store.ResolveAsync(Order("erp/100", 2, "2", "partially_shipped"), Order("erp/104", 1, "2", "confirmed"), Order("erp/104", 2, "3", "confirmed"));
        Assert.Equal(["1-3 12", "2-5 11", "3-6 12"], (await CostsAsync()).Order());
        await store.ResolveAsync(Order("erp/100", 3, "2", "closed"), Gone<SalesOrder>("erp/101", 2), Order("erp/104", 3, "3", "cancelled"));
        Assert.Equal(["1-3 10", "2-5 7", "3-6 10"], (await CostsAsync()).Order());
        // What cannot be an id is left out, and its order's items are not.
        Assert.Equal(["103 A"], await store.TextsAsync("select order_id || ' ' || source_id from mdm.open_order where source = 'erp'"));

        // The first record once more, unchanged; its score is not asked for, so that its question goes when it is resolved.
        await store.ResolveAsync(Record("erp/1", 2, new Customer { Name = "N1", Status = "active" }));
        await AskAsync(store, [1, 3], Doubt(1, 3), Doubt(3, 6));
        Assert.Contains("1-3 10.01", await CostsAsync());

        async Task<IEnumerable<string>> CostsAsync() => (await ListAsync(store)).Select(q => FormattableString.Invariant($"{q.One.Key.Id}-{q.Other?.Key.Id} {q.Cost / 1.000000m:0.##}"));

        static CanonicalRecord Order(string key, int version, string customer, string status) => Record(key, version, new SalesOrder { CustomerId = customer, Status = status, Lines = [new Line { LineId = "1", ItemId = "A" }, new Line { LineId = "2", ItemId = "A" }] });
    }

    [Fact]
    public async Task A_neighbourhood_s_questions_are_brought_to_what_is_found_and_posted()
    {
        await using var store = await SixAsync();
        Assert.Equal(2, await AskAsync(store, [1, 2, 3], Doubt(1, 2), Doubt(2, 3)));
        Assert.Equal(1, await AskAsync(store, [5, 6], Doubt(5, 6)));
        Assert.Equal(["review.customer review/1", "review.customer review/2", "review.customer review/3"], await store.TakeOutboxAsync());
        var claimed = await new ReviewQueue(store.Data).ClaimAsync("customer", 1, "ann", TimeSpan.FromMinutes(5), Stop);
        Assert.Equal("2", Assert.Single(claimed).Other!.Key.Id);

        // The same again is no change; a new score keeps number, age and claim; what is not found goes; others' neighbourhoods stay.
        Assert.Equal(0, await AskAsync(store, [1, 2, 3], Doubt(1, 2), Doubt(2, 3)));
        Assert.Equal(2, await AskAsync(store, [1, 2, 3], Doubt(1, 2, 1)));
        Assert.Equal(["review.customer review/1", "review.customer review/2 gone"], (await store.TakeOutboxAsync()).Order());
        var first = (await ListAsync(store))[0];
        Assert.Equal((1L, "ann", claimed[0].Since), (first.Number, first.ClaimedBy, first.Since));
        Assert.Equal(2, (await ListAsync(store)).Count);
        Assert.Equal(1, await AskAsync(store, [6]));
        Assert.Equal(1, await AskAsync(store, [1]));
        Assert.Empty(await ListAsync(store));
    }

    [Fact]
    public async Task What_was_answered_is_not_asked_again()
    {
        await using var store = await SixAsync();
        ReviewEntry[] doubts = [Doubt(1, 2), Doubt(2, 3), Doubt(3, 4), Doubt(2, 4)];
        await AskAsync(store, [1, 2, 3, 4], doubts);
        var steward = new Steward(store.Data, store.Settings, NullLogger.Instance);
        await store.TakeOutboxAsync();
        await steward.SameAsync("customer", Key("erp/1"), Key("erp/2"), Ann, Stop);
        Assert.Contains("review.customer review/1 gone", await store.TakeOutboxAsync());
        await AskAsync(store, [1, 2, 3, 4], doubts);
        Assert.Equal(["2-4", "3-4", "2-3"], await PairsAsync(store));
        // 1 and 3 are two, so 2, which is 1, and 3 are two as well.
        var apart = await steward.DistinctAsync("customer", Key("erp/1"), Key("erp/3"), Ann, Stop);
        await AskAsync(store, [1, 2, 3, 4], doubts);
        Assert.Equal(["2-4", "3-4"], await PairsAsync(store));
        Assert.Equal(0, await AskAsync(store, [2, 3], Doubt(2, 4), Doubt(3, 4), Doubt(2, 3)));
        await steward.UndoAsync(apart.Act, null, Ann, Stop);
        Assert.Equal(3, await AskAsync(store, [2, 3], Doubt(2, 4), Doubt(3, 4), Doubt(2, 3)));
    }

    [Fact]
    public async Task Records_with_odd_values_are_asked_about_and_found_too()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        var lone = "\ud800";
        await store.ResolveAsync(Record("erp/1", 1, new Customer { Name = $"O\0dd {lone} Häuser {new string('x', 2_000_000)}", Number = "\0", CreditLimit = 99_999_999_999_999_999m }), Customer("erp/2", 1, "Odd"));
        await AskAsync(store, [1, 2], Doubt(1, 2), new ReviewEntry(1, null, ReviewReason.Conflict, null, "credit_limit"));
        Assert.Equal(2, (await ListAsync(store)).Count);
        Assert.Equal("erp/1", Assert.Single(await new GoldenSearch(store.Data).FindAsync("customer", "HAUSER", 10, Stop)).Key.ToString());
        Assert.Empty(await new GoldenSearch(store.Data).FindAsync("customer", $"\0 {lone} '", 10, Stop));
        Assert.Equal("erp/2", Assert.Single(await new GoldenSearch(store.Data).FindAsync("customer", $"odd {lone}", 10, Stop)).Key.ToString());
    }

    [Fact]
    public async Task Stewards_who_claim_at_once_never_get_the_same_question()
    {
        await using var store = await SixAsync();
        await AskAsync(store, [1, 2, 3, 4, 5, 6], [.. from one in Enumerable.Range(1, 5) from other in Enumerable.Range(one + 1, 6 - one) select Doubt(one, other)]);
        var queue = new ReviewQueue(store.Data);
        var got = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => queue.ClaimAsync("customer", 3, $"s{i}", TimeSpan.FromMinutes(1), Stop)));
        Assert.All(got.SelectMany(g => g).GroupBy(q => q.Number), g => Assert.Single(g));
        Assert.Equal(15, got.Sum(g => g.Count));
        Assert.Empty(await queue.ClaimAsync("customer", 3, "late", TimeSpan.FromMinutes(1), Stop));
    }

    [Fact]
    public async Task Two_golden_records_of_many_records_are_one_question()
    {
        await using var store = await SixAsync();
        var steward = new Steward(store.Data, store.Settings, NullLogger.Instance);
        await steward.SameAsync("customer", Key("erp/1"), Key("erp/2"), Ann, Stop);
        await steward.SameAsync("customer", Key("erp/3"), Key("erp/6"), Ann, Stop);
        var conflict = new ReviewEntry(1, null, ReviewReason.Conflict, null, "credit_limit");
        await AskAsync(store, [1, 2, 3, 5, 6], Doubt(1, 3, 2), Doubt(2, 3, 1), new ReviewEntry(2, 6, ReviewReason.Refused, 20), Doubt(1, 5), Doubt(2, 5), conflict);
        // 2-6 costs 11; 2-5 (6 + 1) more than 1-5 (5 + 1); a conflict is no pair.
        Assert.Equal(["2-6", "2-5", "1-"], await PairsAsync(store));
        var queue = new ReviewQueue(store.Data);
        var got = await queue.ClaimAsync("customer", 9, "ann", TimeSpan.FromMinutes(1), Stop);
        Assert.Equal(3, got.Count);
        Assert.Empty(await queue.ClaimAsync("customer", 9, "bob", TimeSpan.FromMinutes(1), Stop));

        // What somebody has stays the question, though another has become the dearer one.
        await AskAsync(store, [1, 2, 3, 5, 6], Doubt(1, 3, 2), Doubt(2, 3, 0), Doubt(1, 5), Doubt(2, 5, 7), conflict, new ReviewEntry(2, 6, ReviewReason.Refused, 20), new ReviewEntry(2, 3, ReviewReason.Refused, 9));
        Assert.Equal(["2-3", "2-6"], (await store.TextsAsync("select one || '-' || other from mdm.review where reason = 'refused'")).Order());
        Assert.Empty(await queue.ClaimAsync("customer", 9, "bob", TimeSpan.FromMinutes(1), Stop));
        Assert.Equal(3, (await queue.ListAsync("customer", new ReviewFilter(ClaimedBy: "ann"), 0, 10, Stop)).Count);

        await steward.DistinctAsync("customer", Key("erp/2"), Key("erp/6"), Ann, Stop);
        await steward.SameAsync("customer", Key("erp/2"), Key("erp/5"), Ann, Stop);
        Assert.Empty(await PairsAsync(store));
    }

    [Fact]
    public async Task Nobody_waits_for_a_question_that_somebody_is_claiming()
    {
        await using var store = await SixAsync();
        await AskAsync(store, [1, 2, 3], Doubt(1, 2), Doubt(2, 3), Doubt(1, 3));
        await using var connection = await store.Data.OpenConnectionAsync(Stop);
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        await connection.ExecuteAsync("update mdm.review set claimed_by = 'ann', claimed_until = now() + interval '1 h' where id = 1", Stop);
        var got = await new ReviewQueue(store.Data).ClaimAsync("customer", 9, "bob", TimeSpan.FromMinutes(1), Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop);
        Assert.Equal([2L, 3L], got.Select(q => q.Number).Order());
    }

    [Fact]
    public async Task A_claim_is_kept_given_back_and_lapses()
    {
        await using var store = await SixAsync();
        await AskAsync(store, [1, 2, 3], Doubt(1, 2), Doubt(2, 3), Doubt(1, 3));
        var queue = new ReviewQueue(store.Data);
        var mine = await queue.ClaimAsync("customer", 2, "ann", TimeSpan.FromMinutes(1), Stop);
        Assert.Equal(2, await queue.RenewAsync("customer", [], "ann", TimeSpan.FromHours(1), Stop));
        Assert.Equal(0, await queue.RenewAsync("customer", [mine[0].Number], "bob", TimeSpan.FromHours(1), Stop));
        Assert.Equal(0, await queue.ReleaseAsync("customer", [mine[0].Number], "bob", Stop));
        Assert.Equal(2, (await queue.ListAsync("customer", new ReviewFilter(ClaimedBy: "ann"), 0, 10, Stop)).Count);
        Assert.Single(await queue.ListAsync("customer", new ReviewFilter(OnlyFree: true), 0, 10, Stop));
        Assert.Equal(1, await queue.ReleaseAsync("customer", [mine[0].Number], "ann", Stop));
        await store.TextsAsync("update mdm.review set claimed_until = now() - interval '1 s' where claimed_by = 'ann'");
        Assert.Equal(0, await queue.RenewAsync("customer", [], "ann", TimeSpan.FromHours(1), Stop));
        Assert.Equal(3, (await queue.ClaimAsync("customer", 9, "bob", TimeSpan.FromMinutes(1), Stop)).Count);
        Assert.Equal(("customer", ReviewReason.Doubt, 3L, 3L), (await queue.CountAsync(Stop))[0] is var count ? (count.Kind, count.Reason, count.Open, count.Claimed) : default);
    }
}
