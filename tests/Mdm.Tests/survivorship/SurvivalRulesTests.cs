using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Survivorship;
using static CdcSync.Mdm.Tests.Survivorship.Merging;

namespace CdcSync.Mdm.Tests.Survivorship;

/// <summary>One test a rule: what it prefers, and what it says of the loser.</summary>
public sealed class SurvivalRulesTests
{
    [Fact]
    public void Never_empty_comes_before_every_rule()
    {
        Customer[] records = [Of("erp/1", 1, new Customer { Name = "TBD", Language = "n/a", TaxIds = [new TaxId { Value = "00000" }] }), Of("wms/1", 2, new Customer { Name = "Acme", TaxIds = [new TaxId { Value = "DE123456789" }] })];
        var survivors = With("name", "trust");
        var golden = survivors.Golden(records);
        Assert.Equal(("Acme", null, "DE123456789"), (golden.Name, golden.Language, golden.TaxIds[0].Value));
        var why = survivors.Why("name", records);
        Assert.Equal(("never_empty", "a placeholder"), (why.By, why.Losers[0].Why));
        Assert.Equal("no_value", survivors.Why("language", records).By);
    }

    [Fact]
    public void Never_empty_leaves_what_must_be_there_a_placeholder_rather_than_nothing() =>
        Assert.Equal("n/a", With("name", "recency").Golden(Of("erp/1", 1, new Customer { Name = "" }), Of("wms/1", 0, new Customer { Name = "n/a" })).Name);

    [Fact]
    public void A_zero_is_a_credit_limit_but_no_weight()
    {
        var survivors = new Survivors(new MdmSettings { Sources = ["erp", "wms"] });
        Assert.Equal(0, survivors.Golden(Of("erp/1", 1, new Customer { CreditLimit = 0 }), Of("wms/1", 1, new Customer { CreditLimit = 500 })).CreditLimit);
        Assert.Equal(2, survivors.Golden(Of("erp/1", 1, new Item { WeightKg = 0 }), Of("wms/1", 1, new Item { WeightKg = 2 })).WeightKg);
    }

    [Fact]
    public void Trust_takes_the_order_of_the_attribute_before_that_of_all()
    {
        Customer[] records = [Of("erp/1", 9, new Customer { Language = "de", PriceGroup = "E" }), Of("wms/1", 1, new Customer { Language = "en", PriceGroup = "W" })];
        var survivors = With("customer", "language", new AttributeSurvivorship { Sources = ["wms"] });
        Assert.Equal(("en", "E"), (survivors.Golden(records).Language, survivors.Golden(records).PriceGroup));
        var why = survivors.Why("language", records);
        Assert.Equal(("trust", "wms is trusted more than erp"), (why.By, why.Losers[0].Why));
    }

    [Theory]
    [InlineData(99, "erp")]
    [InlineData(101, "wms")]
    public void Trust_ages_a_place_by_each_half_life(int newer, string winner)
    {
        Customer[] records = [Of("erp/1", 0, new Customer { Language = "erp" }), Of("wms/1", newer, new Customer { Language = "wms" })];
        var survivors = With("customer", "language", new AttributeSurvivorship { HalfLife = TimeSpan.FromDays(100) });
        Assert.Equal(winner, survivors.Golden(records).Language);
        Assert.EndsWith("a place in the order of sources is worth 100 days", survivors.Why("language", records).Losers[0].Why);
    }

    [Fact]
    public void Aged_trust_is_the_same_order_whenever_one_looks()
    {
        // Two places and 250 days at 100 days a place: the sources differ in trust by 2, the ages by 2.5.
        var survivors = With("customer", "language", new AttributeSurvivorship { Sources = ["erp", "crm", "wms"], HalfLife = TimeSpan.FromDays(100) });
        foreach (var century in (int[])[-36500, 0, 36500])
            Assert.Equal("wms", survivors.Golden(Of("erp/1", century, new Customer { Language = "erp" }), Of("wms/1", century + 250, new Customer { Language = "wms" })).Language);
    }

    [Fact]
    public void Recency_takes_the_newest()
    {
        Customer[] records = [Of("erp/1", 1, new Customer { Name = "Old" }), Of("wms/1", 2, new Customer { Name = "New" })];
        Assert.Equal("New", With("name", "recency").Golden(records).Name);
        Assert.Equal("older: of 2026-01-02, the other of 2026-01-03", With("name", "recency").Why("name", records).Losers[0].Why);
    }

    [Fact]
    public void Completeness_takes_the_address_with_most_lines_and_of_plain_values_the_fuller_record()
    {
        Location[] records = [Of("erp/1", 1, new Location { Name = "E", Address = new Address { City = "Ulm" } }), Of("wms/1", 1, new Location { Name = "W", Number = "1", Address = new Address { City = "Ulm", Street = "Weg 1" } })];
        var survivors = With("location", new SurvivorshipSettings { Default = new AttributeSurvivorship { Rules = ["completeness"] } });
        var golden = survivors.Golden(records);
        Assert.Equal(("Weg 1", "W"), (golden.Address!.Street, golden.Name));
        Assert.Equal("less complete: 1 parts, the other has 2", survivors.Why("address", records).Losers[0].Why);
        Assert.Equal("its record has 5 attributes, the other's 6", survivors.Why("name", records).Losers[0].Why);
    }

