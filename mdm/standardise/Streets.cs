using System.Collections.Frozen;
using System.Text;

namespace CdcSync.Mdm.Standardise;

/// <summary>Street lines: folded, without punctuation, usual abbreviations, the house number first.</summary>
public static class Streets
{
    static readonly FrozenDictionary<string, string> Short = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["STREET"] = "ST", ["STRASSE"] = "STR", ["ROAD"] = "RD", ["AVENUE"] = "AVE", ["AV"] = "AVE", ["BOULEVARD"] = "BLVD", ["BD"] = "BLVD", ["BVD"] = "BLVD", ["DRIVE"] = "DR",
        ["LANE"] = "LN", ["COURT"] = "CT", ["PLACE"] = "PL", ["PLATZ"] = "PL", ["SQUARE"] = "SQ", ["HIGHWAY"] = "HWY", ["PARKWAY"] = "PKWY", ["TERRACE"] = "TER", ["CIRCLE"] = "CIR",
        ["CRESCENT"] = "CRES", ["CLOSE"] = "CL", ["TRAIL"] = "TRL", ["TURNPIKE"] = "TPKE", ["ROUTE"] = "RTE", ["WEG"] = "WG", ["ALLEE"] = "AL", ["NORTH"] = "N", ["SOUTH"] = "S",
        ["EAST"] = "E", ["WEST"] = "W", ["NORTHEAST"] = "NE", ["NORTHWEST"] = "NW", ["SOUTHEAST"] = "SE", ["SOUTHWEST"] = "SW", ["SUITE"] = "STE", ["APARTMENT"] = "APT",
        ["BUILDING"] = "BLDG", ["FLOOR"] = "FL", ["ROOM"] = "RM", ["UNIT"] = "STE", ["SAINT"] = "ST", ["SANKT"] = "ST", ["FORT"] = "FT", ["MOUNT"] = "MT", ["INDUSTRIAL"] = "IND",
        ["CALLE"] = "C", ["VIALE"] = "VLE", ["PIAZZA"] = "PZA", ["PLAZA"] = "PZA", ["POSTFACH"] = "POBOX",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenSet<string> Noise = new[] { "NO", "NR", "NUMBER", "NUM", "N°" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The standard form, or null when it is missing.</summary>
    public static string? Standard(string? text)
    {
        if (Placeholders.IsMissing(text)) return null;
        var words = Join(Words(text!));
        // "5 Main St" and "Hauptstr. 5": each country's order is lost on purpose.
        return words.Count == 0 ? null : string.Join(' ', words.Where(HasDigit).Concat(words.Where(w => !HasDigit(w))));
    }

    static IEnumerable<string> Words(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var letter in Folding.Fold(text).Replace("P.O.", "PO", StringComparison.Ordinal))
            if (char.IsLetterOrDigit(letter)) plain.Append(letter);
            else if (letter != '\'') plain.Append(' ');
        return plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(w => !Noise.Contains(w)).Select(Abbreviate);
    }

    // German writes the type into the name: Hauptstrasse, Hauptstr.
    static string Abbreviate(string word)
    {
        if (Short.TryGetValue(word, out var abbreviation)) return abbreviation;
        if (word.Length > 7 && word.EndsWith("STRASSE", StringComparison.Ordinal)) word = word[..^4];
        return word.Replace("AE", "A", StringComparison.Ordinal).Replace("OE", "O", StringComparison.Ordinal).Replace("UE", "U", StringComparison.Ordinal);
    }

    // "12 a" is "12A"; "Haupt Str" is "HAUPTSTR"; "PO Box" is one word.
    static List<string> Join(IEnumerable<string> words)
    {
        var joined = new List<string>();
        foreach (var word in words)
        {
            var belongs = joined.Count > 0
                && ((word.Length == 1 && char.IsLetter(word[0]) && joined[^1].All(char.IsAsciiDigit) && word is not ("N" or "S" or "E" or "W"))
                    || (word == "STR" && !HasDigit(joined[^1])) || (word == "BOX" && joined[^1] == "PO"));
            if (belongs) joined[^1] += word;
            else joined.Add(word);
        }
        return joined;
    }

    static bool HasDigit(string word) => word.Any(char.IsAsciiDigit);
}
