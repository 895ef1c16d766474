namespace CdcSync.Mdm.Standardise;

/// <summary>What a product is called: its words, model numbers and quantities.</summary>
public sealed class ProductNameKind : IFieldKind
{
    public string Name => "product_name";

    public string Summary => "what a product is called: words, model numbers, quantities with unit";

    public string Comparison => "product";

    public double MostDifferent => 0.4;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) => CellText.Folded(raw, reading) is { } folded && ProductTexts.Read(folded, reading) is { } value ? [value] : [];

    // What the other texts say is no name; but the model number may stand there, or the name of what this one fits.
    public IEnumerable<FieldValue> Read(string raw, IReadOnlyList<string> also, FieldReading reading)
    {
        if (Read(raw, reading).FirstOrDefault() is not { } name) return [];
        var named = (ProductText)name.Detail!;
        var elsewhere = also.SelectMany(a => Read(a, reading)).SelectMany(v => v.Words.Where(w => w.Length >= 5).Concat(((ProductText)v.Detail!).Codes)).Distinct(StringComparer.Ordinal).ToArray();
        return [new FieldValue(name.Text, name.Words, named with { Elsewhere = elsewhere })];
    }
}
