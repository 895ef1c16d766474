using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;

namespace CdcSync.Mdm.Tests;

/// <summary>A log whose appends fail at random: before they are durable, or after, when nobody hears of it.</summary>
sealed class FlakyLog(IEventLog log, Random random) : IEventLog
{
    public int LostAnswers { get; private set; }

    public Task EnsureTopicAsync(TopicSettings topic, CancellationToken stop) => log.EnsureTopicAsync(topic, stop);

    public Task<IReadOnlyList<TopicInfo>> ListTopicsAsync(CancellationToken stop) => log.ListTopicsAsync(stop);

    public async Task<ILogWriter> OpenWriterAsync(string producer, CancellationToken stop) => new Writer(this, await log.OpenWriterAsync(producer, stop));

    public Task<Bookmark?> ReadBookmarkAsync(string producer, CancellationToken stop) => log.ReadBookmarkAsync(producer, stop);

    public Task<ILogReader> OpenReaderAsync(string group, IReadOnlyCollection<string> topics, CancellationToken stop) => log.OpenReaderAsync(group, topics, stop);

    public IAsyncEnumerable<LogRecord> ReadTopicAsync(string topic, IReadOnlyList<long>? from, bool follow, CancellationToken stop) => log.ReadTopicAsync(topic, from, follow, stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed class Writer(FlakyLog log, ILogWriter writer) : ILogWriter
    {
        public Bookmark? Bookmark => writer.Bookmark;

        public Task AppendPartAsync(LogBatch batch, CancellationToken stop) => writer.AppendPartAsync(batch, stop);

        public async Task AppendAsync(LogBatch batch, Bookmark bookmark, CancellationToken stop)
        {
            var luck = log.Roll();
            if (luck == 0) throw new EventLogException("lost before it was durable");
            await writer.AppendAsync(batch, bookmark, stop);
            if (luck != 1) return;
            log.LostAnswers++;
            throw new EventLogException("durable, but the answer was lost");
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }

    int Roll()
    {
        lock (random) return random.Next(6);
    }
}

/// <summary>A registry in memory.</summary>
sealed class MemoryRegistry : ISchemaRegistry
{
    readonly Lock _lock = new();
    readonly List<RegisteredSchema> _schemas = [];

    public Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        lock (_lock)
        {
            var known = _schemas.FindIndex(s => s.Text == schema.Text);
            if (known < 0) _schemas.Add(schema);
            return Task.FromResult(known < 0 ? _schemas.Count : known + 1);
        }
    }

    public Task<RegisteredSchema> GetAsync(int id, CancellationToken stop)
    {
        lock (_lock) return Task.FromResult(_schemas[id - 1]);
    }
}
