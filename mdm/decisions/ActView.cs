using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Decisions;

/// <summary>What somebody did at one time.</summary>
/// <param name="Act">Its number.</param>
/// <param name="Kind">The kind of object.</param>
/// <param name="Verb">same, distinct, merge, split, pin, unpin or undo.</param>
/// <param name="By">Who.</param>
/// <param name="Why">Why, in the person's words.</param>
/// <param name="At">When.</param>
/// <param name="UndoneBy">The act that took it back; null while it is in force.</param>
/// <param name="TookBack">The acts that this one took back.</param>
/// <param name="Pairs">What it decided of records, <see cref="MostPairs"/> at most.</param>
/// <param name="PairCount">How many pairs it decided.</param>
/// <param name="Pin">What it pinned; null when it pinned nothing.</param>
/// <param name="Moved">The records that came to another golden record by it.</param>
public sealed record ActView(
    long Act, string Kind, string Verb, string By, string Why, DateTimeOffset At, long? UndoneBy, IReadOnlyList<long> TookBack, IReadOnlyList<DecidedPair> Pairs, long PairCount, PinnedValue? Pin,
    IReadOnlyList<Move> Moved)
{
    /// <summary>So many pairs are shown of an act.</summary>
    public const int MostPairs = 50;

    /// <summary>Which, who, when, why.</summary>
    public string Line() => $"act {Act} ({Verb} by {By}, {At.UtcDateTime:yyyy-MM-dd HH:mm}Z{(Why.Length > 0 ? $": \"{Why}\"" : "")})";
}

/// <summary>A value that stays whatever the sources say.</summary>
/// <param name="Record">The record it hangs on: it holds for the golden record that this one is in.</param>
/// <param name="Attribute">Which attribute.</param>
/// <param name="Value">The value, as JSON; <c>null</c> says that there is none.</param>
/// <param name="Until">When it ends; null when it stays.</param>
public sealed record PinnedValue(CanonicalKey Record, string Attribute, string Value, DateTimeOffset? Until);

/// <summary>How many acts there are of a verb.</summary>
/// <param name="Verb">same, distinct, merge, split, pin, unpin or undo.</param>
/// <param name="All">All there ever were.</param>
/// <param name="InForce">Those that nobody took back.</param>
public sealed record ActCount(string Verb, long All, long InForce);
