namespace CdcSync.Capture.Tables;

/// <summary>
/// When nothing can come late any more. Who holds a number or a time up to <c>X</c> took it before we saw <c>X</c>: once every transaction that was open then has ended, as far
/// as the database can tell, and the lag has passed besides, all of them have been seen or rolled back. The lag alone decides where the database cannot tell; where it can,
/// the lag covers only the moment between taking a value and the first write.
/// </summary>
sealed class Settling(SqlDialect dialect, TimeSpan lag, TimeProvider clock)
{
    long _begun = clock.GetTimestamp();

    /// <summary>A sighting, to be asked again later.</summary>
    public (Moment Moment, long Stamp) Note(Moment now) => (now, clock.GetTimestamp());

    /// <summary>Whether all that was open at a sighting has ended at a moment.</summary>
    public bool IsOver((Moment Moment, long Stamp) sighting, Moment now) => clock.GetElapsedTime(sighting.Stamp) >= lag && dialect.HaveEnded(sighting.Moment, now) != false;

    /// <summary>Whether it is time to look back for what came late: not at every poll, and several times within the lag.</summary>
    public bool IsTimeToLookBack()
    {
        if (clock.GetElapsedTime(_begun) < lag / 4) return false;
        _begun = clock.GetTimestamp();
        return true;
    }
}
