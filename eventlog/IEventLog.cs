using CdcSync.Contract.Changes;

namespace CdcSync.EventLog;

/// <summary>Where records go and come from: one contract for the Kafka log and the PostgreSQL log; the conformance suite says what it means.</summary>
public interface IEventLog : IAsyncDisposable
{
    /// <summary>Creates the topic when it is not there. An existing one keeps its partitions; other settings are brought up to date.</summary>
    Task EnsureTopicAsync(TopicSettings topic, CancellationToken stop);

    /// <summary>The topics there are, without the log's own.</summary>
    Task<IReadOnlyList<TopicInfo>> ListTopicsAsync(CancellationToken stop);

    /// <summary>Opens the one writer of this name. An earlier one still open elsewhere is fenced: its next append throws <see cref="FencedException"/>.</summary>
    Task<ILogWriter> OpenWriterAsync(string producer, CancellationToken stop);

    /// <summary>The bookmark of a producer as last committed, without fencing it; null when it never appended.</summary>
    Task<Bookmark?> ReadBookmarkAsync(string producer, CancellationToken stop);

    /// <summary>
    /// Reads topics as a group, from where the group's commits stand (the beginning when it has none). One reader of a group is active at a time a partition;
    /// others stand by.
    /// </summary>
    Task<ILogReader> OpenReaderAsync(string group, IReadOnlyCollection<string> topics, CancellationToken stop);

    /// <summary>
    /// Reads a topic as nobody's group, leaving no trace: in order per partition, committed records only, to where each partition ends at the call; or without end.
    /// Nothing when there is no such topic.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from">Per partition the offset to begin at; null for the beginning.</param>
    /// <param name="follow">Goes on with what comes, until stopped.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="EventLogException">The log cannot be read.</exception>
    IAsyncEnumerable<LogRecord> ReadTopicAsync(string topic, IReadOnlyList<long>? from, bool follow, CancellationToken stop);
}

/// <summary>A topic as wanted. Records of one key go to one partition, chosen by Kafka's default partitioner (murmur2 of the key's bytes).</summary>
/// <param name="Name">Letters, digits, '.', '_', '-'; 249 at most.</param>
/// <param name="Partitions">Number of partitions when it is created.</param>
/// <param name="Compact">Keep at least the newest record of each key (a tombstone removes the key after a while).</param>
/// <param name="Retention">Delete older records; null keeps all.</param>
public sealed record TopicSettings(string Name, int Partitions = 1, bool Compact = false, TimeSpan? Retention = null);

/// <summary>A topic as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">Per partition the first offset still there and the next to be written.</param>
public sealed record TopicInfo(string Name, IReadOnlyList<(long First, long Next)> Partitions);

/// <summary>Appends batches, each in one transaction with the producer's bookmark.</summary>
public interface ILogWriter : IAsyncDisposable
{
    /// <summary>What was committed with the last append of this producer, by whichever process; null at first.</summary>
    Bookmark? Bookmark { get; }

    /// <summary>
    /// Makes the records and the bookmark durable together, or neither. The batch may be cleared and used again afterwards. Records of a topic that was never
    /// ensured go to a topic made with defaults.
    /// </summary>
    /// <exception cref="FencedException">A later writer of the same name has taken over: stop.</exception>
    /// <exception cref="EventLogException">It could not be made durable and may be tried again with a fresh writer, which then shows whether it was.</exception>
    Task AppendAsync(LogBatch batch, Bookmark bookmark, CancellationToken stop);

    /// <summary>
    /// A part of the next append, for what is too large for one batch. Readers see it, and it is durable, with the <see cref="AppendAsync"/> that follows, together with all
    /// parts before; when none follows, there never was anything. The batch may be cleared and used again afterwards.
    /// </summary>
    /// <exception cref="FencedException">A later writer of the same name has taken over: stop.</exception>
    /// <exception cref="EventLogException">It failed, and the parts before it with it.</exception>
    Task AppendPartAsync(LogBatch batch, CancellationToken stop);
}

/// <summary>Reads records in order per partition.</summary>
public interface ILogReader : IAsyncDisposable
{
    /// <summary>
    /// Waits for records and returns some of those that are there, in order per partition; only committed ones. Empty when <paramref name="wait"/> passed.
    /// Wakes by notification, not by polling. The records are the caller's to keep.
    /// </summary>
    Task<IReadOnlyList<LogRecord>> ReadAsync(int atMost, TimeSpan wait, CancellationToken stop);

    /// <summary>Stores the group's place: the next offset to read, per topic and partition.</summary>
    Task CommitAsync(IReadOnlyCollection<LogPlace> next, CancellationToken stop);
}

/// <summary>A place in a topic.</summary>
public readonly record struct LogPlace(string Topic, int Partition, long Offset);

/// <summary>A record as read.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Timestamp">Milliseconds since 1970 UTC, as given at the append.</param>
/// <param name="Key">Key bytes; null for none.</param>
/// <param name="Value">Value bytes; null for a tombstone.</param>
/// <param name="Headers">In order; names may repeat.</param>
public sealed record LogRecord(
    string Topic, int Partition, long Offset, long Timestamp, byte[]? Key, byte[]? Value, IReadOnlyList<KeyValuePair<string, byte[]?>> Headers);

/// <summary>The log refused or could not do something; the message says what and what to do.</summary>
public class EventLogException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A later writer of the same name has taken over.</summary>
public sealed class FencedException(string producer, Exception? inner = null)
    : EventLogException($"Another process has taken over as producer '{producer}'; this one stops. Run one process per producer.", inner);
