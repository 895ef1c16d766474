using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;

namespace CdcSync.Capture.Tests;

/// <summary>An event log in memory: one partition a topic, fencing and bookmarks as the interface promises.</summary>
public sealed class MemoryLog : IEventLog
{
    readonly Lock _lock = new();
    readonly Dictionary<string, (int Epoch, Bookmark? Bookmark)> _producers = [];
    readonly List<LogRecord> _records = [];

    /// <summary>Called before an append; throws to break it.</summary>
    public Action<string>? BeforeAppend { get; set; }

    /// <summary>Called after an append has taken effect; throws to lose its answer.</summary>
    public Action<string>? AfterAppend { get; set; }

    /// <summary>Breaks one in so many appends before it has taken effect, and loses the answer of as many that have. Something has been durable between two failures: a transaction of many parts would never come through else.</summary>
    public void FailOnce(int inSoMany)
    {
        var (before, after, failed) = (inSoMany / 2, 0, false);
        BeforeAppend = _ =>
        {
            if (Interlocked.Increment(ref before) % inSoMany != 0 || Interlocked.Exchange(ref failed, true)) return;
            throw new EventLogException("the log is away");
        };
        AfterAppend = _ =>
        {
            Interlocked.Exchange(ref failed, false);
            if (Interlocked.Increment(ref after) % inSoMany == 0) throw new EventLogException("the answer is lost");
        };
    }

    public bool Keep { get; init; } = true;

    public long Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>How often a part came of an append that had not ended.</summary>
    public int Parts { get; private set; }

    public IReadOnlyList<LogRecord> Records
    {
        get
        {
            lock (_lock) return [.. _records];
        }
    }

    public Task EnsureTopicAsync(TopicSettings topic, CancellationToken stop) => Task.CompletedTask;

    public Task<IReadOnlyList<TopicInfo>> ListTopicsAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<TopicInfo>>([.. Records.GroupBy(r => r.Topic).Select(g => new TopicInfo(g.Key, [(g.First().Offset, g.Last().Offset + 1)]))]);

    public Task<ILogReader> OpenReaderAsync(string group, IReadOnlyCollection<string> topics, CancellationToken stop) => throw new NotSupportedException();

    public IAsyncEnumerable<LogRecord> ReadTopicAsync(string topic, IReadOnlyList<long>? from, bool follow, CancellationToken stop) =>
        follow ? throw new NotSupportedException() : Records.Where(r => r.Topic == topic && (from is null || r.Offset >= from[0])).ToAsyncEnumerable();

    public Task<Bookmark?> ReadBookmarkAsync(string producer, CancellationToken stop) => Task.FromResult(Bookmark(producer));

    public Bookmark? Bookmark(string producer)
    {
        lock (_lock) return _producers.GetValueOrDefault(producer).Bookmark;
    }

    public Task<ILogWriter> OpenWriterAsync(string producer, CancellationToken stop)
    {
        lock (_lock)
        {
            var (epoch, bookmark) = _producers.GetValueOrDefault(producer);
            _producers[producer] = (epoch + 1, bookmark);
            return Task.FromResult<ILogWriter>(new Writer(this, producer, epoch + 1, bookmark));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed class Writer(MemoryLog log, string producer, int epoch, Bookmark? bookmark) : ILogWriter
    {
        public Bookmark? Bookmark { get; } = bookmark;

        readonly List<LogRecord> _parts = [];
        bool _ended;

        public async Task AppendAsync(LogBatch batch, Bookmark bookmark, CancellationToken stop)
        {
            await TakeAsync(batch);
            lock (log._lock)
            {
                if (log._producers[producer].Epoch != epoch) throw new FencedException(producer);
                foreach (var record in _parts) log._records.Add(record with { Offset = log._records.Count });
                log._producers[producer] = (epoch, bookmark);
            }
            _parts.Clear();
            log.AfterAppend?.Invoke(producer);
        }

        public async Task AppendPartAsync(LogBatch batch, CancellationToken stop)
        {
            await TakeAsync(batch);
            log.Parts++;
        }

        public ValueTask DisposeAsync()
        {
            _ended = true;
            return ValueTask.CompletedTask;
        }

        async Task TakeAsync(LogBatch batch)
        {
            await Task.Yield();
            ObjectDisposedException.ThrowIf(_ended, this);
            log.BeforeAppend?.Invoke(producer);
            foreach (var entry in batch.Entries)
            {
                log.Count++;
                log.Bytes += Math.Max(entry.KeyLength, 0) + Math.Max(entry.ValueLength, 0);
                if (!log.Keep) continue;
                _parts.Add(new LogRecord(entry.Topic, 0, 0, entry.Timestamp, entry.KeyLength < 0 ? null : batch.Key(entry).ToArray(),
                    entry.ValueLength < 0 ? null : batch.Value(entry).ToArray(), entry.Headers));
            }
        }
    }
}

/// <summary>A schema registry in memory.</summary>
public sealed class MemoryRegistry : ISchemaRegistry
{
    readonly Lock _lock = new();
    readonly List<(string Subject, RegisteredSchema Schema)> _schemas = [];

    public Func<string, Exception?>? Refuse { get; set; }

    public string Text(string subject)
    {
        lock (_lock) return _schemas.Last(s => s.Subject == subject).Schema.Text;
    }

    public Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        if (Refuse?.Invoke(subject) is { } refused) throw refused;
        lock (_lock)
        {
            var at = _schemas.FindIndex(s => s.Subject == subject && s.Schema.Text == schema.Text);
            if (at >= 0) return Task.FromResult(at + 1);
            _schemas.Add((subject, schema));
            return Task.FromResult(_schemas.Count);
        }
    }

    public Task<RegisteredSchema> GetAsync(int id, CancellationToken stop)
    {
        lock (_lock) return Task.FromResult(_schemas[id - 1].Schema);
    }
}
