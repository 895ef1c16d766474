namespace CdcSync.Mdm.Standardise;

/// <summary>A postal code.</summary>
public sealed class PostcodeKind : IFieldKind
{
    public string Name => "postcode";

    public string Summary => "a postal code: no spaces, no country prefix, a ZIP without its +4; leading zeros restored where the country is known";

    public string Comparison => "postcode";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        // A spreadsheet made a number of it: "2540.0".
        if (folded.EndsWith(".0", StringComparison.Ordinal)) folded = folded[..^2];
        if (Postcodes.Standard(folded) is not { } code || code.Length > 20 || Placeholders.IsMissingFolded(code)) return [];
        var full = Digits(reading.Country);
        if (full <= code.Length || code.Length < full - 2 || code.AsSpan().ContainsAnyExceptInRange('0', '9')) return [new FieldValue(code)];
        if (reading.Notes is not null) reading.Note($"leading zero of {code} restored");
        return [new FieldValue(code.PadLeft(full, '0'))];
    }

    static int Digits(string? country) => country switch
    {
        "US" or "DE" or "FR" or "IT" or "ES" or "FI" or "MX" or "HR" or "EE" => 5,
        "AU" or "NO" or "DK" or "BE" or "CH" or "AT" or "LU" or "HU" or "SI" or "NZ" or "ZA" => 4,
        "CN" or "IN" or "RU" or "RO" or "SG" => 6,
        _ => 0,
    };
}
