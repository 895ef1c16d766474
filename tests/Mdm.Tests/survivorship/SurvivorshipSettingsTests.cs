using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Survivorship;
using static CdcSync.Mdm.Tests.Survivorship.Merging;

namespace CdcSync.Mdm.Tests.Survivorship;

public sealed class SurvivorshipSettingsTests
{
    static AttributeSurvivorship Rules(params string[] rules) => new() { Rules = rules };

    static SurvivorshipSettings Of(string attribute, AttributeSurvivorship how) => new() { Attributes = new Dictionary<string, AttributeSurvivorship> { [attribute] = how } };

    static SurvivorshipSettings Of(params (string Name, GroupSurvivorship How)[] groups) => new() { Groups = groups.ToDictionary(g => g.Name, g => g.How) };

    public static TheoryData<string, string, SurvivorshipSettings> Wrong => new()
    {
        { "survivorship.costumer", "did you mean 'customer'?", new() },
        { "survivorship.customer.attributes.nmae", "customer has no attribute 'nmae'; did you mean 'name'?", Of("nmae", Rules("trust")) },
        { "survivorship.customer.attributes.name.rules", "there is no rule of survivorship 'recent'; did you mean 'recency'?", Of("name", Rules("recent")) },
        { "survivorship.customer.attributes.name.rules", "'union' cannot decide on 'name'; it takes tax_ids, addresses, contacts", Of("name", Rules("union")) },
        { "survivorship.customer.attributes.name.rules", "'strictest' cannot decide on 'name'; it takes status, credit_limit, credit_hold", Of("name", Rules("trust", "strictest")) },
        { "survivorship.customer.attributes.tax_ids.rules", "'union' joins what the others have ranked: write it last", Of("tax_ids", Rules("union", "trust")) },
        { "survivorship.customer.attributes.name.rules", "'trust' stands there twice", Of("name", Rules("trust", "trust")) },
        { "survivorship.customer.attributes.name.sources", "'erp' stands there twice", Of("name", new() { Sources = ["erp", "erp"] }) },
        { "survivorship.customer.attributes.name.half_life", "is no time in which trust halves", Of("name", new() { HalfLife = TimeSpan.Zero }) },
        { "survivorship.customer.attributes.name.half_life", "ages trust, which is none of the rules (recency)", Of("name", new() { Rules = ["recency"], HalfLife = TimeSpan.FromDays(1) }) },
        { "survivorship.customer.attributes.currency", "'currency' is taken whole with the group 'credit'", Of("currency", Rules("trust")) },
        { "survivorship.customer.groups.name", "'name' is an attribute", Of(("name", new() { Of = ["number"] })) },
        { "survivorship.customer.groups.credits", "'of' is missing: name the attributes that are taken together; did you mean 'credit'?", Of(("credits", new())) },
        { "survivorship.customer.groups.sales.of", "customer has no attribute 'price_grp'; did you mean 'price_group'?", Of(("sales", new() { Of = ["price_grp"] })) },
        { "survivorship.customer.groups.two.of", "'language' stands in the group 'one' already", Of(("one", new() { Of = ["language"] }), ("two", new() { Of = ["language"] })) },
        { "survivorship.customer.groups.credit.fill", "'language' is none of the group's attributes", Of(("credit", new() { Fill = ["language"] })) },
        { "survivorship.customer.groups.lists.rules", "'union' joins lists of several records, and a group is taken from one", Of(("lists", new() { Of = ["tax_ids"], Rules = ["union"] })) },
        { "survivorship.customer.default.rules", "'union' is not for every attribute: set it under attributes; it takes tax_ids", new() { Default = Rules("union") } },
        { "survivorship.customer.conflicts", "customer has no attribute 'credit_limt'; did you mean 'credit_limit'?", new() { Conflicts = ["credit_limt"] } },
    };

    [Theory, MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_is_wrong_is_told_with_its_place(string path, string message, SurvivorshipSettings how)
    {
        var wrong = Assert.Throws<SettingsException>(new MdmSettings { Survivorship = new Dictionary<string, SurvivorshipSettings> { [path.Split('.')[1]] = how } }.Validate);
        Assert.Equal(path, wrong.Path);
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_of_the_settings_takes_its_attributes_out_of_the_one_that_is_there()
    {
        var survivors = With("customer", Of(("terms", new GroupSurvivorship { Of = ["payment_terms", "price_group"], Rules = ["recency"] })));
        var golden = survivors.Golden(
            Merging.Of("erp/1", 1, new Customer { CreditLimit = 1, Currency = "EUR", PaymentTerms = "30D", PriceGroup = "A" }),
            Merging.Of("wms/1", 2, new Customer { CreditLimit = 2, Currency = "USD", PaymentTerms = "60D" }));
        Assert.Equal((1, "EUR", "60D", null), (golden.CreditLimit, golden.Currency, golden.PaymentTerms, golden.PriceGroup));
    }

    [Fact]
    public void A_group_that_is_there_takes_other_rules()
    {
        var survivors = With("customer", Of(("credit", new GroupSurvivorship { Rules = ["recency"] })));
        Customer[] records = [Merging.Of("erp/1", 1, new Customer { CreditLimit = 1, Currency = "EUR", PaymentTerms = "30D" }), Merging.Of("wms/1", 2, new Customer { CreditLimit = 2 })];
        var golden = survivors.Golden(records);
        Assert.Equal((2, null, "30D"), (golden.CreditLimit, golden.Currency, golden.PaymentTerms));
        Assert.Equal(("recency", "credit"), (survivors.Why("credit_limit", records).By, survivors.Why("credit_limit", records).Group));
    }

    [Fact]
    public void Other_settings_or_other_trust_have_the_store_written_anew()
    {
        var plain = new Survivors(new MdmSettings()).Fingerprint;
        Assert.Equal(plain, new Survivors(new MdmSettings { MostPerKey = 9 }).Fingerprint);
        Assert.NotEqual(plain, new Survivors(new MdmSettings { Sources = ["erp"] }).Fingerprint);
        Assert.NotEqual(plain, new Survivors(new MdmSettings { Survivorship = new Dictionary<string, SurvivorshipSettings> { ["item"] = Of("name", Rules("longest")) } }).Fingerprint);
    }
}
