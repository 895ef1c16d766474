using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>Numbers as catalogues write them: 5, 5.5, 1/2, 2-1/2, 33 1/3.</summary>
static class Fractions
{
    /// <summary>How many characters at the beginning of the text are a number, and its value; 0 for none.</summary>
    public static int Length(ReadOnlySpan<char> text, out double number)
    {
        number = 0;
        var whole = Digits(text);
        if (whole == 0 && !(text.Length > 1 && text[0] == '.' && char.IsAsciiDigit(text[1]))) return 0;
        var length = whole;
        if (length < text.Length - 1 && text[length] == '.' && char.IsAsciiDigit(text[length + 1])) length += 1 + Digits(text[(length + 1)..]);
        if (length > 12) return 0;
        number = double.Parse(text[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        if (length != whole) return length;
        if (Fraction(text, out var alone) is > 0 and var all)
        {
            number = alone;
            return all;
        }
        // "2-1/2", "2 1/2".
        if (length < text.Length - 3 && text[length] is '-' or ' ' && Fraction(text[(length + 1)..], out var part) is > 0 and var rest && part < 1)
        {
            number += part;
            return length + 1 + rest;
        }
        return length;
    }

    static int Fraction(ReadOnlySpan<char> text, out double number)
    {
        number = 0;
        var over = Digits(text);
        if (over is 0 or > 2 || over + 1 >= text.Length || text[over] != '/') return 0;
        var under = Digits(text[(over + 1)..]);
        if (under is 0 or > 2) return 0;
        var divisor = int.Parse(text.Slice(over + 1, under), CultureInfo.InvariantCulture);
        if (divisor is not (2 or 3 or 4 or 5 or 8 or 16 or 32 or 64)) return 0;
        number = double.Parse(text[..over], CultureInfo.InvariantCulture) / divisor;
        return over + 1 + under;
    }

    static int Digits(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && char.IsAsciiDigit(text[length])) length++;
        return length;
    }
}
