using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture;

// 2000-2099: sources and the worker. 2100-2199: mapping.
static partial class Log
{
    [LoggerMessage(2000, LogLevel.Warning, "{Source} lost its connection: {Why}; next try in {Delay}")]
    public static partial void ConnectionLost(ILogger log, string source, string why, TimeSpan delay);

    [LoggerMessage(2001, LogLevel.Information, "{Source} streams from {Position}")]
    public static partial void Streaming(ILogger log, string source, SourcePosition position);

    [LoggerMessage(2002, LogLevel.Information, "{Source} reads the existing rows of {Tables} tables; it begins when all transactions now open have ended")]
    public static partial void SnapshotStarts(ILogger log, string source, int tables);

    [LoggerMessage(2003, LogLevel.Information, "{Source} has published all existing rows, as of {Position}")]
    public static partial void SnapshotDone(ILogger log, string source, SourcePosition position);

    [LoggerMessage(2004, LogLevel.Warning, "{Table}.{Column} has type {Type}, which CdcSync cannot read: the column is left out of its records")]
    public static partial void ColumnLeftOut(ILogger log, string table, string column, string type);

    [LoggerMessage(2005, LogLevel.Warning, "{Table} had {Count} values that its schema cannot say (NaN, infinity, invalid UTF-8); each record names them in the header cdcsync.unrepresentable")]
    public static partial void Unrepresentable(ILogger log, string table, long count);

    [LoggerMessage(2006, LogLevel.Warning, "A row of the outbox {Table} was updated; an outbox is only added to, and the update is not published")]
    public static partial void OutboxUpdated(ILogger log, string table);

    [LoggerMessage(2007, LogLevel.Warning, "{Source}: the heartbeat's query failed: {Why}")]
    public static partial void HeartbeatQueryFailed(ILogger log, string source, string why);

    [LoggerMessage(2010, LogLevel.Warning, "{Source}: the log did not take a batch: {Why}; next try in {Delay}")]
    public static partial void LogUnavailable(ILogger log, string source, string why, TimeSpan delay);

    [LoggerMessage(2011, LogLevel.Information, "{Source}: mapping {Mapping} published {Count} objects")]
    public static partial void MappingSnapshot(ILogger log, string source, string mapping, long count);

    [LoggerMessage(2100, LogLevel.Error, "{Mapping}: object {Id} cannot be made and went to the dead letters: {Why}")]
    public static partial void ObjectNotMade(ILogger log, string mapping, string id, string why);

    [LoggerMessage(2101, LogLevel.Warning, "{Mapping}: table {Table} was truncated, which does not say which objects are gone: reconcile with --repair")]
    public static partial void Truncated(ILogger log, string mapping, string table);
}
