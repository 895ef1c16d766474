namespace CdcSync.Mdm.Standardise;

/// <summary>A country by name or code: ISO alpha-2.</summary>
public sealed class CountryKind : IFieldKind
{
    public string Name => "country";

    public string Summary => "a country, by its name in several languages or its code: ISO alpha-2";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var name = Transliteration.ToLatin(folded);
        if (Countries.Code(name) is { } code) return [new FieldValue(code)];
        if (reading.Notes is not null) reading.Note($"'{name}' is no country that is known");
        return [new FieldValue(name)];
    }
}
