using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Rules;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests;

public sealed class RuleBookTests
{
    readonly RuleBook _rules = new(new MdmSettings { SharedItemNumbers = ["erp", "wms"] });

    [Fact]
    public void A_customers_keys() => Assert.Equal(
        [
            "tax:DE123456789", "tax:ein/123456789", "email-name:a@x.com|ACME", "email-name:a@x.com|ACME TOOLS", "email-name:b@x.com|ACME", "email-name:b@x.com|ACME TOOLS",
            "name-address:ACME|10115|1 MAIN ST", "name-address:ACME TOOLS|10115|1 MAIN ST",
        ],
        Keys("customer", new Customer
        {
            Name = "Acme Ltd", TradingName = "ACME Tools",
            TaxIds = [new TaxId { Value = "123456789" }, new TaxId { Scheme = "EIN", Value = "12-3456789" }, new TaxId { Value = "N/A" }],
            Contacts = [new Contact { Email = "A@x.com; b@x.com" }, new Contact { Email = "a@X.com" }],
            Addresses = [new Address { Street = "1 Main Street", PostalCode = "10115", Country = "DE" }, new Address { Street = "1 Main Street" }],
        }));

    [Fact]
    public void A_persons_name_has_no_order() => Assert.Equal(["email-name:a@x.com|JOHN SMITH"],
        Keys("customer", new Customer { Kind = "person", Name = "Smith, John", TradingName = "John Smith", Contacts = [new Contact { Email = "a@x.com" }] }));

    [Fact]
    public void An_items_keys()
    {
        Assert.Equal(["gtin:04006381333931", "number:A100", "part:BOSCH|GSR18"],
            Keys("item", new Item { Number = "A-100", Gtin = "4006381333931", Manufacturer = "Bosch GmbH", ManufacturerPart = "GSR 18" }));
        Assert.Empty(_rules.Keys("item", Record("shop/1", 1, new Item { Number = "A-100", Manufacturer = "Bosch" }).Object!));
    }

    [Fact]
    public void A_locations_keys()
    {
        var address = new Address { Street = "Dock Road 3", PostalCode = "20457" };
        Assert.Equal(["gln:WAREHOUSE/4012345000009", "code:warehouse/W1|HAMBURG", "code:warehouse/W1|20457|3 DOCK RD"],
            Keys("location", new Location { Number = "W-1", Name = "Hamburg", Gln = "4012345000009", Address = address }));
        Assert.Empty(Keys("location", new Location { Number = "A-01", Name = "A-01", Kind = "bin", Address = address }));
    }

    [Fact]
    public void Keys_that_decide_come_first()
    {
        string[] keys = ["name-address:a", "email-name:b", "tax:2", "email-name:a", "tax:1"];
        Assert.Equal(["tax:1", "tax:2", "email-name:a", "email-name:b", "name-address:a"], keys.Order(Comparer<string>.Create(_rules.Compare)));
        Assert.Throws<KeyNotFoundException>(() => _rules.Decides("phone:1"));
    }

    [Fact]
    public void A_huge_value_makes_a_short_key_of_its_own()
    {
        var (one, other) = (Keys("item", new Item { Number = new string('1', 100_000) + "2" }), Keys("item", new Item { Number = new string('1', 100_000) + "3" }));
        Assert.True(one[0].Length < 300);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        new MdmSettings { Sources = ["erp"], SharedItemNumbers = ["erp", "wms"] }.Validate();
        Assert.Equal("sources", Refused(new MdmSettings { Sources = ["erp", "erp"] }));
        Assert.Equal("shared_item_numbers", Refused(new MdmSettings { SharedItemNumbers = ["erp"] }));
        Assert.Equal("most_per_key", Refused(new MdmSettings { MostPerKey = 1 }));
        Assert.Equal("likeness_mib", Refused(new MdmSettings { LikenessMib = -1 }));
        Assert.Equal("batch_records", Refused(new MdmSettings { BatchRecords = 0 }));
        Assert.Equal("retry_after", Refused(new MdmSettings { RetryAfter = TimeSpan.Zero }));
        Assert.Equal("partitions", Refused(new MdmSettings { Partitions = 0 }));
    }

    static string Refused(MdmSettings settings) => Assert.Throws<SettingsException>(settings.Validate).Path;

    IReadOnlyList<string> Keys(string kind, CanonicalObject value) => _rules.Keys(kind, Record("erp/1", 1, value).Object!);
}
