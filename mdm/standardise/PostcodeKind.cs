namespace CdcSync.Mdm.Standardise;

/// <summary>A postal code.</summary>
public sealed class PostcodeKind : IFieldKind
{
    public string Name => "postcode";

    public string Summary => "a postal code, as its country writes it";

    public string Comparison => "postcode";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return CdcSync.Mdm.Standardise.Postcodes.Standard(folded) is { } code ? [new FieldValue(code)] : [];
    }
}
