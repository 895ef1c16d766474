namespace CdcSync.Mdm.Standardise;

/// <summary>
/// The words of a folded street line in their short forms; "," and "#" are words of their own, what stands in brackets is left out, "12 - 14" is "12-14".
/// </summary>
static class StreetTokens
{
    const int Most = 60;

    public static List<string> Of(string folded)
    {
        var tokens = new List<string>(8);
        var i = 0;
        while (i < folded.Length && tokens.Count < Most)
        {
            var letter = folded[i];
            if ((char.IsLetterOrDigit(letter) || char.IsSurrogate(letter)) && letter is not ('º' or 'ª')) i = Word(folded, i, tokens);
            else if (letter == '(' && folded.IndexOf(')', i) is > 0 and var close) i = close + 1;
            else
            {
                if (letter is ',' or ';' or '|' && tokens.Count > 0 && tokens[^1] != ",") tokens.Add(",");
                else if (letter == '#') tokens.Add("#");
                else if (letter == '&') tokens.Add("AND");
                else if (letter == '@') tokens.Add("AT");
                i++;
            }
        }
        while (tokens.Count > 0 && tokens[^1] == ",") tokens.RemoveAt(tokens.Count - 1);
        return tokens;
    }

    static int Word(string folded, int start, List<string> tokens)
    {
        Span<char> word = stackalloc char[64];
        var length = 0;
        var i = start;
        for (; i < folded.Length; i++)
        {
            var letter = folded[i];
            if (letter is '.' or '\'' or 'º' or 'ª' or '°') continue;
            if (!char.IsLetterOrDigit(letter) && !char.IsSurrogate(letter) && !(letter is '/' or '-' && Joins(folded, i))) break;
            if (length < word.Length) word[length++] = letter;
        }
        // "12 - 14", "12- 14": a range.
        var next = i;
        while (next < folded.Length && folded[next] == ' ') next++;
        if (char.IsAsciiDigit(folded[start]) && next < folded.Length - 1 && folded[next] == '-' && length < 32)
        {
            var after = next + 1;
            while (after < folded.Length && folded[after] == ' ') after++;
            if (after < folded.Length && char.IsAsciiDigit(folded[after]) && char.IsAsciiDigit(word[length - 1]))
            {
                word[length++] = '-';
                for (i = after; i < folded.Length && char.IsLetterOrDigit(folded[i]); i++)
                    if (length < word.Length) word[length++] = folded[i];
            }
        }
        if (length == 0) return i;
        // "66Forwood Street": a space is missing, unless the letters are those of a number ("66a", "12bis", "23rd").
        var name = char.IsAsciiDigit(word[0]) ? word[..length].IndexOfAnyExceptInRange('0', '9') : 0;
        if (name > 0 && length - name >= 4 && !word[name..length].ContainsAnyExceptInRange('A', 'Z') && word[name..length] is not "QUATER")
        {
            tokens.Add(Number(word[..name]));
            tokens.Add(StreetWords.Short(word[name..length]));
        }
        else tokens.Add(name != 0 ? Number(word[..length]) : StreetWords.Short(word[..length]));
        return i;
    }

    // Between digits ("2/98", "12-14", "5a/b"), and "C/O".
    static bool Joins(string folded, int at)
    {
        if (at == 0 || at == folded.Length - 1) return false;
        var before = folded[at - 1];
        var after = folded[at + 1];
        if (char.IsAsciiDigit(after) && char.IsLetterOrDigit(before)) return char.IsAsciiDigit(before) || (at >= 2 && char.IsAsciiDigit(folded[at - 2])) || folded[at] == '/';
        return folded[at] == '/' && before == 'C' && after == 'O' && (at == 1 || folded[at - 2] == ' ') && (at + 2 == folded.Length || !char.IsLetterOrDigit(folded[at + 2]));
    }

    static string Number(ReadOnlySpan<char> word)
    {
        var zeros = word.IndexOfAnyExcept('0');
        return new string(zeros > 0 && char.IsAsciiDigit(word[zeros]) ? word[zeros..] : word);
    }
}
