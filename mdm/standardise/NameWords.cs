using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>
/// The words of a folded name. Dots and apostrophes join ("G.m.b.H.", "O'Brien"), other punctuation parts, <c>&amp;</c> and <c>+</c> are AND, single letters in a row are
/// one word ("G m b H").
/// </summary>
static class NameWords
{
    const int LongestWord = 100;

    /// <summary>The words; each a standard spelling of <paramref name="spellings"/> where it has one.</summary>
    public static List<string> Of(string folded, FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> spellings)
    {
        var words = new List<string>(6);
        Span<char> word = stackalloc char[LongestWord];
        var (length, single) = (0, false);
        for (var i = 0; i <= folded.Length; i++)
        {
            var letter = i < folded.Length ? folded[i] : ' ';
            if (letter is '\'' or '`') continue;
            if (letter == '.')
            {
                if (length > 0 && IsTopDomain(folded, i)) i += 3;
                continue;
            }
            if (char.IsLetterOrDigit(letter) || char.IsSurrogate(letter) || (letter == '/' && IsShort(folded, i)))
            {
                if (length < LongestWord) word[length++] = letter;
                continue;
            }
            if (length > 0) single = Add(words, word[..length], single, spellings);
            length = 0;
            if (letter is not ('&' or '+')) continue;
            words.Add("AND");
            single = false;
        }
        return words;
    }

    // "Amazon.com" is Amazon.
    static bool IsTopDomain(string folded, int dot) =>
        string.CompareOrdinal(folded, dot + 1, "COM", 0, 3) == 0 && (dot + 4 == folded.Length || !char.IsLetterOrDigit(folded[dot + 4]));

    /// <summary>Initials with AND between them are one word, as they are without: "H &amp; M", "AT&amp;T".</summary>
    public static void JoinInitials(List<string> words)
    {
        for (var i = words.Count - 2; i > 0; i--)
        {
            if (words[i] != "AND" || words[i - 1].Length > 2 || words[i + 1].Length > 2 || words[i - 1].Length + words[i + 1].Length > 3) continue;
            if (!char.IsLetter(words[i - 1][0]) || !char.IsLetter(words[i + 1][0])) continue;
            words[i - 1] += words[i + 1];
            words.RemoveRange(i, 2);
        }
    }

    // "C/O", "T/A", "A/S", "D/B/A", "W/SALE": a single letter stands before the slash, and nothing or a space before that.
    static bool IsShort(string folded, int slash) =>
        slash > 0 && slash < folded.Length - 1 && char.IsAsciiLetterUpper(folded[slash - 1]) && char.IsAsciiLetterUpper(folded[slash + 1])
        && (slash == 1 || !char.IsLetterOrDigit(folded[slash - 2]));

    static bool Add(List<string> words, ReadOnlySpan<char> word, bool single, FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> spellings)
    {
        if (word.Contains('/') && !spellings.TryGetValue(word, out _))
        {
            if (word is not ("C/O" or "T/A" or "D/B/A" or "A/K/A" or "F/K/A" or "N/K/A" or "A/C")) return AddParts(words, word, spellings);
            words.Add(new string(word));
            return false;
        }
        if (single && word.Length == 1 && char.IsLetter(word[0])) words[^1] += word[0];
        else words.Add(spellings.TryGetValue(word, out var spelling) ? spelling : new string(word));
        return word.Length == 1 && char.IsLetter(word[0]);
    }

    // "A/S" is one word, "B/Smith" two.
    static bool AddParts(List<string> words, ReadOnlySpan<char> word, FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> spellings)
    {
        var single = false;
        foreach (var part in word.Split('/'))
            if (word[part] is { IsEmpty: false } text) single = Add(words, text, single, spellings);
        return single;
    }

    /// <summary>Müller is typed MULLER or MUELLER: both lose the E, as does every other name on both sides.</summary>
    public static string PlainVowels(string word)
    {
        if (word.Length < 4) return word;
        for (var i = 1; i < word.Length; i++)
            if (IsUmlaut(word, i)) return Without(word);
        return word;
    }

    // The U of QU has no umlaut, nor has a word's end (HAGUE, MONROE).
    static bool IsUmlaut(ReadOnlySpan<char> word, int e) =>
        word[e] == 'E' && e < word.Length - 1 && word[e - 1] is ('A' or 'O' or 'U') && (e < 2 || word[e - 2] != 'Q');

    static string Without(string word)
    {
        Span<char> kept = stackalloc char[word.Length];
        var length = 0;
        for (var i = 0; i < word.Length; i++)
            if (i == 0 || !IsUmlaut(word, i)) kept[length++] = word[i];
        return new string(kept[..length]);
    }
}
