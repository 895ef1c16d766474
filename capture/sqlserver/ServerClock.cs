namespace CdcSync.Capture.SqlServer;

/// <summary>The server's local times as microseconds since 1970 UTC.</summary>
sealed class ServerClock(SqlServerSettings settings)
{
    readonly TimeZoneInfo? _zone = settings.ServerTimeZone is { } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : null;

    /// <summary>The server's offset now.</summary>
    public int OffsetMinutes { get; set; }

    public long Micros(DateTime local)
    {
        var offset = _zone?.GetUtcOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified)) ?? TimeSpan.FromMinutes(OffsetMinutes);
        return (local.Ticks - offset.Ticks - DateTime.UnixEpoch.Ticks) / 10;
    }
}
