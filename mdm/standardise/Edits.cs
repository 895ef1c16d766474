namespace CdcSync.Mdm.Standardise;

/// <summary>Typing errors between a word and a known one.</summary>
static class Edits
{
    /// <summary>True when one letter was left out, added, changed or swapped with its neighbour, or none.</summary>
    public static bool AtMostOne(ReadOnlySpan<char> typed, ReadOnlySpan<char> known)
    {
        if (Math.Abs(typed.Length - known.Length) > 1) return false;
        var head = typed.CommonPrefixLength(known);
        var a = typed[head..];
        var b = known[head..];
        if (a.Length > b.Length) return a[1..].SequenceEqual(b);
        if (a.Length < b.Length) return b[1..].SequenceEqual(a);
        return a.IsEmpty || a[1..].SequenceEqual(b[1..]) || (a.Length > 1 && a[0] == b[1] && a[1] == b[0] && a[2..].SequenceEqual(b[2..]));
    }
}
