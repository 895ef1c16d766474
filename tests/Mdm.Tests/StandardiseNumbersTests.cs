using CdcSync.Mdm.Standardise;
using static CdcSync.Mdm.Tests.StandardiseFields;

namespace CdcSync.Mdm.Tests;

public sealed class StandardiseNumbersTests
{
    [Theory]
    [InlineData("+61 2 1234 5678", "0212345678")]
    [InlineData("(02) 1234-5678", "+61212345678")]
    [InlineData("+49 (0)89 1234560", "089/1234560")]
    [InlineData("0049 89 1234560", "089 1234560")]
    [InlineData("(212) 678-4680", "2126784680")]
    [InlineData("1-702-919-1300", "702.919.1300")]
    [InlineData("+1 702 919 1300", "702-919-1300 x12")]
    [InlineData("1-800-FLOWERS", "800 356 9377")]
    [InlineData("Tel: 020 7946 0958", "+44 (0)20 7946 0958")]
    [InlineData("8 800 555 35 35", "+7 800 555 35 35")]
    [InlineData("+39 06 1234567", "06 1234567")]
    [InlineData("011 44 20 7946 0958", "+44 20 7946 0958")]
    public void Notations_of_one_phone_meet_without_a_country(string one, string other) => Assert.Equal(Text("phone", one), Text("phone", other));

    [Theory]
    [InlineData("61212345678", "AU", "212345678")]
    [InlineData("0212345678", "AU", "212345678")]
    [InlineData("06 1 234 9876", "HU", "12349876")]
    [InlineData("8 (495) 123-45-67", "RU", "4951234567")]
    [InlineData("1 (702) 919-1300", "US", "7029191300")]
    [InlineData("+49 89 1234560", "US", "891234560")]
    public void Trunk_prefixes_by_country(string raw, string country, string national) => Assert.Equal(national, Text("phone", raw, country));

    [Theory]
    [InlineData("000-000-0000")]
    [InlineData("1234567890")]
    [InlineData("555-5555")]
    [InlineData("(212) 555-5555")]
    [InlineData("12345")]
    [InlineData("123")]
    [InlineData("ask Bob")]
    [InlineData("123456789012345678901234567890")]
    public void Nobodys_phone_is_missing(string raw) => Assert.Empty(Text("phone", raw));

    [Fact]
    public void Several_phones_are_several_values() => Assert.Equal("212345678 | 212345679", Text("phone", "021 234 5678; 021 234 5679"));

    [Fact]
    public void The_extension_and_the_calling_code_are_kept_apart()
    {
        Assert.Equal(new Phone("7029191300", null, "12"), Detail<Phone>("phone", "702-919-1300 ext. 12"));
        Assert.Equal(new Phone("212345678", "61", null), Detail<Phone>("phone", "+61 2 1234 5678"));
        Assert.Equal(new Phone("212345678", "61", null), Detail<Phone>("phone", "02 1234 5678", "AU"));
    }

    // The numbers are examples of the registers' and python-stdnum's public documentation.
    [Theory]
    [InlineData("DE 136 695 976", null, "DE136695976", true, "VAT-DE")]
    [InlineData("DE136695977", null, "DE136695977", false, "VAT-DE")]
    [InlineData("136695976", "DE", "DE136695976", true, "VAT-DE")]
    [InlineData("ATU13585627", null, "ATU13585627", true, "VAT-AT")]
    [InlineData("GB 980 7806 84", null, "GB980780684", true, "VAT-GB")]
    [InlineData("GB 980 7806 85", null, "GB980780685", false, "VAT-GB")]
    [InlineData("VAT No. GB 980780684", null, "GB980780684", true, "VAT-GB")]
    [InlineData("FR83404833048", null, "FR83404833048", true, "VAT-FR")]
    [InlineData("NL004495445B01", null, "NL004495445B01", true, "VAT-NL")]
    [InlineData("ES54362315K", null, "ES54362315K", true, "VAT-ES")]
    [InlineData("IT00743110157", null, "IT00743110157", true, "VAT-IT")]
    [InlineData("BE0428759497", null, "BE0428759497", true, "VAT-BE")]
    [InlineData("PL8567346215", null, "PL8567346215", true, "VAT-PL")]
    [InlineData("GR094259216", null, "EL094259216", true, "VAT-EL")]
    [InlineData("CHE-107.787.577", null, "CHE107787577", true, "VAT-CH")]
    [InlineData("51 824 753 556", "AU", "51824753556", true, "ABN")]
    [InlineData("ABN: 51 824 753 556", null, "51824753556", true, "ABN")]
    [InlineData("51 824 753 557", "AU", "51824753557", false, "ABN")]
    [InlineData("004 085 616", "AU", "004085616", true, "ACN")]
    [InlineData("5493001KJTIIGC8Y1R12", null, "5493001KJTIIGC8Y1R12", true, "LEI")]
    [InlineData("04-2103594", "US", "042103594", true, "EIN")]
    [InlineData("07-2103594", "US", "072103594", false, "EIN")]
    [InlineData("12345", null, "12345", true, null)]
    public void Tax_numbers_and_their_check_digits(string raw, string? country, string text, bool valid, string? register)
    {
        Assert.Equal(text, Text("tax_id", raw, country));
        Assert.Equal(new Identifier(valid, register), Detail<Identifier>("tax_id", raw, country));
    }

