using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>A pack size or quantity: <c>CS/24</c>, <c>12/16 OZ</c>, <c>BX100</c>, <c>3 ft</c>, <c>6 x 330 ml</c>; several parts count down to the content of one.</summary>
public sealed class PackKind : IFieldKind
{
    public string Name => "pack";

    public string Summary => "a pack size or quantity with unit (CS/24, 12/16 OZ, 3 ft), in standard units";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var parts = new List<string>(3);
        for (var i = 0; i < folded.Length && parts.Count < 8;)
        {
            var length = char.IsAsciiDigit(folded[i]) || folded[i] == '.' ? Length(folded, i, out var number) : Fractions.Length("", out number);
            if (length > 0)
            {
                i += length;
                parts.Add(Part(folded, ref i, number));
            }
            else if (char.IsLetter(folded[i]))
            {
                var start = i;
                while (i < folded.Length && char.IsLetter(folded[i])) i++;
                if (!IsContainer(folded.AsSpan(start, i - start))) parts.Add(folded[start..i]);
            }
            else i++;
        }
        if (parts.Count == 0) return [];
        var text = string.Join(" X ", parts);
        if (reading.Notes is not null && text != folded) reading.Note($"'{folded}' is {text}");
        return [new FieldValue(text, [.. parts])];
    }

    // "12/16 OZ" is twelve times sixteen ounces, "1/2 LB" half a pound, "5/16 IN" a part of an inch.
    static int Length(string folded, int at, out double number)
    {
        var length = Fractions.Length(folded.AsSpan(at), out number);
        var slash = folded.AsSpan(at, length).IndexOf('/');
        if (slash < 0 || folded.AsSpan(at, slash).IndexOfAny('-', ' ') > 0) return length;
        var unit = folded.AsSpan(at + length).TrimStart(" -");
        if ((number is 0.5 or 0.25 or 0.75 && length == 3) || (number < 1 && (unit.StartsWith("IN") || unit.StartsWith("\"")))) return length;
        return Fractions.Length(folded.AsSpan(at, slash), out number);
    }

    static string Part(string folded, ref int i, double number)
    {
        var start = i;
        while (start < folded.Length && folded[start] is ' ' or '-' or '.') start++;
        var end = start;
        while (end < folded.Length && (char.IsAsciiLetterUpper(folded[end]) || folded[end] == '"')) end++;
        var unit = folded.AsSpan(start, end - start);
        if (unit is "FL" && folded.AsSpan(end).TrimStart(" .").StartsWith("OZ"))
        {
            i = folded.IndexOf("OZ", end, StringComparison.Ordinal) + 2;
            return Units.Quantity(number, "FLOZ");
        }
        if (unit.Length > 0 && unit is not "X" && Units.Contains(unit))
        {
            i = end;
            return Units.Quantity(number, unit);
        }
        if (unit is "X" || IsContainer(unit)) i = end;
        return number.ToString("0.####", CultureInfo.InvariantCulture);
    }

    static bool IsContainer(ReadOnlySpan<char> word) =>
        word is "CS" or "CASE" or "CASES" or "CA" or "BX" or "BOX" or "BOXES" or "CTN" or "CARTON" or "CARTONS" or "BG" or "BAG" or "BAGS" or "PAL" or "PALLET" or "BDL" or "BUNDLE" or "PKG" or "PACKAGE" or "OF" or "PER"
            or "TIN" or "CAN" or "CANS" or "BTL" or "BOTTLE" or "BOTTLES" or "JAR" or "TUB" or "DRUM" or "KARTON" or "VE" or "X" or "BY";
}
