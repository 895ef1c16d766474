using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdcSync.Contract.Changes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace CdcSync.EventLog.Kafka;

/// <summary>
/// Bookmarks are records of the compacted topic <c>cdcsync.positions</c>, key the producer's name, written in the transaction of the records they cover. The newest
/// committed one counts; it is looked for from the end backwards.
/// </summary>
sealed class KafkaBookmarks(KafkaClients clients, KafkaTopics topics)
{
    const int FirstWindow = 2000;
    static readonly TopicPartition Place = new(TopicNames.Positions, 0);

    public static Message<byte[]?, byte[]?> Record(string producer, Bookmark bookmark) => new()
    {
        Key = Encoding.UTF8.GetBytes(producer),
        Value = JsonSerializer.SerializeToUtf8Bytes(new StoredBookmark(bookmark.Position.ToString(), bookmark.State), BookmarkJson.Default.StoredBookmark),
    };

    public async Task<Bookmark?> ReadAsync(string producer, CancellationToken stop)
    {
        await topics.MakePositionsAsync(stop);
        // Up to the end as it is now, uncommitted included: behind another producer's unfinished transaction ours may lie committed and not yet be readable.
        var end = (await topics.OffsetsAsync([Place], OffsetSpec.Latest(), stop))[Place];
        var first = (await topics.OffsetsAsync([Place], OffsetSpec.Earliest(), stop))[Place];
        if (end == first) return null;
        await using var thread = new CallThread("bookmarks");
        return await thread.CallAsync(() => Find(Encoding.UTF8.GetBytes(producer), first, end, stop), stop);
    }

    Bookmark? Find(byte[] producer, long first, long end, CancellationToken stop)
    {
        using var consumer = clients.Consumer("cdcsync.bookmarks", new(StringComparer.Ordinal) { ["enable.partition.eof"] = "true" }).Build();
        for (var (to, window) = (end, (long)FirstWindow); to > first; window *= 10)
        {
            var from = Math.Max(first, to - window);
            if (Newest(consumer, producer, from, to, stop) is { } found) return found;
            to = from;
        }
        return null;
    }

    Bookmark? Newest(IConsumer<byte[]?, byte[]?> consumer, byte[] producer, long from, long to, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        byte[]? newest = null;
        consumer.Assign(new TopicPartitionOffset(Place, from));
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var read = consumer.Consume(TimeSpan.FromMilliseconds(100));
            if (read is { IsPartitionEOF: false } && read.Offset < to && read.Message.Key.AsSpan().SequenceEqual(producer)) newest = read.Message.Value;
            if (read is not null && (read.IsPartitionEOF ? read.Offset >= to : read.Offset >= to - 1)) break;
            // An unfinished transaction ends by commit, by abort when its producer comes back, or by its time-out; a caller that is still told so tries again.
            if (Stopwatch.GetElapsedTime(started) > clients.Settings.Timeout + TimeSpan.FromSeconds(60))
                throw new EventLogException($"The log could not read its bookmarks to the end: {TopicNames.Positions} does not go on at {read?.Offset}. Is Kafka healthy, and is there a hanging transaction (kafka-transactions.sh find-hanging)?");
        }
        if (newest is null) return null;
        var stored = JsonSerializer.Deserialize(newest, BookmarkJson.Default.StoredBookmark)!;
        return new Bookmark(SourcePosition.Parse(stored.Position), stored.State);
    }
}

sealed record StoredBookmark(string Position, string? State);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase), JsonSerializable(typeof(StoredBookmark))]
sealed partial class BookmarkJson : JsonSerializerContext;
