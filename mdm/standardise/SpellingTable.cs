using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>Tables of words, written as people read them: a line <c>STANDARD other another</c> for each standard spelling.</summary>
static class SpellingTable
{
    /// <summary>From each spelling to the standard one.</summary>
    /// <exception cref="InvalidOperationException">A spelling stands in two lines: which one is meant?</exception>
    public static FrozenDictionary<string, string> Read(string lines)
    {
        var standard = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var word in words)
                if (!standard.TryAdd(word, words[0])) throw new InvalidOperationException($"'{word}' is spelt two ways: {standard[word]} and {words[0]}");
        }
        return standard.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>What a name stands for, by its letters alone; null when the table has none, when a digit says that it is no name, and when it is longer than <paramref name="longest"/>.</summary>
    public static string? Find(FrozenDictionary<string, string> table, ReadOnlySpan<char> folded, int longest)
    {
        if (folded.Length > longest) return null;
        Span<char> bare = stackalloc char[folded.Length];
        var length = 0;
        foreach (var letter in folded)
            if (char.IsLetter(letter)) bare[length++] = letter;
            else if (char.IsAsciiDigit(letter)) return null;
        return table.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(bare[..length], out var standard) ? standard : null;
    }
}
