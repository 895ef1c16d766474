namespace CdcSync.Mdm.Standardise;

/// <summary>A street line.</summary>
public sealed class StreetKind : IFieldKind
{
    public string Name => "street";

    public string Summary => "a street line: number, name and unit apart";

    public string Comparison => "street";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        if (Streets.Standard(folded) is not { } text) return [];
        var words = text.Split(' ');
        var name = words.Where(w => !w.Any(char.IsAsciiDigit)).ToArray();
        return [new FieldValue(text, name, new StreetAddress(words.FirstOrDefault(w => char.IsAsciiDigit(w[0])), string.Join(' ', name), null, null))];
    }
}
