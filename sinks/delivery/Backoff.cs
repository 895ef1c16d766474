namespace CdcSync.Sinks.Delivery;

/// <summary>How long to wait before trying again: exponential with full jitter, and never before the target wants to be asked.</summary>
internal static class Backoff
{
    public static TimeSpan Of(RetrySettings settings, int attempt, TimeSpan? retryAfter)
    {
        var bound = Math.Min(settings.LongestPause.TotalMilliseconds, settings.FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30)));
        var pause = TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * bound);
        var floor = retryAfter is { } wanted ? (wanted < settings.LongestPause ? wanted : settings.LongestPause) : TimeSpan.Zero;
        return pause > floor ? pause : floor;
    }
}
