namespace CdcSync.Mdm.Standardise;

/// <summary>What a product or thing is called, and its codes and quantities.</summary>
public sealed class TextKind : IFieldKind
{
    public string Name => "text";

    public string Summary => "a description: its words, codes and quantities";

    public string Comparison => "text";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var words = NameWords.Of(folded, CompanySpellings.Lookup).ToArray();
        return [new FieldValue(string.Join(' ', words), words, new ProductText([.. words.Where(w => w.Length > 3 && w.Any(char.IsAsciiDigit))], []))];
    }
}
