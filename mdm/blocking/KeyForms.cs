using System.Collections.Frozen;
using CdcSync.Contract.Settings;

namespace CdcSync.Mdm.Blocking;

/// <summary>The forms of a value that keys are made of.</summary>
public static class KeyForms
{
    static readonly FrozenDictionary<string, KeyForm> ByName = new KeyForm[]
    {
        new("all", "the whole value", (value, _) => [value.Text]),
        new("first3", "its first three letters or digits", (value, _) => First(value.Text, 3)),
        new("first5", "its first five letters or digits", (value, _) => First(value.Text, 5)),
        new("last4", "its last four letters or digits", (value, _) => value.Text.Length < 4 ? [] : [value.Text[^4..]]),
        new("word", "each of its words", (value, _) => value.Words.Distinct(StringComparer.Ordinal)),
        new("rare", "each of its two rarest words", (value, words) => Rare(value.Words, words, 2)),
        new("rarest", "its rarest word", (value, words) => Rare(value.Words, words, 1)),
        new("pair", "its two rarest words together", (value, words) => Rare(value.Words, words, 2).Order(StringComparer.Ordinal).ToList() is { Count: 2 } two ? [$"{two[0]} {two[1]}"] : []),
        new("sorted", "its words in alphabetical order", (value, _) => [string.Join(' ', value.Words.Order(StringComparer.Ordinal))]),
        new("sound", "how each of its words sounds, roughly", (value, _) => value.Words.Select(Sound.Of).Where(s => s.Length > 1).Distinct(StringComparer.Ordinal)),
    }.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<KeyForm> All { get; } = [.. ByName.Values.OrderBy(f => f.Name, StringComparer.Ordinal)];

    /// <summary>The form of that name.</summary>
    /// <exception cref="SettingsException">There is none.</exception>
    public static KeyForm Get(string name, string path) => ByName.GetValueOrDefault(name)
        ?? throw new SettingsException(path, $"there is no form '{name}'{NearestName.Hint(name, ByName.Keys)}");

    static IEnumerable<string> First(string text, int wanted)
    {
        Span<char> first = stackalloc char[wanted];
        var length = 0;
        foreach (var letter in text)
        {
            if (length == wanted) break;
            if (char.IsLetterOrDigit(letter)) first[length++] = letter;
        }
        return length < wanted ? [] : [new string(first)];
    }

    static IEnumerable<string> Rare(string[] of, Scoring.IWordFrequencies words, int wanted) =>
        of.Where(w => w.Length > 1).Distinct(StringComparer.Ordinal).OrderByDescending(words.Bits).ThenBy(w => w, StringComparer.Ordinal).Take(wanted);
}
