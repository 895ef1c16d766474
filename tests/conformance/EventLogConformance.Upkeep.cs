using System.Diagnostics;
using CdcSync.EventLog;

namespace CdcSync.Conformance;

public abstract partial class EventLogConformance
{
    [Fact]
    public async Task Compaction_keeps_the_newest_of_each_key_in_order()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("compact");
        await log.EnsureTopicAsync(new TopicSettings(topic, Compact: true), Stop);
        var before = new List<(string? Key, string? Value)>();
        for (var round = 0; round < 5; round++)
            for (var key = 0; key < 10; key++) before.Add(($"k{key}", $"{round}.{key}"));
        before.Add(("k3", null));
        before.Add(("k4", null));
        before.Add(("k4", "back"));
        await AppendAsync(log, Batch(topic, before));
        await MaintainAsync(log, topic);

        var expected = Enumerable.Range(0, 10).Where(k => k is not 3 and not 4).Select(k => $"k{k}=4.{k}").Append("k4=back").ToList();
        await EventuallyAsync(log, topic, records =>
            expected.SequenceEqual(records.Where(r => r.Value is not null && Text(r.Key) != "end").Select(r => $"{Text(r.Key)}={Text(r.Value)}")));
        // What is left keeps its offset; a tombstone that is the newest of its key may stay for a while, but nothing older than it.
        var left = await CurrentAsync(log, topic);
        Assert.Equal(left.Select(r => r.Offset).Order(), left.Select(r => r.Offset));
        Assert.Equal(52, left.Single(r => Text(r.Value) == "back").Offset);
        Assert.DoesNotContain(left, r => Text(r.Key) == "k3" && r.Value is not null);
    }

    [Fact]
    public async Task Retention_removes_what_is_old_and_only_from_the_beginning()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("retain");
        await log.EnsureTopicAsync(new TopicSettings(topic, Retention: TimeSpan.FromSeconds(2)), Stop);
        await AppendAsync(log, Now(topic, Enumerable.Range(0, 50).Select(i => $"old {i}")));
        await Task.Delay(2500, Stop);
        await MaintainAsync(log, topic);
        await EventuallyAsync(log, topic, records => !records.Any(r => Text(r.Value)!.StartsWith("old", StringComparison.Ordinal)));

        await log.EnsureTopicAsync(new TopicSettings(topic, Retention: TimeSpan.FromDays(1)), Stop);
        await AppendAsync(log, Now(topic, ["young"]));
        await MaintainAsync(log, topic);
        var left = await CurrentAsync(log, topic);
        Assert.Contains(left, r => Text(r.Value) == "young");
        Assert.True(left[0].Offset >= 50);
        Assert.True((await log.ListTopicsAsync(Stop)).Single(t => t.Name == topic).Partitions[0].First >= 50);
    }

    static LogBatch Now(string topic, IEnumerable<string> values)
    {
        var batch = new LogBatch();
        foreach (var value in values) batch.Add(topic, Bytes("k"), Bytes(value), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        return batch;
    }

    /// <summary>How long a new reader may need until it sees the first record of a topic that may be empty.</summary>
    protected virtual TimeSpan JoinsWithin => TimeSpan.FromMilliseconds(300);

    /// <summary>All a new group finds now.</summary>
    protected async Task<List<LogRecord>> CurrentAsync(IEventLog log, string topic)
    {
        await using var reader = await log.OpenReaderAsync(Fresh("check"), [topic], Stop);
        var records = new List<LogRecord>();
        while (await reader.ReadAsync(1000, records.Count == 0 ? JoinsWithin : TimeSpan.FromMilliseconds(300), Stop) is { Count: > 0 } some) records.AddRange(some);
        return records;
    }

    async Task EventuallyAsync(IEventLog log, string topic, Func<List<LogRecord>, bool> holds)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var records = await CurrentAsync(log, topic);
            if (holds(records)) return;
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"still there: {string.Join(" ", records.Select(r => $"{r.Offset}:{Text(r.Key)}={Text(r.Value)}"))}");
            await Task.Delay(500, Stop);
        }
    }
}
