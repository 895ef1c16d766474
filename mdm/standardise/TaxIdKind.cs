namespace CdcSync.Mdm.Standardise;

/// <summary>
/// A tax, company or VAT number as its register writes it. A wrong check digit is most often a typing error: the number stays, and its detail says so.
/// </summary>
public sealed class TaxIdKind : IFieldKind
{
    public string Name => "tax_id";

    public string Summary => "a tax, company or VAT number, as its register writes it; check digits are tested";

    public string Comparison => "identifier";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        if (TaxNumbers.Standard("vat", WithoutLabel(folded), reading.Country) is not { } number)
        {
            if (reading.Notes is not null) reading.Note($"'{folded}' is no tax number: missing");
            return [];
        }
        var detail = Check(number, reading.Country);
        if (reading.Notes is not null && detail.Register is not null) reading.Note(detail.Valid ? $"{detail.Register}, check digits right" : $"{detail.Register}, but its check digits are wrong");
        return [new FieldValue(number, detail: detail)];
    }

    // "VAT No. GB 123", "ABN: 12 345", "USt-IdNr. DE123", "EIN 12-3456789".
    static string WithoutLabel(string folded)
    {
        var digit = folded.AsSpan().IndexOfAnyInRange('0', '9');
        if (digit < 3) return folded;
        var label = folded.AsSpan(0, digit);
        foreach (var word in (ReadOnlySpan<string>)["ABN", "ACN", "EIN", "VAT", "UST", "UID", "TVA", "BTW", "IVA", "NIF", "CIF", "NIP", "SIREN", "SIRET", "TIN", "GST", "MWST", "FEIN", "TAX"])
        {
            if (!label.StartsWith(word) || !EndsLabel(label[word.Length..])) continue;
            // The country's prefix may stand between label and number.
            var prefix = label.TrimEnd(" .:-");
            return prefix.Length >= word.Length + 3 && prefix[^3] is ' ' or ':' or '.' && TaxNumbers.HasPrefix(prefix[^2..].ToString()) ? folded[(prefix.Length - 2)..] : folded[digit..];
        }
        return folded;
    }

    // "VAT No", "VATNO", "UST-ID": but no word that merely begins like one.
    static bool EndsLabel(ReadOnlySpan<char> rest) =>
        rest.IsEmpty || !char.IsLetter(rest[0]) || rest.StartsWith("NO") || rest.StartsWith("NR") || rest.StartsWith("ID") || rest.StartsWith("REG");

    static Identifier Check(string number, string? country)
    {
        if (number.Length == 20 && TaxChecks.Lei(number)) return new Identifier(true, "LEI");
        if (TaxNumbers.HasPrefix(number) && number.Length > 6 && TaxChecks.Vat(number[..2], number[2..]) is { } vat) return new Identifier(vat, "VAT-" + number[..2]);
        var digits = !number.AsSpan().ContainsAnyExceptInRange('0', '9');
        return (country, number.Length) switch
        {
            ("AU", 11) when digits => new Identifier(TaxChecks.Abn(number), "ABN"),
            ("AU", 9) when digits => new Identifier(TaxChecks.Acn(number), "ACN"),
            ("US", 9) when digits => new Identifier(TaxChecks.Ein(number), "EIN"),
            (null, 11) when digits && TaxChecks.Abn(number) => new Identifier(true, "ABN"),
            (null, 14) when digits && TaxChecks.Luhn(number) => new Identifier(true, "SIRET"),
            _ => new Identifier(true, null),
        };
    }
}
