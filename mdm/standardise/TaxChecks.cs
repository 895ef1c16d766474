using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>The check digits of tax and company numbers, as their registers publish them.</summary>
static class TaxChecks
{
    /// <summary>Whether the check digits of a VAT number are right; null where there is no test or its form is another country's.</summary>
    public static bool? Vat(string country, string number) => country switch
    {
        "DE" => Digits(number, 9) ? Iso11(number, 9) : false,
        "AT" => number.Length == 9 && number[0] == 'U' && Digits(number[1..], 8) ? Austria(number[1..]) : false,
        "BE" => Digits(number, 10) ? 97 - Number(number[..8]) % 97 == Number(number[8..]) : false,
        "DK" => Digits(number, 8) ? Sum(number, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0 : false,
        "FI" => Digits(number, 8) ? (11 - Sum(number[..7], [7, 9, 10, 5, 8, 4, 2]) % 11) % 11 == number[7] - '0' : false,
        "FR" => number.Length == 11 && Digits(number[2..], 9) ? Luhn(number[2..]) && (!Digits(number[..2], 2) || Number(number[..2]) == (12 + 3 * (Number(number[2..]) % 97)) % 97) : false,
        "GB" or "XI" => Digits(number, 9) || Digits(number, 12) ? Britain(number) : null,
        "IT" => Digits(number, 11) ? Luhn(number) : false,
        "LU" => Digits(number, 8) ? Number(number[..6]) % 89 == Number(number[6..]) : false,
        "NL" => number.Length == 12 && number[9] == 'B' && Digits(number[..9], 9) ? Sum(number[..9], [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0 || Mod97(Letters("NL" + number)) == 1 : false,
        "PL" => Digits(number, 10) ? Sum(number[..9], [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == number[9] - '0' : false,
        "PT" => Digits(number, 9) ? Descending(number) : false,
        "SE" => Digits(number, 12) ? Luhn(number[..10]) : false,
        "NO" => Norway(number.EndsWith("MVA", StringComparison.Ordinal) ? number[..^3] : number),
        "CH" => Swiss(number),
        "ES" => Spain(number),
        "EL" => Digits(number, 9) ? Sum(number[..8], [256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == number[8] - '0' : false,
        "HU" => Digits(number, 8) ? Sum(number, [9, 7, 3, 1, 9, 7, 3, 1]) % 10 == 0 : false,
        "SI" => Digits(number, 8) ? (11 - Sum(number[..7], [8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == number[7] - '0' : false,
        "HR" => Digits(number, 11) ? Iso11(number, 11) : false,
        "SK" => Digits(number, 10) ? Number(number) % 11 == 0 : false,
        "EE" => Digits(number, 9) ? Sum(number, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0 : false,
        _ => null,
    };

    /// <summary>Australian Business Number, modulus 89.</summary>
    public static bool Abn(string number) => Digits(number, 11) && (Sum(number, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 == 0;

    /// <summary>Australian Company Number.</summary>
    public static bool Acn(string number) => Digits(number, 9) && (10 - Sum(number[..8], [8, 7, 6, 5, 4, 3, 2, 1]) % 10) % 10 == number[8] - '0';

    /// <summary>Legal Entity Identifier, ISO 7064 mod 97-10.</summary>
    public static bool Lei(string number) => number.Length == 20 && Digits(number[18..], 2) && number.All(char.IsAsciiLetterOrDigit) && Mod97(Letters(number)) == 1;

    /// <summary>Luhn's check digit, last.</summary>
    public static bool Luhn(string number)
    {
        var sum = 0;
        for (var i = 0; i < number.Length; i++)
        {
            var digit = (number[^(i + 1)] - '0') * (i % 2 + 1);
            sum += digit > 9 ? digit - 9 : digit;
        }
        return sum % 10 == 0;
    }

    /// <summary>The prefix of an American EIN was given out.</summary>
    public static bool Ein(string number) =>
        Digits(number, 9) && Number(number[..2]) is not (0 or 7 or 8 or 9 or 17 or 18 or 19 or 28 or 29 or 49 or 69 or 70 or 78 or 79 or 89 or 96 or 97);

    static bool Digits(string text, int length) => text.Length == length && !text.AsSpan().ContainsAnyExceptInRange('0', '9');

    static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);

    static int Sum(string digits, ReadOnlySpan<int> weights)
    {
        var sum = 0;
        for (var i = 0; i < weights.Length; i++) sum += (digits[i] - '0') * weights[i];
        return sum;
    }

    // ISO 7064, mod 11,10.
    static bool Iso11(string digits, int length)
    {
        var product = 10;
        for (var i = 0; i < length - 1; i++)
        {
            var sum = (digits[i] - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return (11 - product) % 10 == digits[length - 1] - '0';
    }

    static bool Austria(string digits)
    {
        var sum = 4;
        for (var i = 0; i < 7; i++)
        {
            var digit = (digits[i] - '0') * (i % 2 + 1);
            sum += digit > 9 ? digit - 9 : digit;
        }
        return (10 - sum % 10) % 10 == digits[7] - '0';
    }

    static bool Britain(string number)
    {
        var sum = Sum(number[..7], [8, 7, 6, 5, 4, 3, 2]) + Number(number[7..9]);
        return sum % 97 == 0 || (sum + 55) % 97 == 0;
    }

    static bool Descending(string number)
    {
        var check = 11 - Sum(number[..8], [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        return (check > 9 ? 0 : check) == number[8] - '0';
    }

    static bool Norway(string number) => Digits(number, 9) && (11 - Sum(number[..8], [3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 is < 10 and var check && check == number[8] - '0';

    static bool Swiss(string number)
    {
        var digits = string.Concat(number.Where(char.IsAsciiDigit));
        return digits.Length == 9 && (11 - Sum(digits[..8], [5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11 is < 10 and var check && check == digits[8] - '0';
    }

    // A NIF of a person ends with a letter, one of a company begins with one.
    static bool Spain(string number)
    {
        const string Letters = "TRWAGMYFPDXBNJZSQVHLCKE";
        if (number.Length != 9) return false;
        if (char.IsAsciiDigit(number[0]) || number[0] is 'X' or 'Y' or 'Z')
        {
            var digits = number[0] switch { 'X' => "0", 'Y' => "1", 'Z' => "2", var first => first.ToString() } + number[1..8];
            return Digits(digits, 8) && Letters[(int)(Number(digits) % 23)] == number[8];
        }
        if (!Digits(number[1..8], 7)) return false;
        var sum = 0;
        for (var i = 1; i < 8; i++)
        {
            var digit = (number[i] - '0') * (i % 2 + 1);
            sum += i % 2 == 1 ? digit / 10 + digit % 10 : number[i] - '0';
        }
        var check = (10 - sum % 10) % 10;
        return number[8] == '0' + check || number[8] == "JABCDEFGHI"[check];
    }

    static string Letters(string text) => string.Concat(text.Select(c => char.IsAsciiDigit(c) ? c.ToString() : (c - 'A' + 10).ToString(CultureInfo.InvariantCulture)));

    static int Mod97(string digits)
    {
        var rest = 0;
        foreach (var digit in digits) rest = (rest * 10 + digit - '0') % 97;
        return rest;
    }
}
