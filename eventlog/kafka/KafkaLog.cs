using System.Runtime.CompilerServices;
using CdcSync.Contract.Changes;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.EventLog.Kafka;

/// <summary>The log in Apache Kafka: transactions, consumer groups, bookmarks in the compacted topic <c>cdcsync.positions</c>.</summary>
public sealed class KafkaLog : IEventLog
{
    readonly KafkaClients _clients;
    readonly IAdminClient _admin;
    readonly KafkaTopics _topics;
    readonly KafkaBookmarks _bookmarks;
    readonly ILogger _logger;

    KafkaLog(KafkaLogSettings settings, ILogger logger)
    {
        _logger = logger;
        _clients = new KafkaClients(settings, logger);
        _admin = _clients.Admin();
        _topics = new KafkaTopics(_admin, _clients);
        _bookmarks = new KafkaBookmarks(_clients, _topics);
    }

    /// <summary>Opens the log and makes sure that Kafka answers.</summary>
    /// <exception cref="EventLogException">It does not.</exception>
    public static async Task<KafkaLog> OpenAsync(KafkaLogSettings settings, ILogger<KafkaLog>? logger, CancellationToken stop)
    {
        settings.Validate();
        var log = new KafkaLog(settings, (ILogger?)logger ?? NullLogger.Instance);
        try
        {
            await log.AskAsync("reach Kafka", () => log._topics.ReachAsync().WaitAsync(stop));
            return log;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task EnsureTopicAsync(TopicSettings topic, CancellationToken stop) => AskAsync($"make topic '{topic.Name}'", () => _topics.MakeAsync(topic, stop));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TopicInfo>> ListTopicsAsync(CancellationToken stop)
    {
        IReadOnlyList<TopicInfo> topics = [];
        await AskAsync("list its topics", async () => topics = await _topics.ListAsync(stop));
        return topics;
    }

    /// <inheritdoc/>
    public async Task<ILogWriter> OpenWriterAsync(string producer, CancellationToken stop)
    {
        ILogWriter? writer = null;
        await AskAsync($"open a writer for '{producer}'", async () => writer = await KafkaLogWriter.OpenAsync(_clients, _topics, _bookmarks, producer, stop));
        return writer!;
    }

    /// <inheritdoc/>
    public async Task<Bookmark?> ReadBookmarkAsync(string producer, CancellationToken stop)
    {
        Bookmark? bookmark = null;
        await AskAsync($"read the bookmark of '{producer}'", async () => bookmark = await _bookmarks.ReadAsync(producer, stop));
        return bookmark;
    }

    /// <inheritdoc/>
    public async Task<ILogReader> OpenReaderAsync(string group, IReadOnlyCollection<string> topics, CancellationToken stop)
    {
        foreach (var topic in topics) TopicNames.Check(topic);
        ILogReader? reader = null;
        await AskAsync($"open a reader for group '{group}'", async () =>
        {
            await _topics.ReachAsync().WaitAsync(stop);
            reader = await KafkaLogReader.OpenAsync(_clients, group, topics, _logger, stop);
        });
        return reader!;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRecord> ReadTopicAsync(string topic, IReadOnlyList<long>? from, bool follow, [EnumeratorCancellation] CancellationToken stop)
    {
        TopicNames.Check(topic);
        if ((await ListTopicsAsync(stop)).FirstOrDefault(t => t.Name == topic) is not { } info) yield break;
        var begin = info.Partitions.Select((p, i) => Math.Max(p.First, from?[i] ?? 0)).ToList();
        await foreach (var record in new KafkaTopicScan(_clients, topic).ReadAsync(begin, follow ? null : [.. info.Partitions.Select(p => p.Next)], stop)) yield return record;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _admin.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task AskAsync(string doing, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (KafkaException failed)
        {
            throw KafkaErrors.Explain(doing, _clients.Settings.Bootstrap, failed);
        }
    }
}
