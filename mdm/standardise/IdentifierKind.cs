namespace CdcSync.Mdm.Standardise;

/// <summary>A number of any register.</summary>
public sealed class IdentifierKind : IFieldKind
{
    public string Name => "identifier";

    public string Summary => "a number of any register: customer, passport, social security";

    public string Comparison => "identifier";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var bare = string.Concat(folded.Where(char.IsLetterOrDigit));
        return [new FieldValue(bare, detail: new Identifier(true, null))];
    }
}
