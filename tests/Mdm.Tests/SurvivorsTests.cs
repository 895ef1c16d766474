using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Survivorship;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests;

public sealed class SurvivorsTests
{
    static readonly Address Berlin = new() { Street = "Main St 1", City = "Berlin" };
    static readonly Address Bonn = new() { Street = "Side St 2", PostalCode = "53111" };

    readonly Survivors _survivors = new(new MdmSettings { Sources = ["erp", "wms"] });

    [Fact]
    public void The_most_trusted_source_wins_attribute_by_attribute()
    {
        var golden = Merge(
            Of("wms/1", 9, new Customer { Name = "ACME", Number = "W1", Language = "de", PriceGroup = "W" }),
            Of("erp/1", 1, new Customer { Name = "Acme Ltd", Number = "N/A", PriceGroup = "E", Status = "hold" }),
            Of("crm/1", 99, new Customer { Name = "acme", TradingName = "Ac", Language = "en" }));
        Assert.Equal(("Acme Ltd", "W1", "de", "E", "Ac", "hold"), (golden.Name, golden.Number, golden.Language, golden.PriceGroup, golden.TradingName, golden.Status));
        Assert.Equal(("golden", "C00000001", "0:0"), (golden.Source, golden.SourceId, golden.Version));
    }

    [Fact]
    public void Within_a_source_the_newest_wins() =>
        Assert.Equal("New", Merge(Of("erp/2", 2, new Customer { Name = "New" }), Of("erp/1", 1, new Customer { Name = "Old" }), Of("erp/3", 3, new Customer { Name = "TBD" })).Name);

    [Fact]
    public void Addresses_and_credit_terms_are_taken_whole()
    {
        var golden = Merge(
            Of("erp/1", 1, new Customer { Currency = "EUR", CreditHold = true, PaymentTerms = "30D" }),
            Of("erp/2", 2, new Customer { Addresses = [Berlin], Currency = "USD", CreditLimit = 500 }),
            Of("wms/1", 3, new Customer { Addresses = [Bonn, Berlin], CreditLimit = 900 }));
        Assert.Equal([Berlin], golden.Addresses);
        Assert.Equal(("USD", 500m, false, "30D"), (golden.Currency, golden.CreditLimit, golden.CreditHold, golden.PaymentTerms));
    }

    [Fact]
    public void A_parent_of_one_source_is_no_parent_of_the_golden_record() => Assert.Null(Merge(Of("erp/1", 1, new Customer { ParentId = "7" })).ParentId);

    [Fact]
    public void Records_that_have_nothing_still_make_a_golden_record() => Assert.Equal("n/a", Merge(Of("erp/1", 1, new Customer { Name = "n/a" })).Name);

    [Fact]
    public void An_item_keeps_units_with_their_base_and_a_part_number_with_its_maker()
    {
        var golden = (Item)_survivors.Merge("I1",
        [
            Record("erp/1", 1, new Item { Number = "A1", BaseUnit = "EA", Manufacturer = "Other", WeightKg = 0 }).Object!,
            Record("wms/1", 1, new Item { Number = "77", BaseUnit = "BX", Units = [new UnitOfMeasure { Code = "EA", Factor = 0.1m }], Manufacturer = "Bosch", ManufacturerPart = "G1", WeightKg = 2.5m }).Object!,
        ]);
        Assert.Equal(("A1", "BX", "Bosch", "G1", 2.5m), (golden.Number, golden.BaseUnit, golden.Manufacturer, golden.ManufacturerPart, golden.WeightKg));
        Assert.Equal("EA", Assert.Single(golden.Units).Code);
    }

    [Fact]
    public void The_order_of_records_plays_no_part()
    {
        Customer[] records = [Of("erp/1", 1, new Customer { Name = "A" }), Of("erp/2", 1, new Customer { Name = "B", Language = "de" }), Of("wms/1", 1, new Customer { Language = "en" })];
        var (one, other) = (Merge(records), Merge([.. records.Reverse()]));
        Assert.Equal(("A", "de"), (one.Name, one.Language));
        Assert.Equal((one.Name, one.Language), (other.Name, other.Language));
    }

    Customer Merge(params Customer[] records) => (Customer)_survivors.Merge("C00000001", records);

    static Customer Of(string key, int version, Customer customer) => (Customer)Record(key, version, customer).Object!;
}
