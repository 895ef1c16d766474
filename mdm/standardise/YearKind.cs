using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>A year, also of a date.</summary>
public sealed class YearKind : IFieldKind
{
    public string Name => "year";

    public string Summary => "a year, alone or of a date";

    public string Comparison => "number";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        for (var i = 0; i < folded.Length;)
        {
            var end = i;
            while (end < folded.Length && char.IsAsciiDigit(folded[end])) end++;
            if (end - i is 4 or 8 && int.Parse(folded.AsSpan(i, 4), CultureInfo.InvariantCulture) is > 1000 and < 2200 and var year)
                return [new FieldValue(year.ToString(CultureInfo.InvariantCulture), detail: (double)year)];
            i = Math.Max(end, i + 1);
        }
        if (reading.Notes is not null) reading.Note($"'{folded}' has no year: missing");
        return [];
    }
}
