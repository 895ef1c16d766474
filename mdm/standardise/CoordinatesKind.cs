using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>A place by latitude and longitude in one text: "40.79 -73.96", "40.79,-73.96".</summary>
public sealed class CoordinatesKind : IFieldKind
{
    public string Name => "coordinates";

    public string Summary => "latitude and longitude in degrees, in one text";

    public string Comparison => "distance";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var parts = folded.Split([' ', ',', ';', '(', ')'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2 || Degrees(parts[0]) is not { } latitude || Degrees(parts[1]) is not { } longitude) return Refused(reading, folded, "is no pair of degrees");
        if (latitude == 0 && longitude == 0) return Refused(reading, folded, "is in the Gulf of Guinea, where unset coordinates lie");
        if (Math.Abs(latitude) > 90 || Math.Abs(longitude) > 180) return Refused(reading, folded, "is not on earth");
        return [new FieldValue(string.Create(CultureInfo.InvariantCulture, $"{latitude:0.######} {longitude:0.######}"), detail: new Coordinates(latitude, longitude))];
    }

    static double? Degrees(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var degrees) && double.IsFinite(degrees) ? degrees : null;

    static FieldValue[] Refused(FieldReading reading, string text, string why)
    {
        if (reading.Notes is not null) reading.Note($"'{text}' {why}: missing");
        return [];
    }
}
