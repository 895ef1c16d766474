using CdcSync.Mdm.Standardise;
using static CdcSync.Mdm.Tests.StandardiseFields;

namespace CdcSync.Mdm.Tests;

public sealed class StandardisePlacesTests
{
    [Theory]
    [InlineData("435 s. la cienega blv.", "435 s. la cienega blvd.")]
    [InlineData("12224 Ventura Boulevard", "12224 ventura blvd")]
    [InlineData("2/98 Smith St", "Unit 2, 98 Smith Street")]
    [InlineData("98 Smith Street Unit 2", "Unit 2/98 Smith Street")]
    [InlineData("Level 3, 12 Main St", "12 Main Street, 3rd Floor")]
    [InlineData("12 Main Street Suite 400", "12 Main St #400")]
    [InlineData("Hauptstraße 5 a", "HAUPTSTR. 5A")]
    [InlineData("Haupt Str. Nr. 5a", "5a Hauptstrasse")]
    [InlineData("12 bis, rue de la Paix", "12bis Rue de la Paix")]
    [InlineData("12 bis rue X", "12bis, Rue X")]
    [InlineData("C/ Mayor 5", "Calle Mayor, 5")]
    [InlineData("Calle Mayor, 5, 2º B", "5 Calle Mayor")]
    [InlineData("Via Roma 12/A", "via Roma, 12A")]
    [InlineData("Hoofdstraat 12", "Hoofdstr. 12")]
    [InlineData("P.O. Box 99", "PO BOX 99")]
    [InlineData("Postfach 12 34 56", "Postfach 123456")]
    [InlineData("C/O John Smith, 12 Main St", "12 Main Street")]
    [InlineData("Adventura Towers 638 Downey St", "638 Downey Street")]
    [InlineData("No 321, Station Road", "321 Station Rd")]
    [InlineData("Smith House, 12 Main Street", "12 Main St")]
    [InlineData("E 23 St", "East 23rd Street")]
    [InlineData("350 Fifth Avenue", "350 5th Ave")]
    [InlineData("174 Saint Nicholas Ave.", "174 St. Nicholas Avenue")]
    [InlineData("11 w. 42nd st. between 5th and 6th aves.", "11 W 42nd St")]
    [InlineData("second ave. at 22nd st.", "2nd Avenue")]
    [InlineData("200 park ave. (entrance at 45th st.)", "200 Park Avenue")]
    [InlineData("12 - 14 King St", "12-14 King Street")]
    [InlineData("One Microsoft Way", "1 Microsoft Way")]
    [InlineData("012 Main St", "12 Main St")]
    [InlineData("66forwood street", "66 Forwood St")]
    [InlineData("181 GILL TSREET", "181 Gill Street")]
    [InlineData("12 Main St\nSpringfield Estate", "12 Main St")]
    [InlineData("322 e. 14 st.  between 1st and 2nd aves.", "322 East 14th Street")]
    public void Spellings_of_one_street_meet(string one, string other) => Assert.Equal(Text("street", one), Text("street", other));

    [Theory]
    [InlineData("12 Main St", "14 Main St")]
    [InlineData("12 Palace", "12 Place")]
    [InlineData("2/98 Smith St", "3/98 Smith St")]
    [InlineData("98 Smith St", "2/98 Smith St")]
    [InlineData("12 A St", "12 B St")]
    [InlineData("12 N Main St", "12 S Main St")]
    [InlineData("5th Avenue", "6th Avenue")]
    [InlineData("PO Box 99", "PO Box 98")]
    [InlineData("Highway 61", "Highway 62")]
    public void Different_streets_stay_apart(string one, string other) => Assert.NotEqual(Text("street", one), Text("street", other));

    [Theory]
    [InlineData("2/98 Smith St", "98", "SMITH ST", "2", null)]
    [InlineData("Hauptstr. 5/2/3", "5", "HAUPTSTR", "2/3", null)]
    [InlineData("PO Box 99, 12 Main St", "12", "MAIN ST", null, "99")]
    [InlineData("Level 3, Suite 4, 12 Main St", "12", "MAIN ST", "FL3 4", null)]
    [InlineData("123 1/2 Main St", "123 1/2", "MAIN ST", null, null)]
    [InlineData("45-02 Broadway", "45-02", "BROADWAY", null, null)]
    [InlineData("Highway 61", null, "HWY 61", null, null)]
    [InlineData("Rose Cottage", null, "ROSE COTTAGE", null, null)]
    [InlineData("Flat Rock Road 7", "7", "FLAT ROCK RD", null, null)]
    [InlineData("12 E Main St", "12", "E MAIN ST", null, null)]
    [InlineData("100 A St", "100", "A ST", null, null)]
    [InlineData("Ste Catherine St 5", "5", "ST CATHERINE ST", null, null)]
    [InlineData("23", "23", "", null, null)]
    [InlineData("Mannerheimintie 5 A 3", "5A", "MANNERHEIMINTIE", null, null)]
    public void A_street_line_in_parts(string raw, string? number, string name, string? unit, string? box) =>
        Assert.Equal(new StreetAddress(number, name, unit, box), Detail<StreetAddress>("street", raw));

    [Theory]
    [InlineData("12 Main St")]
    [InlineData("2/98 Smith St")]
    [InlineData("Level 3, 12 Main St")]
    [InlineData("Hauptstraße 5 a")]
    [InlineData("P.O. Box 99")]
    [InlineData("PO Box 99, 12 Main St")]
    [InlineData("12 bis, rue de la Paix")]
    public void A_street_read_again_is_the_same(string raw) => Assert.Equal(Text("street", raw), Text("street", Text("street", raw)));

