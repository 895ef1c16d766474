namespace CdcSync.Mdm.Standardise;

/// <summary>A state, province or county.</summary>
public sealed class RegionKind : IFieldKind
{
    public string Name => "region";

    public string Summary => "a state, province or county: its code where one is known";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return [new FieldValue(folded)];
    }
}
