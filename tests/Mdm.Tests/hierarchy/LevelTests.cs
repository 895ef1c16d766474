using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Hierarchy;

namespace CdcSync.Mdm.Tests.Hierarchy;

public sealed class LevelTests
{
    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData(null, "DE123456789", null, "legal_entity")]
    [InlineData(null, "N/A", null, null)]
    [InlineData("1", "DE123456789", "bill", "legal_entity")]
    [InlineData("1", null, "bill", "account")]
    [InlineData("1", null, null, "account")]
    [InlineData("1", null, "ship", "site")]
    [InlineData("1", "DE123456789", "ship", "site")]
    [InlineData("1", null, "ship bill", "account")]
    [InlineData(null, null, "ship", null)]
    [InlineData("7", null, "bill", null)]
    [InlineData(" ", null, null, null)]
    public void A_customer_is_what_its_parent_number_and_addresses_tell(string? parent, string? tax, string? addresses, string? level) => Assert.Equal(level, Level.Of(new Customer
    {
        SourceId = "7",
        ParentId = parent,
        TaxIds = tax is null ? [] : [new TaxId { Value = tax }],
        Addresses = [.. (addresses ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(type => new Address { Type = type, Street = "Weg 1" })],
    }));

    [Theory]
    [InlineData(null, null)]
    [InlineData("4006381333931", "item")]
    [InlineData("14006381333938", "pack")]
    [InlineData("94006381333934", null)]
    [InlineData("14006381333931", null)]
    public void An_item_is_a_pack_by_its_number(string? gtin, string? level) => Assert.Equal(level, Level.Of(new Item { Gtin = gtin }));

    [Theory]
    [InlineData("warehouse", "site")]
    [InlineData("Branch", "site")]
    [InlineData("transit", "site")]
    [InlineData("vendor", "site")]
    [InlineData("zone", "zone")]
    [InlineData("bin", "bin")]
    [InlineData("dock", null)]
    public void A_location_is_what_its_kind_says(string kind, string? level) => Assert.Equal(level, Level.Of(new Location { Kind = kind }));

    [Theory]
    [InlineData("erp/2", "1", "erp/1", null, true)]
    [InlineData("erp/1", null, "erp/2", "1", true)]
    [InlineData("erp/2", "1", "wms/1", null, false)]
    [InlineData("erp/2", "2", "erp/2", "2", false)]
    [InlineData("erp/2", "1", "erp/3", "1", false)]
    public void A_record_is_never_its_own_parent(string one, string? parent, string other, string? otherParent, bool apart) => Assert.Equal(apart,
        Level.AreParentAndChild(Samples.Record(one, 1, new Customer { ParentId = parent }).Object!, Samples.Record(other, 1, new Customer { ParentId = otherParent }).Object!));

    [Fact]
    public void What_can_be_no_records_id_is_no_parent()
    {
        foreach (var parent in (string[])["", "a\0b", "\ud800", new string('x', 601)]) Assert.Null(Parent.Of(new Location { SourceId = "7", ParentId = parent }));
        Assert.Equal(new CanonicalKey("erp", "W1"), Parent.KeyOf(new Location { Source = "erp", SourceId = "7", ParentId = "W1" }));
    }
}
