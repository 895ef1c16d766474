namespace CdcSync.Mdm.Blocking;

/// <summary>A word by its sound: consonant groups by class, vowels and doubled sounds left out (after Soundex and Metaphone, for the Latin alphabet).</summary>
public static class Sound
{
    /// <summary>The code, at most six letters; words of digits or another script are their own code.</summary>
    public static string Of(string word)
    {
        if (word.Length == 0 || !char.IsAsciiLetterUpper(word[0])) return word;
        Span<char> code = stackalloc char[6];
        var length = 0;
        var last = '\0';
        for (var i = 0; i < word.Length && length < code.Length; i++)
        {
            var (sound, skip) = At(word, i);
            i += skip;
            if (sound != '\0' && sound != last) code[length++] = sound;
            if (sound != '\0' || word[i] is not ('H' or 'W')) last = sound;
        }
        return new string(code[..length]);
    }

    static (char Sound, int Skip) At(string word, int i)
    {
        var next = i + 1 < word.Length ? word[i + 1] : '\0';
        return word[i] switch
        {
            'A' or 'E' or 'I' or 'O' or 'U' or 'Y' => (i == 0 ? 'A' : '\0', 0),
            'P' when next == 'H' => ('F', 1),
            'S' when next == 'H' => ('X', 1),
            'S' when next == 'C' && i + 2 < word.Length && word[i + 2] == 'H' => ('X', 2),
            'C' when next == 'H' => ('X', 1),
            'C' when next is 'E' or 'I' or 'Y' => ('S', 0),
            'C' when next == 'K' => ('K', 1),
            'T' when next == 'H' => ('T', 1),
            'G' when next == 'H' => ('\0', 1),
            'K' when i == 0 && next == 'N' => ('N', 1),
            'W' when i == 0 && next == 'R' => ('R', 1),
            'B' or 'P' => ('P', 0),
            'C' or 'K' or 'Q' or 'G' or 'J' => ('K', 0),
            'D' or 'T' => ('T', 0),
            'F' or 'V' => ('F', 0),
            'S' or 'Z' or 'X' => ('S', 0),
            'M' or 'N' => ('N', 0),
            'H' or 'W' => ('\0', 0),
            var letter => (letter, 0),
        };
    }
}
