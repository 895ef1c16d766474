namespace CdcSync.Mdm.Standardise;

/// <summary>Postal codes: upper case, no spaces or dashes, no country prefix; a US ZIP without its +4.</summary>
public static class Postcodes
{
    /// <summary>The standard form, or null when it is missing.</summary>
    public static string? Standard(string? text)
    {
        if (Placeholders.IsMissing(text)) return null;
        var folded = Folding.Fold(text!);
        // "D-10115", "CH - 8001", "FIN-00100": the old car-plate prefix.
        var dash = folded.IndexOf('-');
        if (dash is > 0 and <= 4 && folded[..dash].TrimEnd().All(char.IsAsciiLetterUpper) && folded[(dash + 1)..].TrimStart().All(c => char.IsAsciiDigit(c) || c == ' '))
            folded = folded[(dash + 1)..];
        if (dash == 5 && folded.Length == 10 && folded.Where((_, i) => i != 5).All(char.IsAsciiDigit)) folded = folded[..5];
        var code = string.Concat(folded.Where(char.IsLetterOrDigit));
        return code.Length == 0 ? null : code;
    }

    /// <summary>True of a folded word that can be a whole postal code: "89132", "89132-1234", "D-10115", "1234AB", "SW1A1AA".</summary>
    public static bool IsOneWord(ReadOnlySpan<char> word)
    {
        if (word.Length is < 4 or > 10) return false;
        var dash = word.IndexOf('-');
        if (dash is 1 or 2 && !word[..dash].ContainsAnyExceptInRange('A', 'Z')) word = word[(dash + 1)..];
        else if (dash is 4 or 5) word = word[..dash];
        var digits = word.IndexOfAnyExceptInRange('0', '9');
        if (digits < 0) return word.Length is >= 4 and <= 6;
        return (digits == 4 && word.Length == 6 && !word[4..].ContainsAnyExceptInRange('A', 'Z')) || (word.Length >= 5 && IsBritish(word[..^3], word[^3..])) || (word.Length == 6 && IsCanadian(word[..3], word[3..]));
    }

    /// <summary>True of two folded words that are one postal code: "SW1A 1AA", "K1A 0B1", "1234 AB", "123 45".</summary>
    public static bool IsTwoWords(ReadOnlySpan<char> one, ReadOnlySpan<char> other) =>
        IsBritish(one, other) || IsCanadian(one, other)
        || (one.Length == 4 && other.Length == 2 && !one.ContainsAnyExceptInRange('0', '9') && !other.ContainsAnyExceptInRange('A', 'Z') && Regions.Code(other) is null)
        || (one.Length == 3 && other.Length == 2 && !one.ContainsAnyExceptInRange('0', '9') && !other.ContainsAnyExceptInRange('0', '9'));

    static bool IsBritish(ReadOnlySpan<char> one, ReadOnlySpan<char> other) =>
        one.Length is >= 2 and <= 4 && other.Length == 3 && char.IsAsciiLetterUpper(one[0]) && one.ContainsAnyInRange('0', '9') && char.IsAsciiDigit(other[0]) && !other[1..].ContainsAnyExceptInRange('A', 'Z');

    static bool IsCanadian(ReadOnlySpan<char> one, ReadOnlySpan<char> other) =>
        one.Length == 3 && other.Length == 3 && char.IsAsciiLetterUpper(one[0]) && char.IsAsciiDigit(one[1]) && char.IsAsciiLetterUpper(one[2])
        && char.IsAsciiDigit(other[0]) && char.IsAsciiLetterUpper(other[1]) && char.IsAsciiDigit(other[2]);
}
