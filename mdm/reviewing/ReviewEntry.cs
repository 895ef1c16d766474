namespace CdcSync.Mdm.Reviewing;

/// <summary>Why a person is asked.</summary>
public enum ReviewReason
{
    /// <summary>The score says neither yes nor no.</summary>
    Doubt,

    /// <summary>Sure by their score, but the records they stand with speak against it.</summary>
    Refused,

    /// <summary>Equal by a key, but registered under different numbers.</summary>
    Vetoed,

    /// <summary>Values that matter differ within one golden record.</summary>
    Conflict,
}

/// <summary>A question.</summary>
/// <param name="One">A record's number in the store, the smaller one; of a conflict, that of the golden record's first record.</param>
/// <param name="Other">The other's; null for a conflict.</param>
/// <param name="Reason">Why it is asked.</param>
/// <param name="Bits">The score; null where none was taken. A doubt has one.</param>
/// <param name="Note">Names of attributes or registers that differ: no values.</param>
sealed record ReviewEntry(long One, long? Other, ReviewReason Reason, float? Bits, string Note = "");
