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

    /// <summary>True for null, blank, "N/A", "TBD", "none", "-", and runs of one letter or digit: "0000000", "XXX", "9999".</summary>
    public static bool IsMissing(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return true;
        var bare = Bare(text);
        if (bare.Length == 0 || Words.Contains(bare)) return true;
        return bare.AsSpan().IndexOfAnyExcept(bare[0]) < 0 && (bare.Length > 2 || bare[0] is '0' or 'X');
    }

    // Letters and digits alone: "N / A", "n.a." and "-" are the same nothing.
    static string Bare(string text) => string.Concat(Folding.Fold(text).Where(char.IsLetterOrDigit));
}
