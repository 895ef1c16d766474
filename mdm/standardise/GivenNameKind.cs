namespace CdcSync.Mdm.Standardise;

/// <summary>Given names, with the names they are short for.</summary>
public sealed class GivenNameKind : IFieldKind
{
    public string Name => "given_name";

    public string Summary => "given names; nicknames are known";

    public string Comparison => "given_name";

    public double MostDifferent => 0.3;

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) =>
        CellText.Folded(raw, reading) is { } folded && PersonNames.Given(Transliteration.ToLatin(folded), reading) is { } value ? [value] : [];
}
