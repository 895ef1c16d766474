using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Survivorship;
using static CdcSync.Mdm.Tests.Survivorship.Merging;

namespace CdcSync.Mdm.Tests.Survivorship;

public sealed class PinTests
{
    static readonly Customer[] Records = [Of("erp/1", 1, new Customer { Name = "Acme", CreditLimit = 500, Currency = "EUR" }), Of("wms/1", 2, new Customer { Name = "ACME Inc", CreditLimit = 900 })];
    readonly Survivors _survivors = new(new MdmSettings { Sources = ["erp", "wms"] });

    [Fact]
    public void A_pin_wins_over_every_rule_and_out_of_its_group()
    {
        var golden = (Customer)_survivors.Merge("C1", Records, [On("wms/1", "credit_limit", "750.5")]);
        Assert.Equal((750.5m, "EUR", "Acme"), (golden.CreditLimit, golden.Currency, golden.Name));
        Assert.Null(((Customer)_survivors.Merge("C1", Records, [On("erp/1", "currency", "null")])).Currency);
    }

    [Fact]
    public void The_newest_pin_wins_and_one_of_another_record_does_not_count()
    {
        Pin[] pins = [On("erp/1", "name", "\"Second\"", act: 2), On("wms/1", "name", "\"First\"", act: 1), On("erp/9", "name", "\"Other\"", act: 3)];
        Assert.Equal("Second", _survivors.Merge("C1", Records, pins) is Customer golden ? golden.Name : "");
        Assert.Equal("First", _survivors.Merge("C1", Records[1..], pins) is Customer alone ? alone.Name : "");
    }

    [Fact]
    public void A_pin_ends()
    {
        var pin = On("erp/1", "name", "\"X\"") with { Until = DateTimeOffset.UnixEpoch.AddDays(2) };
        Assert.True(pin.IsInForce(DateTimeOffset.UnixEpoch.AddDays(1)));
        Assert.False(pin.IsInForce(DateTimeOffset.UnixEpoch.AddDays(2)));
        Assert.True((pin with { Until = null }).IsInForce(DateTimeOffset.MaxValue));
    }

    [Fact]
    public void A_pin_is_explained_with_what_would_show_without_it()
    {
        var why = _survivors.Explain("C1", Records, [On("erp/1", "name", "\"Pinned\"")]).Single(l => l.Attribute == "name");
        Assert.Equal(("pin", "\"Pinned\"", "ann"), (why.By, why.Value.GetRawText(), why.Pin!.By));
        Assert.Empty(why.From);
        Assert.Equal([("erp/1", "a pin holds; without it this would show"), ("wms/1", "erp is trusted more than wms")], why.Losers.Select(l => (l.Key.ToString(), l.Why)));
    }

    [Fact]
    public void A_pin_that_cannot_be_read_any_more_holds_nothing_up_and_is_told()
    {
        Pin[] pins = [On("erp/1", "credit_limit", "\"much\"")];
        Assert.Equal(500, ((Customer)_survivors.Merge("C1", Records, pins)).CreditLimit);
        var why = _survivors.Explain("C1", Records, pins).Single(l => l.Attribute == "credit_limit");
        Assert.Equal(("trust", "'credit_limit' takes a number, such as 1500.50, or null"), (why.By, why.PinRefused));
    }

    [Theory]
    [InlineData("customer", "name", "\"Acme Ltd\"")]
    [InlineData("customer", "credit_limit", "1500.25")]
    [InlineData("customer", "credit_limit", "null")]
    [InlineData("customer", "credit_hold", "true")]
    [InlineData("customer", "status", "\"hold\"")]
    [InlineData("customer", "tax_ids", "[{\"scheme\":\"vat\",\"value\":\"DE123456789\"}]")]
    [InlineData("customer", "tax_ids", "[]")]
    [InlineData("item", "units", "[{\"code\":\"CS\",\"factor\":24}]")]
    [InlineData("location", "address", "{\"street\":\"Weg 1\",\"city\":\"Ulm\"}")]
    public void What_fits_may_be_pinned(string kind, string attribute, string json) => PinValue.Check(kind, attribute, json);

    [Theory]
    [InlineData("costumer", "name", "\"A\"", "there are no golden records of 'costumer'; did you mean 'customer'?")]
    [InlineData("customer", "nmae", "\"A\"", "customer has no attribute 'nmae'; did you mean 'name'?")]
    [InlineData("customer", "parent_id", "\"C1\"", "'parent_id' follows from the records' parents: change it at the source")]
    [InlineData("customer", "name", "null", "'name' cannot be without a value; it takes a text in quotes, such as \"Acme Ltd\"")]
    [InlineData("customer", "name", "Acme", "'name' takes a text in quotes, such as \"Acme Ltd\"")]
    [InlineData("customer", "name", "\"n/a\"", "'n/a' says nothing")]
    [InlineData("customer", "language", "\"-\"", "'-' says nothing: pin null where there is no value")]
    [InlineData("customer", "status", "\"actve\"", "'actve' is no status of a customer; did you mean 'active'?")]
    [InlineData("customer", "credit_limit", "\"much\"", "'credit_limit' takes a number, such as 1500.50, or null")]
    [InlineData("customer", "credit_limit", "1.1234567", "'credit_limit' has 6 digits behind the point at most")]
    [InlineData("customer", "credit_limit", "1e20", "'credit_limit' has 18 digits before the point at most")]
    [InlineData("customer", "credit_hold", "1", "'credit_hold' takes true or false")]
    [InlineData("customer", "tax_ids", "[null]", "'tax_ids' has an element that is null; it takes a list, such as [{\"scheme\":\"vat\",\"value\":\"\"}]")]
    [InlineData("customer", "tax_ids", "[{\"value\":null}]", "'tax_ids' takes a list, such as [{\"scheme\":\"vat\",\"value\":\"\"}]; wrong at $[0].value")]
    [InlineData("customer", "tax_ids", "[{\"number\":\"1\"}]", "'tax_ids' takes a list, such as [{\"scheme\":\"vat\",\"value\":\"\"}]; wrong at $[0].number")]
    [InlineData("item", "units", "[{\"code\":\"CS\",\"factor\":0.1234567}]", "'units: factor' has 6 digits behind the point at most")]
    public void What_does_not_fit_is_refused_with_what_would(string kind, string attribute, string json, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidPinException>(() => PinValue.Check(kind, attribute, json)).Message);

    static Pin On(string key, string attribute, string json, long act = 1) => new(act, Samples.Key(key), attribute, json, null, "ann", DateTimeOffset.UnixEpoch);
}
