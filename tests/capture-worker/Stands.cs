using System.Security.Cryptography;
using System.Text;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;

namespace CdcSync.CaptureProcess;

/// <summary>Gives a schema the same id in every process: made of its text. Where there is a folder, the text lies there under the id, whole or not at all.</summary>
sealed class TextRegistry(string? folder) : ISchemaRegistry
{
    public async Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        var id = BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(schema.Text))) & int.MaxValue;
        if (folder is null || File.Exists(Path.Combine(folder, $"{id}"))) return id;
        var written = Path.Combine(folder, $"{id}.{Environment.ProcessId}");
        await File.WriteAllTextAsync(written, schema.Text, stop);
        File.Move(written, Path.Combine(folder, $"{id}"), overwrite: true);
        return id;
    }

    public Task<RegisteredSchema> GetAsync(int id, CancellationToken stop) => throw new NotSupportedException();
}

/// <summary>A log that keeps nothing: what is left is the cost of capture.</summary>
sealed class NoLog : IEventLog, ILogWriter
{
    public Bookmark? Bookmark { get; private set; }

    public Task EnsureTopicAsync(TopicSettings topic, CancellationToken stop) => Task.CompletedTask;

    public Task<IReadOnlyList<TopicInfo>> ListTopicsAsync(CancellationToken stop) => throw new NotSupportedException();

    public Task<ILogWriter> OpenWriterAsync(string producer, CancellationToken stop) => Task.FromResult<ILogWriter>(this);

    public Task<Bookmark?> ReadBookmarkAsync(string producer, CancellationToken stop) => Task.FromResult(Bookmark);

    public Task<ILogReader> OpenReaderAsync(string group, IReadOnlyCollection<string> topics, CancellationToken stop) => throw new NotSupportedException();

    public IAsyncEnumerable<LogRecord> ReadTopicAsync(string topic, IReadOnlyList<long>? from, bool follow, CancellationToken stop) => throw new NotSupportedException();

    public Task AppendAsync(LogBatch batch, Bookmark bookmark, CancellationToken stop)
    {
        Bookmark = bookmark;
        return Task.CompletedTask;
    }

    public Task AppendPartAsync(LogBatch batch, CancellationToken stop) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Where this assembly lies.</summary>
public sealed class Marker;
