using CdcSync.Contract.Canonical;
using CdcSync.EventLog;

namespace CdcSync.Mdm.Resolution;

/// <summary>A canonical record and where in the log it was read.</summary>
public readonly record struct Arrival(LogPlace Place, CanonicalRecord Record);

/// <summary>A stored record that a batch created, changed or deleted.</summary>
/// <param name="Id">Its number in the store.</param>
/// <param name="Record">What arrived.</param>
/// <param name="Body">It as it is stored; null when the record is gone.</param>
/// <param name="Added">Match keys it has now and had not before.</param>
/// <param name="Removed">Match keys it had before.</param>
/// <param name="GoldenId">The golden record it belonged to so far.</param>
sealed record Changed(long Id, CanonicalRecord Record, string? Body, IReadOnlyList<string> Added, IReadOnlyList<string> Removed, long? GoldenId);

/// <summary>What one resolving did.</summary>
/// <param name="Applied">Records created, changed or deleted.</param>
/// <param name="Stale">Records that were older than what is stored.</param>
/// <param name="Golden">Golden records written or dropped.</param>
/// <param name="Moved">Records that came to another golden record than before, new ones included.</param>
public readonly record struct Outcome(int Applied, int Stale, int Golden, int Moved)
{
    /// <summary>Both together.</summary>
    public static Outcome operator +(Outcome one, Outcome other) =>
        new(one.Applied + other.Applied, one.Stale + other.Stale, one.Golden + other.Golden, one.Moved + other.Moved);
}
