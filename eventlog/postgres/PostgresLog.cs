using System.Runtime.CompilerServices;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Store;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>
/// The log in tables of the store (schema <c>log</c>): COPY in, keyset out, NOTIFY to wake. Needs sessions of its own, so connect it to the server itself and not
/// through a pooler that shares them between transactions.
/// </summary>
public sealed class PostgresLog : IEventLog
{
    readonly NpgsqlDataSource _store;
    readonly PostgresLogSettings _settings;
    readonly ILogger _logger;
    readonly PostgresTopics _topics;
    readonly PostgresListener _listener;
    readonly PostgresUpkeep _upkeep;

    PostgresLog(NpgsqlDataSource store, PostgresLogSettings settings, ILogger logger, TimeProvider clock)
    {
        (_store, _settings, _logger) = (store, settings, logger);
        _topics = new PostgresTopics(store);
        _listener = new PostgresListener(store, logger);
        _upkeep = new PostgresUpkeep(store, settings, logger, clock);
    }

    /// <summary>Opens the log, bringing its tables up to date. The data source stays the caller's.</summary>
    /// <exception cref="EventLogException">The store cannot be reached or refuses the tables.</exception>
    public static async Task<PostgresLog> OpenAsync(
        NpgsqlDataSource store, PostgresLogSettings? settings, ILogger<PostgresLog>? logger, TimeProvider? clock, CancellationToken stop)
    {
        settings ??= new PostgresLogSettings();
        settings.Validate();
        await AskAsync("make its tables", () => StoreMigrations.ApplyAsync(store, typeof(PostgresLog).Assembly, stop));
        return new PostgresLog(store, settings, (ILogger?)logger ?? NullLogger.Instance, clock ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public Task EnsureTopicAsync(TopicSettings topic, CancellationToken stop) =>
        AskAsync($"make topic '{topic.Name}'", () => _topics.MakeAsync(topic, update: true, stop));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TopicInfo>> ListTopicsAsync(CancellationToken stop)
    {
        IReadOnlyList<TopicInfo> topics = [];
        await AskAsync("list its topics", async () => topics = await _topics.ListAsync(stop));
        return topics;
    }

    /// <inheritdoc/>
    public async Task<ILogWriter> OpenWriterAsync(string producer, CancellationToken stop) =>
        await PostgresLogWriter.OpenAsync(_store, _topics, producer, _logger, stop);

    /// <inheritdoc/>
    public async Task<Bookmark?> ReadBookmarkAsync(string producer, CancellationToken stop)
    {
        Bookmark? bookmark = null;
        await AskAsync($"read the bookmark of '{producer}'", async () =>
        {
            await using var query = _store.CreateCommand("select position, state from log.producer where name = $1");
            query.Parameters.Add(Value(producer));
            await using var row = await query.ExecuteReaderAsync(stop);
            if (await row.ReadAsync(stop)) bookmark = PostgresLogWriter.ReadBookmark(row, 0);
        });
        return bookmark;
    }

    /// <inheritdoc/>
    public async Task<ILogReader> OpenReaderAsync(string group, IReadOnlyCollection<string> topics, CancellationToken stop)
    {
        foreach (var topic in topics) TopicNames.Check(topic);
        var wake = new WakeUp();
        await _listener.AddAsync(wake, stop);
        return new PostgresLogReader(_store, _listener, wake, _settings, group, topics, _logger);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRecord> ReadTopicAsync(string topic, IReadOnlyList<long>? from, bool follow, [EnumeratorCancellation] CancellationToken stop)
    {
        TopicNames.Check(topic);
        if ((await ListTopicsAsync(stop)).FirstOrDefault(t => t.Name == topic) is not { } info) yield break;
        var route = (await _topics.FindAsync(topic, stop))!;
        using var wake = new WakeUp();
        if (follow) await _listener.AddAsync(wake, stop);
        try
        {
            var scan = new TopicScan(_store, route, [.. info.Partitions.Select((p, i) => Math.Max(p.First, from?[i] ?? 0))]);
            await foreach (var record in follow ? scan.FollowAsync(wake, stop) : scan.ReadAsync([.. info.Partitions.Select(p => p.Next)], stop)) yield return record;
        }
        finally
        {
            _listener.Remove(wake);
        }
    }

    /// <summary>Runs retention and compaction until stopped, in one process at a time; the host runs it beside everything else.</summary>
    public Task MaintainAsync(CancellationToken stop) => _upkeep.RunAsync(stop);

    /// <summary>Runs retention and compaction once, now; zeros when another process is at it.</summary>
    public async Task<UpkeepResult> MaintainOnceAsync(CancellationToken stop)
    {
        var result = default(UpkeepResult);
        await AskAsync("be maintained", async () => result = await _upkeep.OnceAsync(stop));
        return result;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    static async Task AskAsync(string doing, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (Exception failed) when (PostgresLogErrors.IsStore(failed))
        {
            throw PostgresLogErrors.Explain(doing, failed);
        }
    }
}
