using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture;

// 2000-2099: sources and the worker. 2100-2199: mapping. 2200-2249: snapshots and signals. 2250-2299: SQL Server.
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

    [LoggerMessage(2050, LogLevel.Warning, "{Source}: {Table} has changed: {What}")]
    public static partial void SchemaChanged(ILogger log, string source, string table, string what);

    [LoggerMessage(2051, LogLevel.Warning, "{Source}: {Table} came into scope; its rows and changes are published from now on")]
    public static partial void TableCame(ILogger log, string source, string table);

    [LoggerMessage(2052, LogLevel.Warning, "{Source}: {Tables} are named by 'tables' but not published, and this role may not publish them: they are left out until somebody runs: {Sql}")]
    public static partial void TablesUnpublished(ILogger log, string source, string tables, string sql);

    [LoggerMessage(2053, LogLevel.Warning, "{Source}: {Table} is gone from scope (dropped, renamed or moved); its records stay in the topic as they are")]
    public static partial void TableWent(ILogger log, string source, string table);

    [LoggerMessage(2054, LogLevel.Warning, "{Source}: {Partition} was attached to {Table}. Rows it had before are not in the log; if there were any, publish them: cdcsync snapshot {Source} --table {Table}")]
    public static partial void PartitionCame(ILogger log, string source, string partition, string table);

    [LoggerMessage(2055, LogLevel.Warning, "{Source}: {Partition} was detached from {Table} or dropped: no deletes come for its rows; reconcile with --repair where targets should lose them")]
    public static partial void PartitionWent(ILogger log, string source, string partition, string table);

    [LoggerMessage(2056, LogLevel.Warning, "{Source}: cannot look whether tables have come or gone: {Why}")]
    public static partial void ScopeUnknown(ILogger log, string source, string why);

    [LoggerMessage(2110, LogLevel.Error, "{Source}: mapping {Mapping} stands still, alone: {Reason}. Its objects are all read again when it is mended; next try in {Pause}")]
    public static partial void MappingStopped(ILogger log, string source, string mapping, string reason, TimeSpan pause);

    [LoggerMessage(2111, LogLevel.Warning, "{Source}: mapping {Mapping} goes on; {Count} objects were read again, so nothing of the time between is missing")]
    public static partial void MappingGoesOn(ILogger log, string source, string mapping, long count);

    [LoggerMessage(2112, LogLevel.Warning, "{Mapping}: {Why}; whether its object is still there was not looked at")]
    public static partial void RecordUnreadable(ILogger log, string mapping, string why);

    [LoggerMessage(2200, LogLevel.Warning, "{Source}: signal {Id} was not carried out: {Why}")]
    public static partial void SignalRefused(ILogger log, string source, string id, string why);

    [LoggerMessage(2201, LogLevel.Information, "{Source}: signal {Id} says: {Text}")]
    public static partial void SignalSays(ILogger log, string source, string id, string text);

    [LoggerMessage(2202, LogLevel.Information, "{Source}: signal {Id} asks for the rows of {Tables} tables")]
    public static partial void SnapshotAsked(ILogger log, string source, string id, int tables);

    [LoggerMessage(2203, LogLevel.Information, "{Source}: snapshot {Id} has published {Rows} rows of {Table}")]
    public static partial void TableRead(ILogger log, string source, string id, string table, long rows);

    [LoggerMessage(2204, LogLevel.Warning, "{Source}: snapshot {Id} leaves out {Table}: {Why}")]
    public static partial void TableLeftOut(ILogger log, string source, string id, string table, string why);

    [LoggerMessage(2205, LogLevel.Warning, "{Source}: a chunk of {Table} could not be read: {Why}; it is tried again")]
    public static partial void ChunkFailed(ILogger log, string source, string table, string why);

    [LoggerMessage(2206, LogLevel.Warning, "{Source}: the place in its log is lost ({Why}); snapshot is 'when_needed', so all rows are published again")]
    public static partial void SnapshotNeeded(ILogger log, string source, string why);

    [LoggerMessage(2207, LogLevel.Warning, "{Source}: signals cannot be read: {Why}; tried again in 5 s")]
    public static partial void InboxUnavailable(ILogger log, string source, string why);

    [LoggerMessage(2208, LogLevel.Warning, "{Source}: {Channel} signals cannot be taken: {Why}; tried again")]
    public static partial void ChannelUnavailable(ILogger log, string source, string channel, string why);

    [LoggerMessage(2250, LogLevel.Warning, "{Source}: {Table} is read from capture instance {Instance} from {Lsn} on: its columns are another set now, and changes made between the change of the table and the new instance lack the new columns; publish the rows again with `cdcsync snapshot` if that matters")]
    public static partial void InstanceSwitched(ILogger log, string source, string table, string instance, string lsn);

    [LoggerMessage(2251, LogLevel.Warning, "{Source}: {Database}.{Table} is not captured any more: it was dropped, or its capture instance was, with what had not been read; or the settings leave it out now")]
    public static partial void TableNotCaptured(ILogger log, string source, string database, string table);

    [LoggerMessage(2252, LogLevel.Warning, "{Source}: the capture job of {Database} has not read the log beyond the moment of the snapshot for 30 s. Does SQL Server Agent run, and the job cdc.{Database}_capture? Without VIEW DATABASE STATE an idle database takes up to five minutes")]
    public static partial void CaptureJobWaits(ILogger log, string source, string database);

    [LoggerMessage(2253, LogLevel.Warning, "{Source}: the clean-up job of {Database} overtakes us in {Left}: the oldest change not read is {Behind} old, and changes are kept for {Kept} only. What it deletes unread is lost. Run: {Fix}")]
    public static partial void RetentionShort(ILogger log, string source, string database, string left, string behind, string kept, string fix);

    [LoggerMessage(2254, LogLevel.Information, "{Source}: the clean-up job of {Database} is {Left} behind us again")]
    public static partial void RetentionWell(ILogger log, string source, string database, string left);

    [LoggerMessage(2255, LogLevel.Warning, "{Source}: how long {Database} keeps changes may not be seen, so nothing is said before clean-up overtakes us. Run: {Fix}")]
    public static partial void RetentionUnseen(ILogger log, string source, string database, string fix);

    [LoggerMessage(2350, LogLevel.Warning, "{Source}: a transaction, now at {Position}, has been on its way into the log for {Limit}: it is cut here, and readers see this part before the rest")]
    public static partial void TransactionCut(ILogger logger, string source, SourcePosition position, TimeSpan limit);
}
