namespace CdcSync.Mdm.Standardise;

/// <summary>A state, province or county: the code where one is known.</summary>
public sealed class RegionKind : IFieldKind
{
    public string Name => "region";

    public string Summary => "a state, province or county: its code where one is known";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return Of(folded) is { } region ? [new FieldValue(region)] : [];
    }

    /// <summary>The code of a folded region, or its letters and digits; null when it has none.</summary>
    public static string? Of(string folded)
    {
        // "US-NY", "AU-NSW".
        var name = folded.Length > 3 && folded[2] == '-' && Countries.Code(folded.AsSpan(0, 2)) is not null ? folded[3..] : folded;
        if (Regions.Code(name) is { } code) return code;
        var words = NameWords.Of(Transliteration.ToLatin(name), TownSpellings.Lookup);
        return words.Count == 0 ? null : string.Join(' ', words);
    }
}
