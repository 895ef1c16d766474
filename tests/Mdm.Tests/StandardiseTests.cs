using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Tests;

public sealed class StandardiseTests
{
    [Theory]
    [InlineData("Łódź Ærø straße", "LODZ AERO STRASSE")]
    [InlineData("  A\tB\r\n C  ", "A B C")]
    [InlineData("Cafe\u0301 zero\u200Bwidth", "CAFE ZEROWIDTH")]
    [InlineData("ＦＵＬＬ　ｗｉｄｔｈ １２", "FULL WIDTH 12")]
    [InlineData("O\u2019Brien \u2013 x", "O'BRIEN - X")]
    [InlineData("Việt Nam İstanbul ğ", "VIET NAM ISTANBUL G")]
    [InlineData("Ελλάδα Москва 東京", "ΕΛΛΆΔΑ МОСКВА 東京")]
    [InlineData("a\0b", "A B")]
    [InlineData("", "")]
    public void Folding_leaves_what_two_clerks_type_alike(string text, string folded) => Assert.Equal(folded, Folding.Fold(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("N/A")]
    [InlineData("n. a.")]
    [InlineData("TBD")]
    [InlineData("none")]
    [InlineData("-")]
    [InlineData("--.--")]
    [InlineData("0")]
    [InlineData("0000000")]
    [InlineData("999-99-9999")]
    [InlineData("xxx")]
    [InlineData("keine Angabe")]
    public void Placeholders_are_missing(string? text) => Assert.True(Placeholders.IsMissing(text));

    [Theory]
    [InlineData("A")]
    [InlineData("7")]
    [InlineData("3M")]
    [InlineData("Nana")]
    [InlineData("100000")]
    [InlineData("Tbd Logistics")]
    public void Short_values_are_not_placeholders(string text) => Assert.False(Placeholders.IsMissing(text));

    [Theory]
    [InlineData("vat", "DE 123.456.789", null, "DE123456789")]
    [InlineData("VAT", "de-123456789", "AT", "DE123456789")]
    [InlineData("vat", "123 456 789", "de", "DE123456789")]
    [InlineData("vat", "123456789", null, "123456789")]
    [InlineData("vat", "ATU12345678", "AT", "ATU12345678")]
    [InlineData("vat", "GR123456789", null, "EL123456789")]
    [InlineData("vat", "094259216", "GR", "EL094259216")]
    [InlineData("vat", "123456789", "US", "123456789")]
    [InlineData("ein", "12-3456789", "US", "123456789")]
    [InlineData("vat", "DE000000000", null, null)]
    [InlineData("vat", "DE", null, null)]
    [InlineData("ein", "N/A", null, null)]
    [InlineData("ein", "applied for", null, null)]
    [InlineData("ein", "1234", null, null)]
    [InlineData("ein", null, null, null)]
    public void Tax_numbers_as_registers_write_them(string scheme, string? value, string? country, string? standard) =>
        Assert.Equal(standard, TaxNumbers.Standard(scheme, value, country));

    [Theory]
    [InlineData("4006381333931", "04006381333931")]
    [InlineData("400-6381 333931", "04006381333931")]
    [InlineData("036000291452", "00036000291452")]
    [InlineData("0036000291452", "00036000291452")]
    [InlineData("96385074", "00000096385074")]
    [InlineData("14006381333938", "14006381333938")]
    [InlineData("4006381333932", null)]
    [InlineData("400638133393", null)]
    [InlineData("2012345678900", null)]
    [InlineData("0000000000000", null)]
    [InlineData("00000000", null)]
    [InlineData("40063813339E1", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Gtins_are_fourteen_digits_with_a_right_check_digit(string? text, string? gtin) => Assert.Equal(gtin, Gs1Numbers.Gtin(text));

    [Theory]
    [InlineData("4012345000009", "4012345000009")]
    [InlineData("401 2345 00000 9", "4012345000009")]
    [InlineData("4012345000008", null)]
    [InlineData("40123450", null)]
    [InlineData("0000000000000", null)]
    public void Glns_are_thirteen_digits(string text, string? gln) => Assert.Equal(gln, Gs1Numbers.Gln(text));

    [Theory]
    [InlineData(" Info@ACME.com ", "info@acme.com")]
    [InlineData("Jo Doe <jo@acme.co.uk>", "jo@acme.co.uk")]
    [InlineData("a@x.de; b@x.de", "a@x.de b@x.de")]
    [InlineData("mailto:a@x.de.", "a@x.de")]
    [InlineData("a@b", "")]
    [InlineData("a@@x.de", "")]
    [InlineData("none@acme.com", "")]
    [InlineData("noreply@acme.com", "")]
    [InlineData("n/a", "")]
    [InlineData(null, "")]
    public void Emails_one_by_one(string? text, string emails) => Assert.Equal(emails, string.Join(' ', Emails.Of(text)));

    [Theory]
    [InlineData("Müller & Söhne GmbH & Co. KG", "MULLER AND SOHNE")]
    [InlineData("MUELLER UND SOEHNE G.m.b.H.", "MULLER UND SOHNE")]
    [InlineData("ACME Corp.", "ACME")]
    [InlineData("Acme  CORPORATION, Inc.", "ACME")]
    [InlineData("The Acme Company Ltd", "ACME")]
    [InlineData("Nordwind G m b H", "NORDWIND")]
    [InlineData("O'Brien's Pub S.A.R.L.", "OBRIENS PUB")]
    [InlineData("AG", "AG")]
    [InlineData("I.B.M. Deutschland", "IBM DEUTSCHLAND")]
    [InlineData("Limited Brands Inc", "LIMITED BRANDS")]
    [InlineData("株式会社 東京", "株式会社 東京")]
    [InlineData("TBD", null)]
    [InlineData("...", null)]
    public void Company_names_without_legal_form(string text, string? name) => Assert.Equal(name, Names.Company(text));

    [Theory]
    [InlineData("Smith, John", "JOHN SMITH")]
    [InlineData("Dr. John SMITH", "JOHN SMITH")]
    [InlineData("José  Núñez", "JOSE NUNEZ")]
    [InlineData("Mr.", "MR")]
    [InlineData("-", null)]
    public void Person_names_in_any_order(string text, string? name) => Assert.Equal(name, Names.Person(text));

    [Theory]
    [InlineData("D-10115", "10115")]
    [InlineData("ch - 8001", "8001")]
    [InlineData("sw1a 1aa", "SW1A1AA")]
    [InlineData("12345-6789", "12345")]
    [InlineData("123 45", "12345")]
    [InlineData("1234-567", "1234567")]
    [InlineData("K1A 0B1", "K1A0B1")]
    [InlineData("00000", null)]
    [InlineData(null, null)]
    public void Postcodes(string? text, string? standard) => Assert.Equal(standard, CdcSync.Mdm.Standardise.Postcodes.Standard(text));

    [Theory]
    [InlineData("12 Main Street", "12 MAIN ST")]
    [InlineData("Main St. 12", "12 MAIN ST")]
    [InlineData("Hauptstraße 5 a", "5A HAUPTSTR")]
    [InlineData("HAUPTSTR. 5A", "5A HAUPTSTR")]
    [InlineData("Haupt Str. Nr. 5a", "5A HAUPTSTR")]
    [InlineData("100 N. Broadway Ave., Suite 4", "100 4 N BROADWAY AVE STE")]
    [InlineData("100 North Broadway Avenue\nUnit 4", "100 4 N BROADWAY AVE STE")]
    [InlineData("P.O. Box 99", "99 POBOX")]
    [InlineData("Postfach 99", "99 POBOX")]
    [InlineData("n/a", null)]
    public void Streets(string text, string? standard) => Assert.Equal(standard, CdcSync.Mdm.Standardise.Streets.Standard(text));

    [Theory]
    [InlineData("ab-100 / x", "AB100X")]
    [InlineData("", null)]
    [InlineData("N/A", null)]
    public void Part_numbers(string text, string? standard) => Assert.Equal(standard, PartNumbers.Standard(text));
}
