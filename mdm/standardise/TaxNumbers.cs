using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>Tax numbers as registers write them: upper case, no punctuation, a VAT number with its country's prefix.</summary>
public static class TaxNumbers
{
    // Two-letter prefixes of VAT numbers: the EU's, Northern Ireland's, and the neighbours that write theirs the same way.
    static readonly FrozenSet<string> VatPrefixes = new[]
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI",
        "SK", "XI", "GB", "NO", "CH",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The standard form, or null when it is missing or cannot be a tax number.</summary>
    /// <param name="scheme">As in <see cref="Contract.Canonical.TaxId.Scheme"/>.</param>
    /// <param name="value">The number as the source has it.</param>
    /// <param name="country">The holder's country, ISO alpha-2: gives a VAT number without prefix its prefix.</param>
    public static string? Standard(string scheme, string? value, string? country)
    {
        if (Placeholders.IsMissing(value)) return null;
        var bare = string.Concat(Folding.Fold(value!).Where(char.IsAsciiLetterOrDigit));
        if (!string.Equals(scheme, "vat", StringComparison.OrdinalIgnoreCase)) return IsPlausible(bare) ? bare : null;
        var prefix = Prefix(bare) ?? Prefix(country?.Trim().ToUpperInvariant());
        var number = Prefix(bare) is null ? bare : bare[2..];
        return IsPlausible(number) ? prefix + number : null;
    }

    /// <summary>True when a standardised VAT number says which country's register it is of.</summary>
    public static bool HasPrefix(string standard) => Prefix(standard) is not null;

    // Greece registers under EL; ISO and some systems say GR.
    static string? Prefix(string? text)
    {
        if (text is not { Length: >= 2 }) return null;
        var two = text.StartsWith("GR", StringComparison.Ordinal) ? "EL" : text[..2];
        return VatPrefixes.Contains(two) ? two : null;
    }

    static bool IsPlausible(string number) => number.Length is >= 5 and <= 20 && number.Any(char.IsAsciiDigit) && !Placeholders.IsMissing(number);
}
