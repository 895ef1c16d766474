namespace CdcSync.Mdm.Standardise;

/// <summary>The name of a company or a person, nobody says which.</summary>
public sealed class PartyNameKind : IFieldKind
{
    public string Name => "party_name";

    public string Summary => "a company or a person, nobody says which";

    public string Comparison => "name";

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) => CellText.Folded(raw, reading) is { } folded ? CompanyNames.Read(folded, reading) : [];
}