    [Theory]
    [InlineData("19081209", "1908-12-09")]
    [InlineData("12/11/1978", "1978-11-12 | 1978-12-11")]
    [InlineData("25/11/1978", "1978-11-25")]
    [InlineData("11/25/78", "1978-11-25")]
    [InlineData("7/7/2007", "2007-07-07")]
    [InlineData("25/4/31", "1931-04-25")]
    [InlineData("1967 9 27", "1967-09-27")]
    [InlineData("1967.9.27", "1967-09-27")]
    [InlineData("12. November 1978", "1978-11-12")]
    [InlineData("Nov 12, 1978", "1978-11-12")]
    [InlineData("12-déc-1978", "1978-12-12")]
    [InlineData("28806", "1978-11-12")]
    [InlineData("28806.0", "1978-11-12")]
    [InlineData("1978-11-12T10:00:00Z", "1978-11-12")]
    [InlineData("1978-11-12 00:00:00.000", "1978-11-12")]
    [InlineData("2020-02-30", "")]
    [InlineData("29.02.2019", "")]
    [InlineData("19001399", "")]
    [InlineData("1900-01-01", "")]
    [InlineData("9999-12-31", "")]
    [InlineData("soon", "")]
    public void Dates(string raw, string dates) => Assert.Equal(dates, Text("date", raw));

    [Theory]
    [InlineData("$1,234.56", "1234.56")]
    [InlineData("1.234,56 €", "1234.56")]
    [InlineData("1'234.50 CHF", "1234.5")]
    [InlineData("1 234 567", "1234567")]
    [InlineData("399.0", "399")]
    [InlineData("1,234", "1234")]
    [InlineData("1,5", "1.5")]
    [InlineData("1.234.567", "1234567")]
    [InlineData("-5", "-5")]
    [InlineData("(12.50)", "-12.5")]
    [InlineData("999", "999")]
    [InlineData(".5", "0.5")]
    [InlineData("0", "")]
    [InlineData("12-14", "")]
    [InlineData("NaN", "")]
    [InlineData("1e400", "")]
    public void Numbers(string raw, string number) => Assert.Equal(number, Text("number", raw));

    [Theory]
    [InlineData("1978", "1978")]
    [InlineData("19781112", "1978")]
    [InlineData("(c) 2004", "2004")]
    [InlineData("78", "")]
    public void Years(string raw, string year) => Assert.Equal(year, Text("year", raw));

    [Theory]
    [InlineData("4006381333931", "04006381333931")]
    [InlineData("036000291452", "00036000291452")]
    [InlineData("36000291452", "00036000291452")]
    [InlineData("03600029145", "00036000291452")]
    [InlineData("04252614", "00042100005264")]
    [InlineData("14006381333938", "14006381333938")]
    [InlineData("4006381333932", "")]
    [InlineData("2012345678900", "")]
    [InlineData("abc", "")]
    public void Gtins(string raw, string gtin) => Assert.Equal(gtin, Text("gtin", raw));

    [Fact]
    public void The_pack_indicator_is_kept_apart() => Assert.Equal("GTIN pack 1", Detail<Identifier>("gtin", "14006381333938").Register);

    [Theory]
    [InlineData("Jo.Doe+news@GMail.com", "jodoe@gmail.com")]
    [InlineData("jodoe@googlemail.com", "jodoe@gmail.com")]
    [InlineData("jo.doe@acme.com", "jo.doe@acme.com")]
    [InlineData("Jo Doe <jo@acme.co.uk>", "jo@acme.co.uk")]
    [InlineData("a@x.de; b@x.de", "a@x.de | b@x.de")]
    [InlineData("noreply@acme.com", "")]
    [InlineData("noreply+4711@acme.com", "")]
    [InlineData("€+49@acme.com", "")]
    public void Emails(string raw, string emails) => Assert.Equal(emails, Text("email", raw));

    [Fact]
    public void Freemail_is_told_from_a_companys_domain()
    {
        Assert.True(Detail<EmailAddress>("email", "jo@gmx.de").IsFreemail);
        Assert.False(Detail<EmailAddress>("email", "jo@acme.com").IsFreemail);
    }

    [Theory]
    [InlineData("https://www.shop.acme.co.uk/x?y", "acme.co.uk")]
    [InlineData("info@acme.com", "acme.com")]
    [InlineData("http://www.chipotle.com/", "chipotle.com")]
    [InlineData("ACME.COM", "acme.com")]
    [InlineData("192.168.0.1", "")]
    [InlineData("acme", "")]
    public void Domains(string raw, string domain) => Assert.Equal(domain, Text("domain", raw));

    [Theory]
    [InlineData("A-123/4", "A1234")]
    [InlineData("4711.0", "4711")]
    [InlineData("078-05-1120", "078051120")]
    [InlineData("999-99-9999", "")]
    public void Identifiers(string raw, string text) => Assert.Equal(text, Text("identifier", raw));
}
