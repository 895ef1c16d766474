namespace CdcSync.Mdm.Standardise;

/// <summary>A GTIN, EAN or UPC.</summary>
public sealed class GtinKind : IFieldKind
{
    public string Name => "gtin";

    public string Summary => "a GTIN, EAN or UPC: 14 digits with a right check digit";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        return Gs1Numbers.Gtin(raw.Length > CellText.Longest ? null : raw) is { } gtin ? [new FieldValue(gtin)] : [];
    }
}
