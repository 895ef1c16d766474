using Microsoft.Extensions.Logging;

namespace CdcSync.EventLog;

static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "The log's listening connection to the store was lost ({Reason}); listening again in {Delay}")]
    public static partial void ListenerLost(ILogger logger, string reason, TimeSpan delay);

    [LoggerMessage(1002, LogLevel.Information, "Group {Group} now reads {Topics} here")]
    public static partial void ReaderActive(ILogger logger, string group, string topics);

    [LoggerMessage(1003, LogLevel.Information, "Group {Group} is read elsewhere; standing by for {Topics}")]
    public static partial void ReaderStandsBy(ILogger logger, string group, string topics);

    [LoggerMessage(1004, LogLevel.Warning, "Group {Group} is late: retention removed {Missed} records of {Topic}[{Partition}] that it had not read. Take a snapshot of what it feeds, and give the topic a longer retention")]
    public static partial void ReaderMissedRecords(ILogger logger, string group, long missed, string topic, int partition);

    [LoggerMessage(1005, LogLevel.Warning, "Producer {Producer}: the earlier process was still in the middle of an append; its store session {Backend} was ended")]
    public static partial void EarlierWriterEnded(ILogger logger, string producer, int backend);

    [LoggerMessage(1006, LogLevel.Warning, "Maintenance of the log failed, trying again in {Interval}: {Reason}")]
    public static partial void MaintenanceFailed(ILogger logger, TimeSpan interval, string reason);

    [LoggerMessage(1007, LogLevel.Information, "Maintenance of the log removed {Expired} old records, {Compacted} superseded ones and {Tombstones} tombstones")]
    public static partial void Maintained(ILogger logger, long expired, long compacted, long tombstones);

    [LoggerMessage(1020, LogLevel.Warning, "Kafka: {Reason}")]
    public static partial void KafkaTrouble(ILogger logger, string reason);

    [LoggerMessage(1021, LogLevel.Debug, "Kafka client: {Message}")]
    public static partial void KafkaClient(ILogger logger, string message);

    [LoggerMessage(1022, LogLevel.Information, "Group {Group} now reads {Partitions} here")]
    public static partial void KafkaAssigned(ILogger logger, string group, string partitions);

    [LoggerMessage(1023, LogLevel.Information, "Group {Group} no longer reads {Partitions} here")]
    public static partial void KafkaRevoked(ILogger logger, string group, string partitions);

    [LoggerMessage(1101, LogLevel.Error, "Schema registry: {Method} {Path} failed")]
    public static partial void RegistryFailed(ILogger logger, string method, string path, Exception reason);

    [LoggerMessage(1102, LogLevel.Warning, "Schema registry: the store did not serve {Method} {Path}: {Reason}")]
    public static partial void RegistryStoreLost(ILogger logger, string method, string path, string reason);
}
