namespace CdcSync.Mdm.Standardise;

/// <summary>A free description: its words, model numbers and quantities.</summary>
public sealed class TextKind : IFieldKind
{
    public string Name => "text";

    public string Summary => "a free description: words, model numbers, quantities with unit";

    public string Comparison => "text";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) => CellText.Folded(raw, reading) is { } folded && ProductTexts.Read(folded, reading) is { } value ? [value] : [];
}
