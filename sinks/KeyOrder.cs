namespace CdcSync.Sinks;

/// <summary>The order both sides of a reconciliation come in: by code point, which is the order of UTF-8 bytes and of PostgreSQL's collation "C".</summary>
public sealed class KeyOrder : IComparer<string>
{
    /// <summary>The one there is.</summary>
    public static KeyOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var (left, right) = (x ?? "", y ?? "");
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length) return left.Length.CompareTo(right.Length);
        // Surrogates stand for code points above all others, though their units lie below some.
        return (char.IsSurrogate(left[common]), char.IsSurrogate(right[common])) switch
        {
            (true, false) => 1,
            (false, true) => -1,
            _ => left[common].CompareTo(right[common]),
        };
    }
}
