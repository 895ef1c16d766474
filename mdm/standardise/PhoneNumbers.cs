namespace CdcSync.Mdm.Standardise;

/// <summary>
/// Reads telephone numbers. The text is the national significant number without leading zeros, whatever is known of the country: only so "+61 2 1234 5678" and
/// "02 1234 5678" without a country meet. The calling code, where one is written or the country is known, goes into the detail.
/// </summary>
static class PhoneNumbers
{
    const int Shortest = 5, Longest = 15;

    static readonly string[] ExtensionWords = ["EXTENSION", "EXTN", "EXT", "DURCHWAHL", "DW", "POSTE", "X", "#"];

    /// <summary>The numbers in a folded text.</summary>
    public static List<FieldValue> Read(string folded, FieldReading reading)
    {
        var values = new List<FieldValue>(1);
        foreach (var part in Parts(folded))
            if (Number(part, reading) is { } value && !values.Exists(v => v.Text == value.Text)) values.Add(value);
        return values;
    }

    // "/" and "," part two numbers only where both sides are long enough: "089/123456" is one.
    static IEnumerable<string> Parts(string folded)
    {
        var start = 0;
        for (var i = 0; i < folded.Length; i++)
        {
            var length = folded[i] is ';' or '|' ? 1 : folded[i] is '/' or ',' or '&' && Digits(folded.AsSpan(start, i - start)) >= 6 && Digits(folded.AsSpan(i + 1)) >= 6 ? 1
                : folded.AsSpan(i).StartsWith(" OR ") || folded.AsSpan(i).StartsWith(" UND ") || folded.AsSpan(i).StartsWith(" AND ") ? 4 : 0;
            if (length == 0) continue;
            yield return folded[start..i];
            start = i + length;
        }
        yield return start == 0 ? folded : folded[start..];
    }

    static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var letter in text)
            if (char.IsAsciiDigit(letter)) count++;
        return count;
    }

    static FieldValue? Number(string text, FieldReading reading)
    {
        var (main, extension) = Extension(text.Replace("(0)", "", StringComparison.Ordinal));
        var plus = main.AsSpan().TrimStart("ABCDEFGHIJKLMNOPQRSTUVWXYZ:. (").StartsWith("+");
        var digits = string.Concat(main.Where(char.IsAsciiDigit));
        if (digits.Length < 7 && Vanity(main) is { } spelled) digits = spelled;
        if (digits.Length is < Shortest or > Longest + 5) return Refused(text, reading, "has too few or too many digits");
        var (code, national) = Split(digits, plus, PhonePlans.Of(reading.Country));
        national = national.TrimStart('0');
        if (national.Length is < Shortest or > Longest) return Refused(text, reading, "has too few or too many digits");
        if (IsNobody(national)) return Refused(text, reading, "is nobody's number");
        if (reading.Notes is not null)
        {
            if (code is not null) reading.Note($"calling code {code}");
            if (extension is not null) reading.Note($"extension {extension}");
        }
        return new FieldValue(national, [national.Length > 9 ? national[^9..] : national], new Phone(national, code, extension));
    }

    static FieldValue? Refused(string text, FieldReading reading, string why)
    {
        if (reading.Notes is not null) reading.Note($"'{text.Trim()}' {why}: missing");
        return null;
    }

    static (string? Code, string National) Split(string digits, bool plus, PhonePlan? plan)
    {
        if (!plus && digits.StartsWith("0011", StringComparison.Ordinal) && digits.Length > 13) (plus, digits) = (true, digits[4..]);
        else if (!plus && digits.StartsWith("011", StringComparison.Ordinal) && digits.Length > 12 && plan is null or { Code: "1" }) (plus, digits) = (true, digits[3..]);
        else if (!plus && digits.StartsWith("00", StringComparison.Ordinal) && digits.Length > 10) (plus, digits) = (true, digits[2..]);
        if (plus && PhonePlans.CallingCode(digits) is { } code) return (code, digits[code.Length..]);
        if (plan is not null) return (plan.Code, National(digits, plan));
        // Nobody knows the country: North America's 1 and Russia's 8 are trunk prefixes of ten digits.
        if (digits.Length == 11 && digits[0] == '1' && digits[1] >= '2') return ("1", digits[1..]);
        return digits.Length == 11 && digits[0] == '8' && digits[1] is '3' or '4' or '8' or '9' ? ("7", digits[1..]) : (null, digits);
    }

    static string National(string digits, PhonePlan plan)
    {
        if (plan.Trunk.Length > 0 && digits.StartsWith(plan.Trunk, StringComparison.Ordinal) && (plan.Trunk == "0" || digits.Length - plan.Trunk.Length >= plan.Shortest)) return digits[plan.Trunk.Length..];
        // The calling code without +, where the number would be too long otherwise.
        return digits.Length > plan.Longest && digits.StartsWith(plan.Code, StringComparison.Ordinal) && digits.Length - plan.Code.Length >= plan.Shortest ? digits[plan.Code.Length..] : digits;
    }

    // "555 1234 x12", "ext. 12", "#12": the main number must stand before it.
    static (string Main, string? Extension) Extension(string text)
    {
        foreach (var word in ExtensionWords)
        {
            var at = text.LastIndexOf(word, StringComparison.Ordinal);
            if (at <= 0 || Digits(text.AsSpan(0, at)) < 6) continue;
            var extension = string.Concat(text[(at + word.Length)..].Where(char.IsAsciiDigit));
            return (text[..at], extension.Length is > 0 and <= 7 ? extension : null);
        }
        return (text, null);
    }

    // "1-800-FLOWERS".
    static string? Vanity(string text)
    {
        var spelled = string.Concat(text.Where(char.IsAsciiLetterOrDigit).Select(c => char.IsAsciiDigit(c) ? c : "22233344455566677778889999"[c - 'A']));
        return Digits(text) >= 3 && spelled.Length is 10 or 11 ? spelled : null;
    }

    static bool IsNobody(string digits) =>
        "12345678901234567890".Contains(digits, StringComparison.Ordinal) || digits.AsSpan().IndexOfAnyExcept(digits[0]) < 0 || (digits.Length == 10 && digits.AsSpan(3).IndexOfAnyExcept(digits[3]) < 0 && digits[3] is '5' or '9' or '0');
}
