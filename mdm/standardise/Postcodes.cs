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
}
