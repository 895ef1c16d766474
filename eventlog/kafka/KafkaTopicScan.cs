using System.Runtime.CompilerServices;
using Confluent.Kafka;

namespace CdcSync.EventLog.Kafka;

/// <summary>Reads a topic's partitions as nobody's group member: partitions are taken, not assigned, and no place is stored.</summary>
sealed class KafkaTopicScan(KafkaClients clients, string topic)
{
    const int RecordsAtATime = 1000;
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(200);

    /// <summary>From these offsets to these ends; without ends, on with what comes.</summary>
    public async IAsyncEnumerable<LogRecord> ReadAsync(IReadOnlyList<long> from, IReadOnlyList<long>? ends, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var thread = new CallThread($"topic {topic}");
        var open = Enumerable.Range(0, from.Count).Where(p => ends is null || from[p] < ends[p]).ToHashSet();
        // The end of a partition may be a transaction's marker, which no read returns: only its end tells that it was reached.
        var client = clients.Consumer("cdcsync.scan", new(StringComparer.Ordinal) { ["enable.partition.eof"] = "true" }).Build();
        try
        {
            await thread.CallAsync(() =>
            {
                client.Assign(open.Select(p => new TopicPartitionOffset(topic, p, from[p])));
                return true;
            }, stop);
            while (open.Count > 0)
                foreach (var record in await thread.CallAsync(() => Some(client, open, ends, stop), stop)) yield return record;
        }
        finally
        {
            await thread.CallAsync(() =>
            {
                client.Dispose();
                return true;
            }, CancellationToken.None);
        }
    }

    List<LogRecord> Some(IConsumer<byte[]?, byte[]?> client, HashSet<int> open, IReadOnlyList<long>? ends, CancellationToken stop)
    {
        var records = new List<LogRecord>();
        try
        {
            while (records.Count < RecordsAtATime && open.Count > 0 && client.Consume(records.Count == 0 ? Turn : TimeSpan.Zero) is { } read)
            {
                stop.ThrowIfCancellationRequested();
                var end = ends?[read.Partition.Value];
                if (!read.IsPartitionEOF && !(read.Offset >= end)) records.Add(KafkaLogReader.Record(read));
                if (read.IsPartitionEOF ? read.Offset >= end : read.Offset >= end - 1) open.Remove(read.Partition.Value);
            }
        }
        catch (KafkaException failed) when (failed.Error.IsFatal || records.Count == 0)
        {
            throw KafkaErrors.Explain($"read topic '{topic}'", clients.Settings.Bootstrap, failed);
        }
        catch (KafkaException)
        {
            // The next turn meets it again.
        }
        return records;
    }
}
