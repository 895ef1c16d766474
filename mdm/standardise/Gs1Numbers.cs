namespace CdcSync.Mdm.Standardise;

/// <summary>GS1 numbers: digits alone, check digit verified (GS1 General Specifications, 7.9).</summary>
public static class Gs1Numbers
{
    /// <summary>A GTIN-8, -12, -13 or -14 as 14 digits; null when it is none, or a number that a company gives itself (restricted circulation).</summary>
    public static string? Gtin(string? text)
    {
        if (Digits(text) is not { Length: 8 or 12 or 13 or 14 } digits || !HasCheckDigit(digits)) return null;
        var gtin = digits.PadLeft(14, '0');
        return IsRestricted(gtin) || IsEmpty(digits) ? null : gtin;
    }

    /// <summary>A GLN: 13 digits; null when it is none.</summary>
    public static string? Gln(string? text) => Digits(text) is { Length: 13 } digits && HasCheckDigit(digits) && !IsEmpty(digits) ? digits : null;

    /// <summary>The digits with their check digit behind them.</summary>
    public static string WithCheckDigit(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++) sum += (digits[^(i + 1)] - '0') * (i % 2 == 0 ? 3 : 1);
        return digits + (char)('0' + (10 - sum % 10) % 10);
    }

    /// <summary>A UPC-E of 8 digits as the UPC-A of 12 that it is short for; null when it is none.</summary>
    public static string? FromUpcE(string digits)
    {
        if (digits.Length != 8 || digits[0] is not ('0' or '1')) return null;
        var (manufacturer, item) = digits[6] switch
        {
            '0' or '1' or '2' => (digits[1..3] + digits[6] + "00", "00" + digits[3..6]),
            '3' => (digits[1..4] + "00", "000" + digits[4..6]),
            '4' => (digits[1..5] + "0", "0000" + digits[5]),
            var last => (digits[1..6], "0000" + last),
        };
        return $"{digits[0]}{manufacturer}{item}{digits[7]}";
    }

    // Weights 3 and 1 alternate from the right, beginning with 3 at the digit before the check digit.
    static bool HasCheckDigit(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++) sum += (digits[^(i + 1)] - '0') * (i % 2 == 0 ? 1 : 3);
        return sum % 10 == 0;
    }

    static string? Digits(string? text)
    {
        if (text is null) return null;
        var digits = string.Concat(Folding.Fold(text).Where(c => c is not (' ' or '-' or '.')));
        return digits.All(char.IsAsciiDigit) ? digits : null;
    }

    // Prefixes 02, 04 and 2 of a GTIN-13 and 0 and 2 of a GTIN-8 are free for use within a company: equal ones of two systems say nothing.
    static bool IsRestricted(string gtin) =>
        gtin.StartsWith("000000", StringComparison.Ordinal) ? gtin[6] is '0' or '2' : gtin[1] == '2' || (gtin[1] == '0' && gtin[2] is '2' or '4');

    static bool IsEmpty(string digits) => digits.AsSpan(0, digits.Length - 1).IndexOfAnyExcept(digits[0]) < 0;
}
