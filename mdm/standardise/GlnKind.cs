namespace CdcSync.Mdm.Standardise;

/// <summary>A Global Location Number.</summary>
public sealed class GlnKind : IFieldKind
{
    public string Name => "gln";

    public string Summary => "a Global Location Number: 13 digits with a right check digit";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        if (Gs1Numbers.Gln(folded) is { } gln) return [new FieldValue(gln)];
        if (reading.Notes is not null) reading.Note($"'{folded}' is no GLN: not 13 digits or a wrong check digit: missing");
        return [];
    }
}
