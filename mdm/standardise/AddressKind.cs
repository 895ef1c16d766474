namespace CdcSync.Mdm.Standardise;

/// <summary>A whole address in one text. A field may take a part of it: <c>street</c>, <c>town</c>, <c>postcode</c>, <c>region</c>, <c>country</c>.</summary>
public sealed class AddressKind : IFieldKind
{
    public string Name => "address";

    public string Summary => "a whole address in one text; part: street, town, postcode, region or country";

    public string Comparison => "address";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw.AsSpan(0, Math.Min(raw.Length, CellText.Longest + 1)).IndexOfAny('\n', '\r') >= 0 ? raw.Replace('\n', ',') : raw, reading) is not { } folded) return [];
        var parts = Addresses.Parts(folded);
        return reading.Part switch
        {
            "street" => parts.Street is { } street ? Some(StreetParser.Read(street, reading)) : [],
            "town" => parts.Town is { } town ? Some(TownKind.Of(town, reading)) : [],
            "postcode" => parts.Postcode is { } postcode && Postcodes.Standard(postcode) is { } code ? [new FieldValue(code)] : [],
            "region" => parts.Region is { } region && RegionKind.Of(region) is { } state ? [new FieldValue(state)] : [],
            "country" => parts.Country is { } country && Countries.Code(country) is { } iso ? [new FieldValue(iso)] : [],
            _ => Some(Whole(parts, reading)),
        };
    }

    static FieldValue[] Some(FieldValue? value) => value is null ? [] : [value];

    static FieldValue? Whole((string? Street, string? Town, string? Region, string? Postcode, string? Country) parts, FieldReading reading)
    {
        var street = parts.Street is null ? null : StreetParser.Read(parts.Street, reading);
        var town = parts.Town is null ? null : TownKind.Of(parts.Town, reading);
        var region = parts.Region is null ? null : RegionKind.Of(parts.Region);
        var postcode = parts.Postcode is null ? null : Postcodes.Standard(parts.Postcode);
        var country = parts.Country is null ? null : Countries.Code(parts.Country);
        var text = string.Join(", ", new[] { street?.Text, town?.Text, region, postcode }.Where(p => p is { Length: > 0 }));
        if (text.Length == 0) return null;
        if (reading.Notes is not null) reading.Note($"street {street?.Text ?? "?"}, town {town?.Text ?? "?"}, region {region ?? "?"}, postcode {postcode ?? "?"}");
        string[] words = [.. street?.Words ?? [], .. town?.Words ?? [], .. postcode is null ? Array.Empty<string>() : [postcode]];
        return new FieldValue(text, words.Length > 0 ? words : [text], new FullAddress((StreetAddress?)street?.Detail, town?.Text, region, postcode, country));
    }
}
