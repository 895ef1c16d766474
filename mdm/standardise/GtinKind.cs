namespace CdcSync.Mdm.Standardise;

/// <summary>
/// A GTIN, EAN or UPC: 14 digits. Spreadsheets drop leading zeros and some systems the check digit: the zeros are restored where the check digit is then right, else a check digit is added. The pack indicator is
/// the detail's register.
/// </summary>
public sealed class GtinKind : IFieldKind
{
    public string Name => "gtin";

    public string Summary => "a GTIN, EAN or UPC, also UPC-E: 14 digits with a right check digit";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var digits = folded.EndsWith(".0", StringComparison.Ordinal) ? folded[..^2] : folded;
        digits = string.Concat(digits.Where(c => c is not (' ' or '-' or '.')));
        if (digits.Length is < 6 or > 14 || digits.AsSpan().ContainsAnyExceptInRange('0', '9')) return Refused(reading, folded, "has not 8, 12, 13 or 14 digits");
        foreach (var (candidate, done) in Candidates(digits))
        {
            if (Gs1Numbers.Gtin(candidate) is not { } gtin) continue;
            if (reading.Notes is not null && done.Length > 0) reading.Note(done);
            if (reading.Notes is not null && gtin[0] is not '0') reading.Note($"pack indicator {gtin[0]}");
            return [new FieldValue(gtin, detail: new Identifier(true, gtin[0] == '0' ? "GTIN" : $"GTIN pack {gtin[0]}"))];
        }
        return Refused(reading, folded, "has a wrong check digit, or is for use within one company");
    }

    static IEnumerable<(string Digits, string Done)> Candidates(string digits)
    {
        yield return (digits, "");
        if (digits.Length == 8 && digits[0] is '0' or '1' && Gs1Numbers.FromUpcE(digits) is { } expanded) yield return (expanded, "UPC-E written in full");
        if (digits.Length is 11 or 10 or 9) yield return (digits.PadLeft(12, '0'), "leading zeros restored");
        if (digits.Length == 11) yield return (Gs1Numbers.WithCheckDigit(digits), "check digit of the UPC added");
        if (digits.Length is 7 or 6) yield return (digits.PadLeft(8, '0'), "leading zeros restored");
    }

    static FieldValue[] Refused(FieldReading reading, string text, string why)
    {
        if (reading.Notes is not null) reading.Note($"'{text}' {why}: missing");
        return [];
    }
}
