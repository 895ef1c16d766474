using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>What people type where a field must not be empty. A placeholder is a missing value: two of them are never equal.</summary>
public static class Placeholders
{
    static readonly FrozenSet<string> Words = new[]
    {
        "NA", "NV", "TBD", "TBA", "TBC", "NONE", "NIL", "NULL", "NOTAVAILABLE", "NOTAPPLICABLE", "NOTPROVIDED", "UNKNOWN", "UNBEKANNT", "INCONNU", "DESCONOCIDO",
        "KEINE", "KEINER", "KEINEANGABE", "MISSING", "DUMMY", "TODO", "UNDEFINED", "PENDING",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> WordSpans = Words.GetAlternateLookup<ReadOnlySpan<char>>();

    static readonly int LongestWord = Words.Max(w => w.Length);

    /// <summary>True for null, blank, "N/A", "TBD", "none", "-", and runs of one letter or digit: "0000000", "XXX", "9999".</summary>
    public static bool IsMissing(string? text) => string.IsNullOrWhiteSpace(text) || IsMissingFolded(Folding.Fold(text));

    /// <summary>The same of a text that is folded already.</summary>
    public static bool IsMissingFolded(string folded)
    {
        // Letters and digits alone: "N / A", "n.a." and "-" are the same nothing.
        Span<char> bare = stackalloc char[LongestWord];
        var (length, first, same) = (0, '\0', true);
        foreach (var letter in folded)
        {
            if (!char.IsLetterOrDigit(letter)) continue;
            if (length == 0) first = letter;
            same &= letter == first;
            if (length < bare.Length) bare[length] = letter;
            else if (!same) return false;
            length++;
        }
        if (length == 0 || (same && (length > 2 || first is '0' or 'X'))) return true;
        return length <= bare.Length && WordSpans.Contains(bare[..length]);
    }
}
