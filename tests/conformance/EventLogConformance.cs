using System.Diagnostics;
using System.Text;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Conformance;

/// <summary>What a log promises, whichever it is. A log's test class only says how to open it and how to hurt it.</summary>
public abstract partial class EventLogConformance
{
    /// <summary>Long enough for a loaded machine; a test that waits this long has failed.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Ends with the test.</summary>
    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens one more instance of the log, as another process would.</summary>
    protected abstract Task<IEventLog> OpenAsync();

    /// <summary>Dies as this producer in the middle of appending the batch: records were sent, the commit never was.</summary>
    protected abstract Task DieWhileAppendingAsync(string producer, LogBatch batch, Bookmark bookmark);

    /// <summary>Opens a writer, cuts it off while it appends, so that it may not learn the outcome, and heals the log again.</summary>
    protected abstract Task CutOffDuringAsync(string producer, Func<ILogWriter, Task> append);

    /// <summary>Makes this process lose its readers of the group without their closing.</summary>
    protected abstract Task LoseReadersAsync(string group);

    /// <summary>A figure that rises with every question a reader asks the store; null where the server holds the question itself (Kafka's fetch).</summary>
    protected abstract Task<string?> QuestionsAskedAsync();

    /// <summary>Lets the topic's maintenance happen: superseded records, tombstones and records older than its retention may go now.</summary>
    protected abstract Task MaintainAsync(IEventLog log, string topic);

    /// <summary>The largest value this log must take; a larger one is refused clearly when <see cref="RefusesAbove"/>.</summary>
    protected abstract int LargeValue { get; }

    /// <summary>A value the log refuses for its size; null when there is none to speak of.</summary>
    protected abstract int? RefusesAbove { get; }

    /// <summary>A name nobody has used.</summary>
    protected static string Fresh(string prefix) => $"{prefix}.{Guid.NewGuid():n}"[..20];

    /// <summary>A bookmark by number.</summary>
    protected static Bookmark Mark(int number) => new(new SourcePosition((UInt128)number, 0), $"state {number}");

    /// <summary>A batch of text records.</summary>
    protected static LogBatch Batch(string topic, params IEnumerable<(string? Key, string? Value)> records)
    {
        var batch = new LogBatch();
        foreach (var (key, value) in records) batch.Add(topic, Bytes(key), Bytes(value), 1_700_000_000_000);
        return batch;
    }

    /// <summary>UTF-8, null for null.</summary>
    protected static byte[]? Bytes(string? text) => text is null ? null : Utf8.GetBytes(text);

    /// <summary>Text of UTF-8, null for null.</summary>
    protected static string? Text(byte[]? bytes) => bytes is null ? null : Utf8.GetString(bytes);

    /// <summary>Reads until so many records came; fails when they do not.</summary>
    protected static async Task<List<LogRecord>> TakeAsync(ILogReader reader, int count)
    {
        var records = new List<LogRecord>();
        var started = Stopwatch.GetTimestamp();
        while (records.Count < count)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"only {records.Count} of {count} records came");
            records.AddRange(await reader.ReadAsync(1000, TimeSpan.FromSeconds(1), Stop));
        }
        Assert.Equal(count, records.Count);
        return records;
    }

    /// <summary>All there is in a topic, read by a group of its own, when it ends with <paramref name="count"/> records.</summary>
    protected static async Task<List<LogRecord>> ReadTopicAsync(IEventLog log, string topic, int count)
    {
        await using var reader = await log.OpenReaderAsync(Fresh("check"), [topic], Stop);
        var records = await TakeAsync(reader, count);
        Assert.Empty(await reader.ReadAsync(10, TimeSpan.FromMilliseconds(300), Stop));
        return records;
    }

    /// <summary>Appends as a producer of its own.</summary>
    protected static async Task AppendAsync(IEventLog log, LogBatch batch)
    {
        await using var writer = await log.OpenWriterAsync(Fresh("producer"), Stop);
        await writer.AppendAsync(batch, Mark(1), Stop);
    }

    /// <summary>The place after a record.</summary>
    protected static LogPlace After(LogRecord record) => new(record.Topic, record.Partition, record.Offset + 1);
}
