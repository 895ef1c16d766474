using System.Collections.Frozen;
using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>Units of measure as catalogues abbreviate them, each with its standard unit and how many of it it is. Metric and imperial units stay apart.</summary>
static class Units
{
    static readonly FrozenDictionary<string, (string Unit, double Factor)> ByName = Read("""
        GB 1 GB GIG GIGS GIGABYTE GIGABYTES GBYTE
        GB 0.001 MB MEG MEGS MEGABYTE MEGABYTES
        GB 1000 TB TERABYTE TERABYTES
        KB 1 KB KILOBYTE KILOBYTES
        IN 1 IN INCH INCHES INS " ''
        IN 12 FT FEET FOOT
        IN 36 YD YDS YARD YARDS
        MM 1 MM MILLIMETER MILLIMETRE MILLIMETERS MILLIMETRES
        MM 10 CM CENTIMETER CENTIMETRE CENTIMETERS CENTIMETRES
        MM 1000 M MTR METER METRE METERS METRES MTRS
        OZ 1 OZ OUNCE OUNCES OZS
        OZ 16 LB LBS POUND POUNDS
        FLOZ 1 FLOZ
        FLOZ 128 GAL GALLON GALLONS GALS
        FLOZ 32 QT QUART QUARTS QTS
        FLOZ 16 PINT PINTS
        G 1 G GR GRAM GRAMS GM GMS GRAMME GRAMMES
        G 1000 KG KGS KILO KILOS KILOGRAM KILOGRAMS
        G 0.001 MG MILLIGRAM MILLIGRAMS
        ML 1 ML MILLILITER MILLILITRE MILLILITERS MILLILITRES
        ML 10 CL
        ML 1000 L LTR LITER LITRE LITERS LITRES LTRS LT
        W 1 W WATT WATTS
        W 1000 KW KILOWATT KILOWATTS
        V 1 V VOLT VOLTS VAC VDC
        A 1 AMP AMPS AMPERE
        MAH 1 MAH
        MHZ 1 MHZ MEGAHERTZ
        MHZ 1000 GHZ GIGAHERTZ
        HZ 1 HZ HERTZ
        MP 1 MP MEGAPIXEL MEGAPIXELS MPIX MEGA
        ZOOM 1 X
        PORT 1 PORT PORTS
        CH 1 CHANNEL CHANNELS CH
        CT 1 CT COUNT PK PACK PACKS PCS PC PIECE PIECES PCE EA EACH ROLL ROLLS SHEETS SHEET SHTS
        CT 2 PR PAIR PAIRS
        CT 12 DZ DOZ DOZEN
        CUFT 1 CUFT
        SQFT 1 SQFT
        BTU 1 BTU BTUS
        RPM 1 RPM
        DPI 1 DPI
        PPM 1 PPM
        MIN 1 MIN MINUTE MINUTES MINS
        MIN 60 HR HRS HOUR HOURS
        DAY 1 DAY DAYS
        YEAR 1 YR YRS YEAR YEARS
        DISC 1 DISC DISCS DISK DISKS CD CDS DVD DVDS
        HP 1 HP HORSEPOWER
        DEG 1 DEG DEGREE DEGREES
        PSI 1 PSI
        """);

    static readonly FrozenDictionary<string, (string Unit, double Factor)>.AlternateLookup<ReadOnlySpan<char>> Spans = ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>True when the folded word is a unit.</summary>
    public static bool Contains(ReadOnlySpan<char> word) => Spans.ContainsKey(word);

    /// <summary>A number of a unit in the standard unit: <c>1 TB</c> is <c>1000GB</c>.</summary>
    public static string Quantity(double number, ReadOnlySpan<char> unit)
    {
        var (standard, factor) = Spans[unit];
        return string.Create(CultureInfo.InvariantCulture, $"{number * factor:0.####}{standard}");
    }

    static FrozenDictionary<string, (string, double)> Read(string lines)
    {
        var units = new Dictionary<string, (string, double)>(StringComparer.Ordinal);
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ');
            foreach (var word in words.Skip(2)) units.Add(word, (words[0], double.Parse(words[1], CultureInfo.InvariantCulture)));
        }
        return units.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
