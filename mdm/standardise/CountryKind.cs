namespace CdcSync.Mdm.Standardise;

/// <summary>A country.</summary>
public sealed class CountryKind : IFieldKind
{
    public string Name => "country";

    public string Summary => "a country, by name or code: ISO alpha-2";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return [new FieldValue(folded)];
    }
}
