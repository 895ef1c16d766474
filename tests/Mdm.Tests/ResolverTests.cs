using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Servers;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests;

public sealed class ResolverTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_systems_records_of_one_customer_become_one()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("wms/7", 1, "MUELLER + SOEHNE GMBH", vat: "DE 123.456.789"));
        await store.ResolveAsync(Customer("erp/1", 2, "Müller & Söhne GmbH", vat: "de123456789", email: "info@mueller.example.com"));

        var id = await store.GoldenOfAsync("customer", "erp/1");
        Assert.Equal(id, await store.GoldenOfAsync("customer", "wms/7"));
        var golden = Assert.Single(await store.Directory.MergedAsync("customer", 10, Stop));
        Assert.Equal(id, golden.Id);
        Assert.Equal(["Müller & Söhne GmbH", "MUELLER + SOEHNE GMBH"], golden.Members.Select(m => m.Name));
        Assert.Equal("Müller & Söhne GmbH", ((Customer)golden.Object).Name);
        Assert.Equal(("golden", id), (golden.Object.Source, golden.Object.SourceId));
        Assert.Equal([$"golden.customer golden/{id}", $"xref.customer wms/7 -> {id}", $"golden.customer golden/{id}", $"xref.customer erp/1 -> {id}"], await store.TakeOutboxAsync());
    }

    [Fact]
    public async Task Nothing_is_said_twice_about_what_did_not_change()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "Acme", vat: "DE123456789"), Customer("wms/1", 1, "Acme Inc", vat: "DE123456789"));
        await store.TakeOutboxAsync();
        await store.ResolveAsync(Customer("wms/1", 2, "ACME INC.", vat: "DE123456789"));
        Assert.Empty(await store.TakeOutboxAsync());
    }

    [Fact]
    public async Task A_merge_keeps_the_older_id_and_the_other_leads_to_it()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("wms/1", 1, "Acme"));
        await store.ResolveAsync(Customer("erp/1", 1, "Acme", email: "a@acme.com"));
        var (older, newer) = (await store.GoldenOfAsync("customer", "wms/1"), await store.GoldenOfAsync("customer", "erp/1"));
        Assert.NotEqual(older, newer);
        await store.TakeOutboxAsync();

        await store.ResolveAsync(Customer("wms/1", 2, "Acme Ltd", email: "A@ACME.COM"));
        Assert.Equal(older, await store.GoldenOfAsync("customer", "erp/1"));
        Assert.Equal(older, (await store.Directory.ReadAsync(newer!, Stop))!.Id);
        Assert.Equal([$"golden.customer golden/{older}", $"golden.customer golden/{newer} gone", $"xref.customer erp/1 -> {older}", $"xref.customer golden/{newer} -> {older}"],
            (await store.TakeOutboxAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Redirects_make_no_chains()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "One", vat: "DE111111112"));
        await store.ResolveAsync(Customer("erp/2", 1, "Two", vat: "DE222222223"));
        await store.ResolveAsync(Customer("erp/3", 1, "Three", vat: "DE333333334"));
        var ids = new[] { await store.GoldenOfAsync("customer", "erp/1"), await store.GoldenOfAsync("customer", "erp/2"), await store.GoldenOfAsync("customer", "erp/3") };
        await store.ResolveAsync(Customer("erp/3", 2, "Three", vat: "DE222222223"));
        await store.ResolveAsync(Customer("erp/2", 2, "Two", vat: "DE111111112"), Customer("erp/3", 3, "Three", vat: "DE111111112"));
        Assert.Equal([ids[0]!, ids[0]!], await store.TextsAsync("select 'C' || lpad(to_id::text, 8, '0') from mdm.redirect order by from_id"));
        Assert.Equal(ids[0], (await store.Directory.ReadAsync(ids[2]!, Stop))!.Id);
    }

    [Fact]
    public async Task A_split_leaves_the_id_with_the_majority_and_a_tie_with_the_smallest_key()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "Acme", vat: "DE123456789"), Customer("wms/1", 1, "Acme", vat: "DE123456789"), Customer("wms/2", 1, "Acme", vat: "DE123456789"));
        var id = await store.GoldenOfAsync("customer", "erp/1");
        await store.ResolveAsync(Customer("erp/1", 2, "Acme", vat: "DE987654321"));
        Assert.Equal(id, await store.GoldenOfAsync("customer", "wms/1"));
        Assert.NotEqual(id, await store.GoldenOfAsync("customer", "erp/1"));

        await store.ResolveAsync(Customer("wms/1", 2, "Acme", vat: "DE555666777"));
        Assert.Equal(id, await store.GoldenOfAsync("customer", "wms/1"));
        Assert.NotEqual(id, await store.GoldenOfAsync("customer", "wms/2"));
    }

    [Fact]
    public async Task The_bridge_that_goes_parts_what_it_joined()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "Acme", vat: "DE123456789"), Customer("erp/2", 1, "Acme", ein: "12-3456789"),
            Customer("wms/1", 1, "Acme", vat: "DE123456789", ein: "123456789"));
        Assert.Single(await store.ClustersAsync("customer"));
        await store.ResolveAsync(Gone<Customer>("wms/1", 2));
        Assert.Equal(["erp/1", "erp/2"], await store.ClustersAsync("customer"));
        Assert.Contains("xref.customer wms/1 gone", await store.TakeOutboxAsync());
    }

    [Fact]
    public async Task The_last_record_takes_its_golden_record_with_it()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "Acme"));
        var id = await store.GoldenOfAsync("customer", "erp/1");
        await store.TakeOutboxAsync();
        await store.ResolveAsync(Gone<Customer>("erp/1", 2));
        Assert.Equal([$"golden.customer golden/{id} gone", "xref.customer erp/1 gone"], await store.TakeOutboxAsync());
        Assert.Null(await store.Directory.ReadAsync(id!, Stop));
    }

    [Fact]
    public async Task An_older_version_changes_nothing_even_after_a_delete()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 5, "Acme"));
        var outcome = await store.ResolveAsync(Customer("erp/1", 4, "Older"));
        Assert.Equal((0, 1), (outcome.Applied, outcome.Stale));
        await store.ResolveAsync(Gone<Customer>("erp/1", 6));
        await store.ResolveAsync(Customer("erp/1", 5, "Acme"));
        Assert.Null(await store.GoldenOfAsync("customer", "erp/1"));
        await store.ResolveAsync(Customer("erp/1", 7, "Back"));
        Assert.NotNull(await store.GoldenOfAsync("customer", "erp/1"));
    }

    [Fact]
    public async Task A_key_of_too_many_records_is_dropped_and_taken_up_again()
    {
        await using var store = await GoldenStore.NewAsync(postgres, new MdmSettings { MostPerKey = 3 });
        var three = Enumerable.Range(1, 3).Select(i => Customer($"erp/{i}", 1, "Acme", email: "info@portal.com"));
        await store.ResolveAsync(three);
        Assert.Equal(["erp/1 erp/2 erp/3"], await store.ClustersAsync("customer"));
        await store.ResolveAsync(Customer("erp/4", 1, "Acme", email: "info@portal.com"), Customer("erp/5", 1, "Acme", email: "info@portal.com"));
        Assert.Equal(5, (await store.ClustersAsync("customer")).Count);
        Assert.Equal(Verdict.TooCommon, Assert.Single((await store.Directory.ExplainAsync("customer", Key("erp/1"), Stop))!.Links).Verdict);
        await store.ResolveAsync(Gone<Customer>("erp/1", 2), Gone<Customer>("erp/2", 2));
        Assert.Equal(["erp/3 erp/4 erp/5"], await store.ClustersAsync("customer"));
    }

    [Fact]
    public async Task A_veto_is_explained()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "Acme", vat: "DE123456789", email: "a@acme.com"), Customer("wms/1", 1, "Acme", vat: "DE987654321", email: "a@acme.com"),
            Customer("wms/2", 1, "ACME AG", vat: "DE123456789"));
        Assert.Equal(["erp/1 wms/2", "wms/1"], await store.ClustersAsync("customer"));
        var explanation = (await store.Directory.ExplainAsync("customer", Key("erp/1"), Stop))!;
        Assert.Collection(explanation.Links,
            tax => Assert.Equal(("tax:DE123456789", Verdict.Merged), (tax.Key, tax.Verdict)),
            email => Assert.Equal(("email-name:a@acme.com|ACME", Verdict.Vetoed, "different vat: tax:DE123456789 and tax:DE987654321"), (email.Key, email.Verdict, email.Because)));
    }

    [Fact]
    public async Task Items_and_locations_have_golden_records_too()
    {
        await using var store = await GoldenStore.NewAsync(postgres, new MdmSettings { Sources = ["erp", "wms"], SharedItemNumbers = ["erp", "wms"] });
        await store.ResolveAsync(
            Item("erp/1", 1, "A-1", gtin: "4006381333931"), Item("wms/1", 1, "77", gtin: "04006381333931"), Item("wms/2", 1, "A 1"),
            Item("erp/3", 1, "B", manufacturer: "Bosch GmbH", part: "GSR-18"), Item("wms/3", 1, "C", manufacturer: "BOSCH", part: "gsr 18"),
            Location("erp/1", 1, "W1", "Hamburg"), Location("wms/1", 1, "w-1", "HAMBURG"), Location("wms/2", 1, "W1", "Hamburg", kind: "bin"));
        Assert.Equal(["erp/1 wms/1 wms/2", "erp/3 wms/3"], await store.ClustersAsync("item"));
        Assert.Equal(["erp/1 wms/1", "wms/2"], await store.ClustersAsync("location"));
        Assert.StartsWith("I", await store.GoldenOfAsync("item", "erp/1"), StringComparison.Ordinal);
        Assert.Equal([new GoldenCounts("customer", 0, 0, 0), new GoldenCounts("item", 5, 2, 2), new GoldenCounts("location", 3, 2, 1)], await store.Directory.CountAsync(Stop));
    }

    [Fact]
    public async Task Bad_values_neither_match_nor_break()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        var huge = string.Concat(Enumerable.Repeat("äb", 500_000));
        await store.ResolveAsync(
            Customer("erp/1", 1, huge, email: "a@x.com", street: huge, postcode: "1"), Customer("wms/1", 1, huge, email: "a@x.com"),
            Customer("erp/2", 1, "N/A", vat: "0000000", email: "none"), Customer("wms/2", 1, "N/A", vat: "0000000", email: "none"),
            Customer("erp/3", 1, "nul\0 name \ud800", email: "a\0b@x.com"), Customer("wms/3", 1, ""));
        Assert.Equal(["erp/1 wms/1", "erp/2", "erp/3", "wms/2", "wms/3"], await store.ClustersAsync("customer"));
        Assert.Equal("nul name �", (await store.Directory.ReadAsync((await store.GoldenOfAsync("customer", "erp/3"))!, Stop))!.Members[0].Name);
    }
}
