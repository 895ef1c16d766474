using System.Diagnostics;
using CdcSync.Contract.Changes;
using Confluent.Kafka;

namespace CdcSync.EventLog.Kafka;

/// <summary>One Kafka transaction an append, the bookmark its last record. Its calls block, so they run on a thread of their own.</summary>
sealed class KafkaLogWriter : ILogWriter
{
    readonly IProducer<byte[]?, byte[]?> _client;
    readonly CallThread _thread;
    readonly KafkaClients _clients;
    readonly KafkaTopics _topics;
    readonly string _producer;
    readonly RecordMessage _message = new();
    string? _ended;
    bool _open;      // a transaction; the thread's
    AppendCount _count;

    KafkaLogWriter(IProducer<byte[]?, byte[]?> client, CallThread thread, KafkaClients clients, KafkaTopics topics, string producer, Bookmark? bookmark) =>
        (_client, _thread, _clients, _topics, _producer, Bookmark) = (client, thread, clients, topics, producer, bookmark);

    public Bookmark? Bookmark { get; private set; }

    /// <summary>Fences the earlier one, settles what it left, and only then looks for the bookmark.</summary>
    public static async Task<ILogWriter> OpenAsync(KafkaClients clients, KafkaTopics topics, KafkaBookmarks bookmarks, string producer, CancellationToken stop)
    {
        await topics.MakePositionsAsync(stop);
        var thread = new CallThread($"producer {producer}");
        var client = clients.Producer(producer);
        try
        {
            await thread.CallAsync(() => Patiently(clients.Settings.Timeout, client.InitTransactions), stop);
            return new KafkaLogWriter(client, thread, clients, topics, producer, await bookmarks.ReadAsync(producer, stop));
        }
        catch
        {
            await CloseAsync(thread, client);
            throw;
        }
    }

    public async Task AppendAsync(LogBatch batch, Bookmark bookmark, CancellationToken stop)
    {
        await WriteAsync(batch, bookmark, stop);
        Bookmark = bookmark;
        LogMeter.Appended(_producer, _count);
        _count = default;
    }

    public Task AppendPartAsync(LogBatch batch, CancellationToken stop) => WriteAsync(batch, bookmark: null, stop);

    async Task WriteAsync(LogBatch batch, Bookmark? bookmark, CancellationToken stop)
    {
        if (_ended is not null) throw new EventLogException($"This writer of '{_producer}' has ended ({_ended}). Open a fresh one; its bookmark shows what is durable.");
        var started = Stopwatch.GetTimestamp();
        try
        {
            string? topic = null;
            for (var i = 0; i < batch.Count; i++)
                if (batch.Entries[i].Topic is var next && !ReferenceEquals(next, topic)) await _topics.KnowAsync(topic = next, stop);
            await _thread.CallAsync(() => Append(batch, bookmark, stop), stop);
        }
        catch (Exception failed)
        {
            LogMeter.AppendFailed(_producer);
            _ended = failed.Message;
            if (failed is KafkaException error) throw Explain(error, batch);
            throw;
        }
        _count = _count.With(batch, Stopwatch.GetElapsedTime(started));
    }

    public async ValueTask DisposeAsync()
    {
        _ended ??= "it was closed";
        if (_thread.IsDisposed) return;
        // Left open, it would hold back every reader until its time-out.
        await _thread.CallAsync(() =>
        {
            Abort();
            return true;
        }, CancellationToken.None);
        await CloseAsync(_thread, _client);
    }

    bool Append(LogBatch batch, Bookmark? bookmark, CancellationToken stop)
    {
        if (!_open) _client.BeginTransaction();
        _open = true;
        try
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var entry = batch.Entries[i];
                Produce(entry.Topic, _message.Fill(batch, entry), stop);
            }
            if (bookmark is null) return true;
            Produce(TopicNames.Positions, KafkaBookmarks.Record(_producer, bookmark), stop);
            Patiently(_clients.Settings.Timeout, _client.CommitTransaction);
            _open = false;
            return true;
        }
        catch (Exception failed) when (failed is not KafkaException { Error.IsFatal: true })
        {
            Abort();
            throw;
        }
    }

    void Produce(string topic, Message<byte[]?, byte[]?> message, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                _client.Produce(topic, message);
                return;
            }
            catch (KafkaException full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                Thread.Sleep(2);     // the network drains it; the thread is ours
            }
        }
    }

    void Abort()
    {
        if (!_open) return;
        _open = false;
        try
        {
            Patiently(TimeSpan.FromTicks(Math.Min(_clients.Settings.Timeout.Ticks, TimeSpan.FromSeconds(5).Ticks)), _client.AbortTransaction);
        }
        catch (KafkaException)
        {
            // The broker aborts it when a fresh writer opens, or after its time-out; the first failure is the one to tell.
        }
    }

    EventLogException Explain(KafkaException error, LogBatch batch)
    {
        if (KafkaErrors.IsFence(error)) return new FencedException(_producer, error);
        if (error.Error.Code is not (ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge) && !TooLarge(error)) return KafkaErrors.Explain($"append {batch.Count} records of '{_producer}'", _clients.Settings.Bootstrap, error);
        var largest = batch.Entries.MaxBy(e => (long)e.KeyLength + e.ValueLength);
        return new EventLogException(
            $"Kafka refused an append of '{_producer}': a record is larger than the broker allows. The largest has {largest.KeyLength + largest.ValueLength:n0} bytes and is for topic '{largest.Topic}'. "
            + "Raise the topic's max.message.bytes (and the broker's replica.fetch.max.bytes), or leave the column out of the capture.", error);
    }

    // The commit's error wraps the record's.
    static bool TooLarge(KafkaException error) => error.Error.Reason.Contains("size too large", StringComparison.OrdinalIgnoreCase) || error.Error.Reason.Contains("MSG_SIZE_TOO_LARGE", StringComparison.Ordinal);

    // What Kafka calls retriable goes on where it was when it is called again.
    static bool Patiently(TimeSpan patience, Action<TimeSpan> call)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = patience - Stopwatch.GetElapsedTime(started);
            try
            {
                call(left > TimeSpan.FromMilliseconds(100) ? left : TimeSpan.FromMilliseconds(100));
                return true;
            }
            catch (KafkaRetriableException) when (left > TimeSpan.Zero)
            {
                Thread.Sleep(20);
            }
        }
    }

    static async ValueTask CloseAsync(CallThread thread, IProducer<byte[]?, byte[]?> client)
    {
        if (thread.IsDisposed) return;
        await thread.CallAsync(() =>
        {
            client.Dispose();
            return true;
        }, CancellationToken.None);
        await thread.DisposeAsync();
    }
}
