using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace CdcSync.EventLog.Kafka;

/// <summary>A member of a consumer group. Kafka shares the partitions out; a member that lost one starts it again from the stored place when it comes back.</summary>
sealed class KafkaLogReader : ILogReader
{
    // A commit may come while a read waits: the wait is cut into turns so that it gets its own. Kafka holds the fetch all the while.
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(5);

    readonly IConsumer<byte[]?, byte[]?> _client;
    readonly CallThread _thread;
    readonly KafkaClients _clients;
    readonly ILogger _logger;
    readonly string _group;
    readonly HashSet<TopicPartition> _mine = [];      // touched on the thread only

    KafkaLogReader(KafkaClients clients, string group, ILogger logger)
    {
        (_clients, _group, _logger) = (clients, group, logger);
        _thread = new CallThread($"group {group}");
        _client = clients.Consumer(group)
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => Revoked(partitions))
            .Build();
    }

    public static async Task<KafkaLogReader> OpenAsync(KafkaClients clients, string group, IReadOnlyCollection<string> topics, ILogger logger, CancellationToken stop)
    {
        var reader = new KafkaLogReader(clients, group, logger);
        await reader._thread.CallAsync(() =>
        {
            reader._client.Subscribe(topics);
            return true;
        }, stop);
        return reader;
    }

    public async Task<IReadOnlyList<LogRecord>> ReadAsync(int atMost, TimeSpan wait, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost, 1);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = wait == System.Threading.Timeout.InfiniteTimeSpan ? Turn : wait - Stopwatch.GetElapsedTime(started);
            var turn = left > Turn ? Turn : left > TimeSpan.Zero ? left : TimeSpan.Zero;
            var records = await _thread.CallAsync(() => Consume(atMost, turn), stop);
            if (records.Count > 0) LogMeter.Read(_group, records.Count);
            if (records.Count > 0 || left <= Turn && wait != System.Threading.Timeout.InfiniteTimeSpan) return records;
        }
    }

    public async Task CommitAsync(IReadOnlyCollection<LogPlace> next, CancellationToken stop)
    {
        if (next.Count == 0) return;
        try
        {
            await _thread.CallAsync(() =>
            {
                Commit(next);
                return true;
            }, stop).WaitAsync(_clients.Settings.Timeout, stop);
        }
        catch (TimeoutException)
        {
            // The client waits without end for a coordinator that has given its membership to another.
            throw new EventLogException($"Kafka at {_clients.Settings.Bootstrap} did not confirm the place of group '{_group}' within {_clients.Settings.Timeout}: it may or may not be stored. Open a fresh reader");
        }
        catch (KafkaException failed)
        {
            throw KafkaErrors.Explain($"commit the place of group '{_group}'", _clients.Settings.Bootstrap, failed);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_thread.IsDisposed) return;
        var closed = _thread.CallAsync(() =>
        {
            try
            {
                _client.Close();      // leaves the group: a second reader need not wait for the session's end
            }
            catch (KafkaException gone)
            {
                Log.KafkaTrouble(_logger, $"group '{_group}' could not be left: {gone.Error.Reason}");
            }
            _client.Dispose();
            return true;
        }, CancellationToken.None);
        if (await Task.WhenAny(closed, Task.Delay(CloseWithin)) == closed)
        {
            await _thread.DisposeAsync();
            return;
        }
        // The client sometimes never returns when its membership was lost: it is left behind, and the group forgets it when its session ends.
        Log.KafkaTrouble(_logger, $"group '{_group}' could not be left within {CloseWithin}");
    }

    List<LogRecord> Consume(int atMost, TimeSpan wait)
    {
        var records = new List<LogRecord>();
        var bytes = 0L;
        while (records.Count < atMost && bytes < _clients.Settings.ReadBytes && Next(records.Count == 0 ? wait : TimeSpan.Zero) is { } read)
        {
            records.Add(Record(read));
            bytes += (read.Message.Key?.Length ?? 0) + (read.Message.Value?.Length ?? 0);
        }
        return records;
    }

    ConsumeResult<byte[]?, byte[]?>? Next(TimeSpan wait)
    {
        try
        {
            return _client.Consume(wait);
        }
        catch (ConsumeException missing) when (missing.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            return null;      // not made yet; the client goes on looking for it
        }
        catch (ConsumeException trouble) when (!trouble.Error.IsFatal)
        {
            Log.KafkaTrouble(_logger, $"group '{_group}': {trouble.Error.Reason}");
            return null;
        }
        catch (KafkaException fatal)
        {
            throw KafkaErrors.Explain($"read as group '{_group}'", _clients.Settings.Bootstrap, fatal);
        }
    }

    void Commit(IReadOnlyCollection<LogPlace> next)
    {
        foreach (var place in next)
            if (!_mine.Contains(new TopicPartition(place.Topic, place.Partition)))
                throw new EventLogException($"Group '{_group}' cannot commit {place.Topic}[{place.Partition}]: this reader does not read it (any more); another may. Go on reading.");
        _client.Commit(next.GroupBy(p => (p.Topic, p.Partition)).Select(p => new TopicPartitionOffset(p.Key.Topic, p.Key.Partition, p.Max(place => place.Offset))));
    }

    void Assigned(List<TopicPartition> partitions)
    {
        _mine.UnionWith(partitions);
        if (partitions.Count > 0) Log.KafkaAssigned(_logger, _group, string.Join(", ", partitions));
    }

    void Revoked(List<TopicPartitionOffset> partitions)
    {
        _mine.ExceptWith(partitions.Select(p => p.TopicPartition));
        if (partitions.Count > 0) Log.KafkaRevoked(_logger, _group, string.Join(", ", partitions.Select(p => p.TopicPartition)));
    }

    /// <summary>A record as the contract has it.</summary>
    public static LogRecord Record(ConsumeResult<byte[]?, byte[]?> read) => new(
        read.Topic, read.Partition.Value, read.Offset.Value, read.Message.Timestamp.UnixTimestampMs, read.Message.Key, read.Message.Value,
        read.Message.Headers is { Count: > 0 } headers ? [.. headers.Select(h => new KeyValuePair<string, byte[]?>(h.Key, h.GetValueBytes()))] : []);
}
