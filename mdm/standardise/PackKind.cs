namespace CdcSync.Mdm.Standardise;

/// <summary>A pack size.</summary>
public sealed class PackKind : IFieldKind
{
    public string Name => "pack";

    public string Summary => "a pack size or quantity with unit: CS/24, 12/16 OZ, 3 ft";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return [new FieldValue(folded)];
    }
}
