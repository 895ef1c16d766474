namespace CdcSync.Mdm.Standardise;

/// <summary>What a product is called: its words, model numbers and quantities.</summary>
public sealed class ProductNameKind : IFieldKind
{
    public string Name => "product_name";

    public string Summary => "what a product is called: words, model numbers, quantities with unit";

    public string Comparison => "product";

    public double MostDifferent => 0.4;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) => CellText.Folded(raw, reading) is { } folded && ProductTexts.Read(folded, reading) is { } value ? [value] : [];
}
