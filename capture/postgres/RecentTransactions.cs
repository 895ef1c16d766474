namespace CdcSync.Capture.Postgres;

/// <summary>
/// The transactions streamed last. PostgreSQL streams a commit before queries see it: a chunk that was read in between would bring an old row after its newer change.
/// </summary>
sealed class RecentTransactions
{
    // A commit that is on disk is visible microseconds later; 16,384 later ones do not overtake it.
    readonly uint[] _ring = new uint[16_384];

    /// <summary>How many there ever were.</summary>
    public long Count { get; private set; }

    public void Add(long transaction) => _ring[Count++ % _ring.Length] = (uint)transaction;

    /// <summary>Whether a query saw all of the first <paramref name="count"/>.</summary>
    public bool AllSeen(long count, Func<long, bool> seen)
    {
        for (var i = Math.Max(0, Count - _ring.Length); i < count; i++)
            if (!seen(_ring[i % _ring.Length])) return false;
        return true;
    }
}
