using Microsoft.Extensions.Logging;

namespace CdcSync.Capture;

// 2300-2349: care for the source.
static partial class Log
{
    [LoggerMessage(2300, LogLevel.Warning, "{Source}: {Slot} keeps {Held} of log for us, and in {Left} it comes to an end: {Room} are left ({Bound}), {Rate} a second are written. {Advice}")]
    public static partial void SlotShort(ILogger log, string source, string slot, string held, string left, string room, string bound, string rate, string advice);

    [LoggerMessage(2301, LogLevel.Error, "{Source}: {Slot} keeps {Held} of log for us, and in {Left} it comes to an end: {Room} are left ({Bound}), {Rate} a second are written. Act now. {Advice}")]
    public static partial void SlotUrgent(ILogger log, string source, string slot, string held, string left, string room, string bound, string rate, string advice);

    [LoggerMessage(2302, LogLevel.Error, "{Source}: {Slot} is lost: the server has given up the log it kept for us, and the changes in it are gone. {Advice}")]
    public static partial void SlotLost(ILogger log, string source, string slot, string advice);

    [LoggerMessage(2303, LogLevel.Information, "{Source}: {Slot} is well again: it keeps {Held} of log, {Room} are left ({Bound})")]
    public static partial void SlotWell(ILogger log, string source, string slot, string held, string room, string bound);

    [LoggerMessage(2304, LogLevel.Warning, "{Source}: what the server keeps for us cannot be seen: {Why}. Until it can, nobody warns before it is lost")]
    public static partial void RetentionBlind(ILogger log, string source, string why);

    [LoggerMessage(2305, LogLevel.Warning, "{Source}: the server sets no limit to the log that {Slot} may keep (max_slot_wal_keep_size is -1), and the room on its disk cannot be seen from here: warnings assume {Limit}. Set retention.log_limit, or max_slot_wal_keep_size")]
    public static partial void LimitAssumed(ILogger log, string source, string slot, string limit);

    [LoggerMessage(2310, LogLevel.Warning, "{Source} waits since {At}, for {By} ({Why}): it is not read, and keeps its log for us meanwhile. To go on: cdcsync resume {Source}")]
    public static partial void SourceWaits(ILogger log, string source, DateTimeOffset at, string by, string why);

    [LoggerMessage(2311, LogLevel.Information, "{Source} goes on")]
    public static partial void SourceGoesOn(ILogger log, string source);

    [LoggerMessage(2312, LogLevel.Warning, "{Source}: {Table} waits, for {By} ({Why}): its records are held in {Topic}. To go on: cdcsync resume {Source} {Table}")]
    public static partial void TableWaits(ILogger log, string source, string table, string by, string why, string topic);

    [LoggerMessage(2313, LogLevel.Information, "{Source}: {Table} goes on; {Records} records that were held are given out")]
    public static partial void TableGoesOn(ILogger log, string source, string table, long records);

    [LoggerMessage(2315, LogLevel.Warning, "{Source} waits, and what it waits for is about to be forgotten: {What}. Resume it (cdcsync resume {Source}), or: {Fix}")]
    public static partial void PausedTooLong(ILogger log, string source, string what, string fix);

    [LoggerMessage(2320, LogLevel.Information, "{Source}: the snapshot waits: a follower of the source is {Behind} bytes of log behind, and load.replication_lag allows {Allowed}")]
    public static partial void SnapshotWaits(ILogger log, string source, string behind, string allowed);

    [LoggerMessage(2321, LogLevel.Warning, "{Source}: how far its followers are behind cannot be seen: {Why}. Snapshots do not wait for them")]
    public static partial void LagUnseen(ILogger log, string source, string why);

    [LoggerMessage(2314, LogLevel.Warning, "{Source}: what is to be paused cannot be read: {Why}. The last that is known holds; tried again in 5 s")]
    public static partial void PausesUnknown(ILogger log, string source, string why);
}
