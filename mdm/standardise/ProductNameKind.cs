namespace CdcSync.Mdm.Standardise;

/// <summary>What a product or thing is called, and its codes and quantities.</summary>
public sealed class ProductNameKind : IFieldKind
{
    public string Name => "product_name";

    public string Summary => "what a product is called: its words, model numbers and quantities";

    public string Comparison => "product";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var words = NameWords.Of(folded, CompanySpellings.Lookup).ToArray();
        return [new FieldValue(string.Join(' ', words), words, new ProductText([.. words.Where(w => w.Length > 3 && w.Any(char.IsAsciiDigit))], []))];
    }
}
