using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Survivorship;
using static CdcSync.Mdm.Tests.Survivorship.Merging;

namespace CdcSync.Mdm.Tests.Survivorship;

public sealed class ConflictTests
{
    readonly Survivors _survivors = new(new MdmSettings { Sources = ["erp", "wms"] });

    [Fact]
    public void Different_credit_limits_are_a_conflict_with_who_says_what()
    {
        var conflict = Assert.Single(_survivors.Conflicts([Limit("wms/1", 900), Limit("erp/1", 500), Limit("erp/2", 900.00m), Limit("crm/1", null)]));
        Assert.Equal("credit_limit", conflict.Attribute);
        Assert.Equal(["500: erp/1", "900.00: erp/2, wms/1"], conflict.Values.Select(v => $"{v.Value.GetRawText()}: {string.Join(", ", v.Keys)}"));
    }

    [Fact]
    public void A_pin_ends_a_conflict() =>
        Assert.Empty(_survivors.Conflicts([Limit("erp/1", 500), Limit("wms/1", 900)], [new Pin(1, Samples.Key("wms/1"), "credit_limit", "700", null, "ann", DateTimeOffset.UnixEpoch)]));

    [Theory]
    [InlineData("vat:DE123456789", "vat:de-123456789", false)]
    [InlineData("vat:DE123456789", "ein:123456789", false)]
    [InlineData("vat:DE123456789", "vat:DE987654321", true)]
    [InlineData("vat:DE123456789", "vat:DE987654321 vat:DE123456789", false)]
    [InlineData("vat:DE123456789", "vat:N/A", false)]
    public void Tax_numbers_contradict_each_other_within_a_scheme(string one, string other, bool conflict) =>
        Assert.Equal(conflict, _survivors.Conflicts([Taxed("erp/1", one), Taxed("wms/1", other)]).Count > 0);

    [Fact]
    public void Which_attributes_matter_is_a_setting()
    {
        CanonicalObject[] items = [Of("erp/1", 1, new Item { BaseUnit = "EA", Category = "A" }), Of("wms/1", 1, new Item { BaseUnit = "BX", Category = "B" })];
        // Each system has codes of its own for units: no conflict unless somebody says so.
        Assert.Empty(_survivors.Conflicts(items));
        Assert.Equal("base_unit", Assert.Single(With("item", new SurvivorshipSettings { Conflicts = ["base_unit"] }).Conflicts(items)).Attribute);
        Assert.Equal("category", Assert.Single(With("item", new SurvivorshipSettings { Conflicts = ["category"] }).Conflicts(items)).Attribute);
        Assert.Empty(With("item", new SurvivorshipSettings { Conflicts = [] }).Conflicts(items));
    }

    static Customer Limit(string key, decimal? limit) => Of(key, 1, new Customer { CreditLimit = limit });

    static Customer Taxed(string key, string ids) => Of(key, 1, new Customer { TaxIds = [.. ids.Split(' ').Select(i => new TaxId { Scheme = i.Split(':')[0], Value = i.Split(':')[1] })] });
}
