namespace CdcSync.Mdm.Standardise;

/// <summary>A year.</summary>
public sealed class YearKind : IFieldKind
{
    public string Name => "year";

    public string Summary => "a year";

    public string Comparison => "number";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return int.TryParse(folded, out var year) && year is > 0 and < 10000 ? [new FieldValue(year.ToString(), detail: (double)year)] : [];
    }
}
