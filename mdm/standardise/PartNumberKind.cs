namespace CdcSync.Mdm.Standardise;

/// <summary>A number that a manufacturer or a shop gives its goods.</summary>
public sealed class PartNumberKind : IFieldKind
{
    public string Name => "part_number";

    public string Summary => "a number of a manufacturer or shop: letters and digits count";

    public string Comparison => "part_number";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var bare = string.Concat(folded.Where(char.IsLetterOrDigit));
        return [new FieldValue(bare)];
    }
}
