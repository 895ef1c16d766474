namespace CdcSync.Mdm.Standardise;

/// <summary>A town.</summary>
public sealed class TownKind : IFieldKind
{
    public string Name => "town";

    public string Summary => "a town, suburb or village";

    public string Comparison => "town";

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return [new FieldValue(folded, folded.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
    }
}
