using Microsoft.Extensions.Logging;

namespace CdcSync.Sinks;

internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Information, "Sink {Sink} started; it takes {Topics}")]
    public static partial void SinkStarted(ILogger logger, string sink, string topics);

    [LoggerMessage(4001, LogLevel.Information, "Sink {Sink} stopped: {Delivered} delivered in {Calls} calls, {Coalesced} coalesced, {Stale} stale")]
    public static partial void SinkStopped(ILogger logger, string sink, long delivered, long calls, long coalesced, long stale);

    [LoggerMessage(4002, LogLevel.Warning, "Sink {Sink} parked {Object} {Key} version {Version} as a dead letter ({Class}): {Reason}")]
    public static partial void Parked(ILogger logger, string sink, string @object, string key, string version, string @class, string reason);

    [LoggerMessage(4003, LogLevel.Warning, "Sink {Sink}: the target is failing; its breaker is open, and what it should get waits")]
    public static partial void BreakerOpened(ILogger logger, string sink);

    [LoggerMessage(4004, LogLevel.Information, "Sink {Sink}: the target is back, deliveries go on")]
    public static partial void BreakerClosed(ILogger logger, string sink);

    [LoggerMessage(4005, LogLevel.Error, "Sink {Sink}: {Place} cannot be read and is parked as a dead letter: {Reason}")]
    public static partial void Unreadable(ILogger logger, string sink, string place, string reason);

    [LoggerMessage(4006, LogLevel.Information, "Sink {Sink}: {Count} {Object} of a call failed ({Class}): {Reason}")]
    public static partial void CallFailed(ILogger logger, string sink, int count, string @object, string @class, string reason);
}
