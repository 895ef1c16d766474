using Microsoft.Extensions.Logging;

namespace CdcSync.Capture;

// 2400-2449: change tables and polled tables.
static partial class Log
{
    [LoggerMessage(2400, LogLevel.Information, "{Source} reads the existing rows of {Tables} tables in chunks, while their changes go on")]
    public static partial void ChunksStart(ILogger log, string source, int tables);

    [LoggerMessage(2401, LogLevel.Information, "{Source}: {Table} has all its {Rows} rows published")]
    public static partial void ChunksDone(ILogger log, string source, string table, long rows);

    [LoggerMessage(2402, LogLevel.Information, "{Source} waits until the transactions now open have ended, or {Lag} have passed, before {Tables} tables can be followed")]
    public static partial void Settles(ILogger log, string source, TimeSpan lag, int tables);

    [LoggerMessage(2403, LogLevel.Information, "{Source}: {Table} has new columns; its records have a new schema from here on")]
    public static partial void ColumnsChanged(ILogger log, string source, string table);

    [LoggerMessage(2404, LogLevel.Debug, "{Source}: {Count} change rows of {Table} were published and are deleted")]
    public static partial void CleanedUp(ILogger log, string source, string table, int count);

    [LoggerMessage(2405, LogLevel.Warning, "{Table}.{Column} is not in the change table {ChangeTable}: it is left out of the records. Make the change table anew: `cdcsync enable`")]
    public static partial void NotInChangeTable(ILogger log, string table, string column, string changeTable);
}
