namespace CdcSync.Mdm.Standardise;

/// <summary>A Global Location Number.</summary>
public sealed class GlnKind : IFieldKind
{
    public string Name => "gln";

    public string Summary => "a Global Location Number: 13 digits with a right check digit";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        return Gs1Numbers.Gln(raw.Length > CellText.Longest ? null : raw) is { } gln ? [new FieldValue(gln)] : [];
    }
}