    [Theory]
    [InlineData("123 Main Street, Las Vegas NV 89132", "123 MAIN ST", "LAS VEGAS", "NV", "89132", "")]
    [InlineData("1515 Adela Ln, LV, NV", "1515 ADELA LN", "LAS VEGAS", "NV", "", "")]
    [InlineData("Hauptstraße 5, D-10115 Berlin, Germany", "5 HAUPTSTR", "BERLIN", "", "10115", "DE")]
    [InlineData("10 Downing Street, London SW1A 2AA, UK", "10 DOWNING ST", "LONDON", "", "SW1A2AA", "GB")]
    [InlineData("12 Smith St Sydney NSW 2000", "12 SMITH ST", "SYDNEY", "NSW", "2000", "")]
    [InlineData("Unit 2, 98 Smith St, Richmond, VIC 3121, Australia", "98 SMITH ST #2", "RICHMOND", "VIC", "3121", "AU")]
    [InlineData("100 King St W, Suite 400, Toronto ON M5X 1B1", "100 KING ST W #400", "TORONTO", "ON", "M5X1B1", "")]
    [InlineData("12 rue de la Paix\n75002 Paris\nFrance", "12 R LA PAIX", "PARIS", "", "75002", "FR")]
    [InlineData("Keizersgracht 123, 1015 CJ Amsterdam", "123 KEIZERSGRACHT", "AMSTERDAM", "", "1015CJ", "")]
    [InlineData("PO Box 99, Austin, TX 78701-1234", "POBOX 99", "AUSTIN", "TX", "78701", "")]
    [InlineData("435 s. la cienega blvd. los angeles", "435 S LA CIENEGA BLVD", "LOS ANGELES", "", "", "")]
    [InlineData("4 Hillview Rise Singapore 667979", "4 HILLVIEW RISE", "SINGAPORE", "", "667979", "")]
    [InlineData("133 New Bridge Road, Chinatown Point, Singapore 059413", "133 NEW BR RD", "SINGAPORE", "", "059413", "")]
    [InlineData("18 Danver Place, Loughborough, United Kingdom, LE11 1UU", "18 DANVER PL", "LOUGHBOROUGH", "", "LE111UU", "GB")]
    [InlineData("Berlin", "", "BERLIN", "", "", "")]
    [InlineData("12345 Main St", "12345 MAIN ST", "", "", "", "")]
    public void An_address_in_parts(string raw, string street, string town, string region, string postcode, string country) => Assert.Equal(
        (street, town, region, postcode, country),
        (Text("address", raw, part: "street"), Text("address", raw, part: "town"), Text("address", raw, part: "region"), Text("address", raw, part: "postcode"), Text("address", raw, part: "country")));

    [Fact]
    public void A_part_of_an_address_is_what_the_kind_of_that_name_reads() =>
        Assert.Equal(Values("street", "2/98 Smith St")[0].Detail, Values("address", "2/98 Smith St, Richmond VIC 3121", part: "street")[0].Detail);

    [Theory]
    [InlineData("New York City", "new york")]
    [InlineData("St. James", "Saint James")]
    [InlineData("Mt Irvine", "MOUNT IRVINE")]
    [InlineData("München", "Muenchen")]
    [InlineData("Sydney", "City of Sydney")]
    [InlineData("Chicago, IL", "Chicago")]
    [InlineData("10115 Berlin", "Berlin")]
    [InlineData("N Ryde", "North Ryde")]
    [InlineData("Москва", "Moscow")]
    [InlineData("'s-Gravenhage", "Den Haag")]
    public void Spellings_of_one_town_meet(string one, string other) => Assert.Equal(Text("town", one), Text("town", other));

    [Theory]
    [InlineData("Newcastle", "New Castle")]
    [InlineData("North Ryde", "South Ryde")]
    [InlineData("York", "New York")]
    public void Different_towns_stay_apart(string one, string other) => Assert.NotEqual(Text("town", one), Text("town", other));

    [Theory]
    [InlineData("New South Wales", "NSW")]
    [InlineData("nsw", "NSW")]
    [InlineData("Nevada", "NV")]
    [InlineData("US-NY", "NY")]
    [InlineData("Baden-Württemberg", "BW")]
    [InlineData("Kent", "KENT")]
    public void Regions_are_codes(string raw, string code) => Assert.Equal(code, Text("region", raw));

    [Theory]
    [InlineData("Deutschland", "DE")]
    [InlineData("U.S.A.", "US")]
    [InlineData("United States", "US")]
    [InlineData("Österreich", "AT")]
    [InlineData("Россия", "RU")]
    [InlineData("日本", "JP")]
    [InlineData("gb", "GB")]
    [InlineData("Atlantis", "ATLANTIS")]
    public void Countries_are_codes(string raw, string code) => Assert.Equal(code, Text("country", raw));

    [Theory]
    [InlineData("SW1A 1AA", null, "SW1A1AA")]
    [InlineData("89132-1234", "US", "89132")]
    [InlineData("2540.0", null, "2540")]
    [InlineData("1234", "US", "01234")]
    [InlineData("240", "AU", "0240")]
    [InlineData("240", null, "240")]
    [InlineData("00000", "DE", "")]
    public void Postcodes_by_country(string raw, string? country, string code) => Assert.Equal(code, Text("postcode", raw, country));

    [Theory]
    [InlineData("40.79 -73.96", "40.79 -73.96")]
    [InlineData("40.79,-73.96", "40.79 -73.96")]
    [InlineData("0 0", "")]
    [InlineData("91 0", "")]
    [InlineData("40.79", "")]
    [InlineData("NaN NaN", "")]
    public void Coordinates_on_earth(string raw, string text) => Assert.Equal(text, Text("coordinates", raw));
}
