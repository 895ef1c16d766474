namespace CdcSync.Mdm.Standardise;

/// <summary>A web site or the domain of an e-mail address.</summary>
public sealed class DomainKind : IFieldKind
{
    public string Name => "domain";

    public string Summary => "a web site or e-mail address: its registered domain";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return [new FieldValue(folded.ToLowerInvariant())];
    }
}
