namespace CdcSync.Mdm.Standardise;

/// <summary>A surname: particles written together.</summary>
public sealed class SurnameKind : IFieldKind
{
    public string Name => "surname";

    public string Summary => "a surname; O', Mc, von and de belong to it";

    public string Comparison => "surname";

    public double MostDifferent => 0.25;

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) =>
        CellText.Folded(raw, reading) is { } folded && PersonNames.Surname(Transliteration.ToLatin(folded), reading) is { } value ? [value] : [];
}
