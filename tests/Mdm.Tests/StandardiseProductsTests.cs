using CdcSync.Mdm.Standardise;
using static CdcSync.Mdm.Tests.StandardiseFields;

namespace CdcSync.Mdm.Tests;

public sealed class StandardiseProductsTests
{
    [Theory]
    [InlineData("sony turntable pslx350h", "Sony PS-LX350H Belt-Drive Turntable", "PSLX350H")]
    [InlineData("panasonic dmc-fx100", "Panasonic DMC FX100 12 megapixel", "DMCFX100")]
    [InlineData("griffin 4046-trpautoc itrip", "Griffin iTrip 4046TRPAUTOC", "4046TRPAUTOC")]
    [InlineData("sony switcher sbv40s", "Sony SBV-40S Switcher", "SBV40S")]
    [InlineData("denon dp-300f analog turntable", "Denon DP300F", "DP300F")]
    [InlineData("garmin adapter 0101097900", "Garmin 010-10979-00", "0101097900")]
    public void Spellings_of_one_model_number_meet(string one, string other, string code)
    {
        Assert.Contains(code, Detail<ProductText>("product_name", one).Codes);
        Assert.Contains(code, Detail<ProductText>("product_name", other).Codes);
    }

    [Theory]
    [InlineData("netgear fs105", "netgear fs108")]
    [InlineData("set of 2 cups", "box for 2 pens")]
    [InlineData("lg wm3431w washer", "lg wm3431h washer")]
    public void Different_model_numbers_stay_apart(string one, string other) =>
        Assert.Empty(Detail<ProductText>("product_name", one).Codes.Intersect(Detail<ProductText>("product_name", other).Codes));

    [Theory]
    [InlineData("Kingston 16 gb usb", "16GB")]
    [InlineData("Kingston 16GB usb", "16GB")]
    [InlineData("16-GB stick", "16GB")]
    [InlineData("1 TB drive", "1000GB")]
    [InlineData("5.5 inch tablet", "5.5IN")]
    [InlineData("5.5\" tablet", "5.5IN")]
    [InlineData("2-1/2 in. screw", "2.5IN")]
    [InlineData("sony 46 ' plasma", "46IN")]
    [InlineData("6' cable", "72IN")]
    [InlineData("6 ft cable", "72IN")]
    [InlineData("12 fl. oz. bottle", "12FLOZ")]
    [InlineData("2 lbs of coffee", "32OZ")]
    [InlineData("8-port switch", "8PORT")]
    [InlineData("3 in 1 printer", "")]
    [InlineData("2 x 4 timber", "")]
    [InlineData("400 cd changer", "")]
    public void Quantities_have_a_unit(string raw, string quantities) => Assert.Equal(quantities, string.Join(' ', Detail<ProductText>("product_name", raw).Quantities));

    [Fact]
    public void A_quantity_is_one_word() => Assert.Equal(["KINGSTON", "16GB", "USB"], Values("product_name", "Kingston 16 GB with USB")[0].Words);

    [Theory]
    [InlineData("CS/24", "24 per case")]
    [InlineData("BX100", "100 / box")]
    [InlineData("3 ft", "36\"")]
    [InlineData("6 x 330 ml", "6x330ml")]
    [InlineData("12/16 OZ", "12 x 1 lb")]
    [InlineData("1/2 in", "0.5 inch")]
    [InlineData("1 dozen", "12 pcs")]
    [InlineData("1.5 L", "1500ml")]
    public void Spellings_of_one_pack_meet(string one, string other) => Assert.Equal(Text("pack", one), Text("pack", other));

    [Theory]
    [InlineData("CS/24", "CS/12")]
    [InlineData("12/16 OZ", "16 OZ")]
    [InlineData("500 ml", "500 g")]
    public void Different_packs_stay_apart(string one, string other) => Assert.NotEqual(Text("pack", one), Text("pack", other));

    [Theory]
    [InlineData("00123-AB", "123AB")]
    [InlineData("LT1763CS8#PBF", "LT1763CS8")]
    [InlineData("N/A", "")]
    [InlineData("0000", "")]
    public void Part_numbers(string raw, string text) => Assert.Equal(text, Text("part_number", raw));

    [Theory]
    [InlineData("Steak Houses", "steak-houses")]
    [InlineData("Café/Bar", "cafe, bar")]
    public void Spellings_of_one_category_meet(string one, string other) => Assert.Equal(Text("category", one), Text("category", other));
}
