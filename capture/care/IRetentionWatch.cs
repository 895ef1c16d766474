namespace CdcSync.Capture.Care;

/// <summary>
/// Watches what a source keeps for us, on a connection of its own and apart from the reading: it goes on while the source is paused, while the log takes nothing and after
/// the reading gave up.
/// </summary>
public interface IRetentionWatch : IAsyncDisposable
{
    /// <summary>Looks until stopped. What it finds goes to log and metrics; a source that cannot be asked is asked again.</summary>
    Task RunAsync(CancellationToken stop);

    /// <summary>What the last look found; null before the first.</summary>
    RetentionStatus? Latest { get; }
}

/// <summary>How near a source is to giving up what was not read.</summary>
public enum RetentionLevel
{
    /// <summary>Nothing threatens.</summary>
    Well,

    /// <summary>Time for a person to act.</summary>
    Short,

    /// <summary>The last moment to act.</summary>
    Urgent,

    /// <summary>It is gone.</summary>
    Lost,
}

/// <summary>What a source keeps for us, for <c>cdcsync status</c>.</summary>
/// <param name="Level">How bad it is.</param>
/// <param name="HeldBytes">Bytes of log it keeps.</param>
/// <param name="RoomBytes">Bytes more until it gives them up, or its disk is full.</param>
/// <param name="Bound">What sets that limit.</param>
/// <param name="BytesPerSecond">How fast the room shrinks.</param>
/// <param name="Left">Until then, as things go; null when it does not come nearer.</param>
public sealed record RetentionStatus(RetentionLevel Level, long HeldBytes, long RoomBytes, string Bound, double BytesPerSecond, TimeSpan? Left);
