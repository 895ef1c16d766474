namespace CdcSync.Mdm.Standardise;

/// <summary>A number that a manufacturer or a shop gives its goods: letters and digits alone.</summary>
public sealed class PartNumberKind : IFieldKind
{
    public string Name => "part_number";

    public string Summary => "a number of a manufacturer or shop: letters and digits count, leading zeros do not";

    public string Comparison => "part_number";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        // "#PBF" and the like say how it is packed or soldered, not what it is.
        var hash = folded.IndexOf('#');
        var bare = string.Concat((hash > 2 ? folded[..hash] : folded).Where(char.IsLetterOrDigit));
        if (hash > 2 && reading.Notes is not null) reading.Note($"'{folded[hash..]}' left out");
        var significant = bare.TrimStart('0');
        return significant.Length == 0 || Placeholders.IsMissingFolded(significant) ? [] : [new FieldValue(significant)];
    }
}
