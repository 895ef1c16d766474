namespace CdcSync.Mdm.Standardise;

/// <summary>The whole name of a person: words from given name to surname, the text in alphabetical order.</summary>
public sealed class PersonNameKind : IFieldKind
{
    public string Name => "person_name";

    public string Summary => "a person's whole name, in any order, without titles";

    public string Comparison => "name";

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) =>
        CellText.Folded(GluedForm.PartNames(raw), reading) is { } folded && PersonNames.Full(Transliteration.ToLatin(folded), reading) is { } value ? [value] : [];
}
