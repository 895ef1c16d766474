using System.Globalization;

namespace CdcSync.Contract.Changes;

/// <summary>
/// A place in a source's log: a commit, then a change inside it. Totally ordered within one source; positions of different sources do not compare.
/// Room for SQL Server's 10-byte LSNs. PostgreSQL: <paramref name="Commit"/> is the LSN of the commit record, <paramref name="Change"/> the 1-based
/// number of the change inside its transaction.
/// </summary>
/// <param name="Commit">Orders transactions: the log address of the commit.</param>
/// <param name="Change">Orders changes of one transaction; 0 is "before the first change".</param>
public readonly record struct SourcePosition(UInt128 Commit, UInt128 Change) : IComparable<SourcePosition>
{
    /// <summary>Before everything: what a source that never published anything starts from.</summary>
    public static SourcePosition Start => default;

    /// <summary>The place after every change of this commit.</summary>
    public SourcePosition EndOfCommit => this with { Change = UInt128.MaxValue };

    /// <summary>True when this place is later in the log than <paramref name="other"/>.</summary>
    public bool IsAfter(SourcePosition other) => CompareTo(other) > 0;

    /// <inheritdoc/>
    public int CompareTo(SourcePosition other) => (Commit, Change).CompareTo((other.Commit, other.Change));

    /// <summary>Text form <c>commit:change</c> in lower-case hexadecimal without leading zeros, for example <c>16b3748:2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Commit:x}:{Change:x}");

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text is not a position.</exception>
    public static SourcePosition Parse(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (colon > 0
            && UInt128.TryParse(text[..colon], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var commit)
            && UInt128.TryParse(text[(colon + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var change))
            return new SourcePosition(commit, change);
        throw new FormatException($"'{text}' is not a source position; expected 'commit:change' in hexadecimal");
    }

    /// <summary>Later than.</summary>
    public static bool operator >(SourcePosition left, SourcePosition right) => left.CompareTo(right) > 0;

    /// <summary>Earlier than.</summary>
    public static bool operator <(SourcePosition left, SourcePosition right) => left.CompareTo(right) < 0;

    /// <summary>Later than or the same place.</summary>
    public static bool operator >=(SourcePosition left, SourcePosition right) => left.CompareTo(right) >= 0;

    /// <summary>Earlier than or the same place.</summary>
    public static bool operator <=(SourcePosition left, SourcePosition right) => left.CompareTo(right) <= 0;
}
