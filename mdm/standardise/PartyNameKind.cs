namespace CdcSync.Mdm.Standardise;

/// <summary>
/// The name of a company or a person, nobody says which: read as a company's; where no legal form says so and a given name is in it, with a person's detail, and "Smith, Bob"
/// in the order Bob Smith.
/// </summary>
public sealed class PartyNameKind : IFieldKind
{
    public string Name => "party_name";

    public string Summary => "a company or a person, nobody says which";

    public string Comparison => "name";

    public double MostDifferent => 0.2;

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        var values = CompanyNames.Read(raw, reading);
        return values.Count == 1 && MayBePerson(values[0]) && Person(raw, values[0]) is { } person ? [person] : values;
    }

    static bool MayBePerson(FieldValue company) =>
        ((CompanyName)company.Detail!).LegalForm is null && company.Words.Length is >= 2 and <= 6 && Array.Exists(company.Words, w => Nicknames.IsGiven(w));

    static FieldValue? Person(string raw, FieldValue company)
    {
        if (CellText.Folded(raw, new FieldReading()) is not { } folded || PersonNames.Full(Transliteration.ToLatin(folded), new FieldReading()) is not { } person) return null;
        // A word that was written out ("Elec") or left out is a company's.
        var generation = ((PersonName)person.Detail!).Generation is not null;
        var sameWords = person.Words.Order(StringComparer.Ordinal).SequenceEqual(company.Words.Where(w => !(generation && PersonNames.IsGeneration(w))).Order(StringComparer.Ordinal));
        return sameWords ? new FieldValue(string.Join(' ', person.Words), person.Words, person.Detail) : null;
    }
}
