namespace CdcSync.Mdm.Standardise;

/// <summary>A whole address in one text.</summary>
public sealed class AddressKind : IFieldKind
{
    public string Name => "address";

    public string Summary => "a whole address in one text; parts: street, town, postcode, region, country";

    public string Comparison => "address";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return Streets.Standard(folded) is { } text ? [new FieldValue(text, text.Split(' '), new FullAddress(null, null, null, null, null))] : [];
    }
}
