namespace CdcSync.Mdm.Standardise;

/// <summary>A word of a list: cuisine, class, colour.</summary>
public sealed class CategoryKind : IFieldKind
{
    public string Name => "category";

    public string Summary => "a word of a list: class, colour, cuisine";

    public string Comparison => "exact";

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var words = folded.Split([' ', ',', '/', ';', '-', '(', ')', '&', '_', '.'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? [] : [new FieldValue(string.Join(' ', words), words)];
    }
}
