namespace CdcSync.Mdm.Standardise;

/// <summary>A date.</summary>
public sealed class DateKind : IFieldKind
{
    public string Name => "date";

    public string Summary => "a date in any order; both readings where day and month could be either";

    public string Comparison => "date";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return DateOnly.TryParse(folded, System.Globalization.CultureInfo.InvariantCulture, out var date) || DateOnly.TryParseExact(folded, "yyyyMMdd", out date)
            ? [new FieldValue(date.ToString("yyyy-MM-dd"), detail: date)] : [];
    }
}