    [Fact]
    public void Longest_takes_the_longest_text_and_the_longest_list()
    {
        Customer[] records = [Of("erp/1", 1, new Customer { Name = "Acme   ", Contacts = [new Contact { Name = "Ann" }] }), Of("wms/1", 1, new Customer { Name = "Acme Ltd", Contacts = [new Contact { Name = "Bob" }, new Contact { Name = "Ann" }] })];
        Assert.Equal("Acme Ltd", With("name", "longest").Golden(records).Name);
        Assert.Equal(2, With("contacts", "longest").Golden(records).Contacts.Count);
        Assert.Equal("shorter: 4, the other 8", With("name", "longest").Why("name", records).Losers[0].Why);
    }

    [Fact]
    public void Most_common_counts_spellings_as_one_and_leaves_the_spelling_to_the_next_rule()
    {
        Customer[] records = [Of("erp/1", 1, new Customer { Name = "Acne" }), Of("wms/1", 1, new Customer { Name = "ACME" }), Of("crm/1", 1, new Customer { Name = "Acme" })];
        Assert.Equal("ACME", With("name", "most_common").Golden(records).Name);
        Assert.Equal("Ácme  ", With("name", "most_common", "recency").Golden([.. records, Of("crm/2", 2, new Customer { Name = "Ácme  " })]).Name);
        var why = With("name", "most_common").Why("name", records);
        Assert.Equal(("most_common", "says the same", "1 say so, 2 the other"), (why.By, why.Losers[0].Why, why.Losers[1].Why));
    }

    [Fact]
    public void Union_takes_every_tax_number_once_whatever_its_spelling()
    {
        Customer[] records =
        [
            Of("erp/1", 1, new Customer { TaxIds = [new TaxId { Value = "DE 123.456.789" }], Addresses = [new Address { Street = "Weg 1", Country = "DE" }] }),
            Of("wms/1", 1, new Customer { TaxIds = [new TaxId { Value = "123456789" }, new TaxId { Scheme = "ein", Value = "12-3456789" }, new TaxId { Value = "N/A" }], Addresses = [new Address { Street = "Weg 1", Country = "DE" }] }),
            Of("wms/2", 1, new Customer { TaxIds = [new TaxId { Scheme = "EIN", Value = "123456789" }] }),
        ];
        Assert.Equal(["DE 123.456.789", "12-3456789"], With("tax_ids", "union").Golden(records).TaxIds.Select(t => t.Value));
        var why = With("tax_ids", "union").Why("tax_ids", records);
        Assert.Equal("union", why.By);
        Assert.Equal(["erp/1", "wms/1"], why.From.Select(f => f.Key.ToString()));
        Assert.Equal("adds nothing", Assert.Single(why.Losers).Why);
    }

    [Fact]
    public void Per_type_takes_the_invoice_address_of_one_and_the_delivery_addresses_of_another()
    {
        Customer[] records =
        [
            Of("erp/1", 1, new Customer { Addresses = [new Address { Type = "bill", Street = "Bill 1", IsDefault = true }] }),
            Of("wms/1", 1, new Customer { Addresses = [new Address { Type = "bill", Street = "Old 9" }, new Address { Type = "ship", Street = "Ship 1", IsDefault = true }, new Address { Type = "ship", Street = "Ship 2" }] }),
        ];
        var golden = With("addresses", "per_type").Golden(records);
        Assert.Equal(["Bill 1", "Ship 1", "Ship 2"], golden.Addresses.Select(a => a.Street));
        Assert.Equal("Bill 1", Assert.Single(golden.Addresses, a => a.IsDefault).Street);
    }

    [Fact]
    public void Strictest_takes_what_allows_least()
    {
        var survivors = With("customer", new SurvivorshipSettings
        {
            Attributes = new[] { "status", "credit_hold" }.ToDictionary(a => a, _ => new AttributeSurvivorship { Rules = ["strictest"] }),
            Groups = new Dictionary<string, GroupSurvivorship> { ["credit"] = new() { Of = ["credit_limit", "currency"], Rules = ["strictest"] } },
        });
        Customer[] records = [Of("erp/1", 1, new Customer { CreditLimit = 900, Currency = "EUR", Status = "active" }), Of("wms/1", 1, new Customer { CreditLimit = 500, Currency = "USD", Status = "Hold", CreditHold = true })];
        var golden = survivors.Golden(records);
        Assert.Equal((500, "USD", "Hold", true), (golden.CreditLimit, golden.Currency, golden.Status, golden.CreditHold));
        Assert.Equal("allows more", survivors.Why("status", records).Losers[0].Why);
        Assert.False(With("location", "sellable", new AttributeSurvivorship { Rules = ["strictest"] }).Golden(Of("erp/1", 1, new Location()), Of("wms/1", 1, new Location { Sellable = false })).Sellable);
    }

    [Fact]
    public void Every_rule_is_found_by_its_class_and_says_what_it_does()
    {
        Assert.Equal(["completeness", "longest", "most_common", "never_empty", "per_type", "recency", "strictest", "trust", "union"], SurvivalRules.All.Select(r => r.Name));
        Assert.All(SurvivalRules.All, r => Assert.NotEmpty(r.Summary));
    }
}
