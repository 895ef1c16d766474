using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Tests;

public sealed class RecordAboutTests
{
    static readonly Address Wharf = new() { Street = "Hafenallee 12\nHof 3", City = "Wismar", PostalCode = "23966", Country = "DE" };

    [Fact]
    public void What_tells_records_of_one_name_apart_is_the_place_and_the_number_then_how_one_is_reached()
    {
        Customer all = new() { Name = "Acme", Number = "K7", Addresses = [new Address(), Wharf], TaxIds = [new TaxId { Scheme = "vat", Value = "DE1" }], Contacts = [new Contact { Email = "a@b.c" }] };
        Assert.Equal("Hafenallee 12, Hof 3, 23966 Wismar, DE, DE1", RecordAbout.Of(all));
        Assert.Equal("DE1", RecordAbout.Of(all with { Addresses = [] }));
        Assert.Equal("a@b.c", RecordAbout.Of(all with { Addresses = [], TaxIds = [] }));
        Assert.Equal("K7", RecordAbout.Of(all with { Addresses = [], TaxIds = [], Contacts = [new Contact { Name = "Ann" }] }));
        Assert.Equal("", RecordAbout.Of(new Customer { Name = "Acme" }));
        Assert.Equal("", RecordAbout.Of(null));
    }

    [Fact]
    public void An_item_is_told_by_its_numbers_and_a_location_by_its_place()
    {
        Assert.Equal("B-7, 04012345678901", RecordAbout.Of(new Item { Name = "Bolt", Number = "B-7", Gtin = "04012345678901" }));
        Assert.Equal("W1, Hafenallee 12, Hof 3, 23966 Wismar, DE", RecordAbout.Of(new Location { Name = "Dock", Number = "W1", Address = Wharf }));
    }
}
