using System.Diagnostics;
using CdcSync.EventLog;

namespace CdcSync.Conformance;

public abstract partial class EventLogConformance
{
    [Fact]
    public async Task Four_producers_and_a_reader_meet_no_gap_and_no_disorder()
    {
        const int producers = 4, appends = 15, each = 20;
        await using var log = await OpenAsync();
        var (one, many) = (Fresh("dense-a"), Fresh("dense-b"));
        await log.EnsureTopicAsync(new TopicSettings(one, Partitions: 2), Stop);
        await log.EnsureTopicAsync(new TopicSettings(many, Partitions: 3), Stop);
        await using var reader = await log.OpenReaderAsync(Fresh("group"), [one, many], Stop);
        // Each names the topics in an order of its own: what they lock in between must not become a circle.
        var writing = Task.WhenAll(Enumerable.Range(0, producers).Select(p => Task.Run(async () =>
        {
            await using var writer = await log.OpenWriterAsync(Fresh("producer"), Stop);
            var batch = new LogBatch();
            for (var n = 0; n < appends; n++)
            {
                batch.Clear();
                for (var i = 0; i < each; i++) batch.Add((i + p) % 2 == 0 ? one : many, Bytes($"p{p}-{i % 7}"), Bytes($"{n * each + i}"), n);
                await writer.AppendAsync(batch, Mark(n), Stop);
            }
        }, Stop)));
        var records = await TakeAsync(reader, producers * appends * each);
        await writing;

        foreach (var partition in records.GroupBy(r => (r.Topic, r.Partition)))
        {
            var offsets = partition.Select(r => r.Offset).ToList();
            Assert.Equal(offsets.Order(), offsets);
            if (OffsetsAreDense) Assert.Equal(Enumerable.Range(0, offsets.Count).Select(o => (long)o), offsets);
        }
        foreach (var key in records.GroupBy(r => (r.Topic, Text(r.Key))))
        {
            Assert.Single(key.Select(r => r.Partition).Distinct());
            var values = key.Select(r => int.Parse(Text(r.Value)!)).ToList();
            Assert.Equal(values.Order(), values);
        }
    }

    /// <summary>Kafka's transaction markers take offsets too: there only order is promised.</summary>
    protected virtual bool OffsetsAreDense => true;

    [Fact]
    public async Task Keys_go_where_Kafkas_partitioner_sends_them()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("keys");
        await log.EnsureTopicAsync(new TopicSettings(topic, Partitions: 7), Stop);
        var (random, batch) = (new Random(7), new LogBatch());
        for (var i = 0; i < 300; i++)
        {
            var key = new byte[i % 21];       // empty ones too
            random.NextBytes(key);
            batch.Add(topic, key, [1], i);
        }
        await AppendAsync(log, batch);
        var records = await ReadTopicAsync(log, topic, 300);
        Assert.All(records, r => Assert.Equal(KeyPartitioner.Of(r.Key!, 7), r.Partition));
        Assert.Equal(7, records.Select(r => r.Partition).Distinct().Count());
    }

    [Fact]
    public async Task Topics_are_listed_with_their_ends_and_keep_their_partitions()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("listed");
        await log.EnsureTopicAsync(new TopicSettings(topic, Partitions: 2), Stop);
        await log.EnsureTopicAsync(new TopicSettings(topic, Partitions: 5, Compact: true), Stop);
        await AppendAsync(log, Batch(topic, Enumerable.Range(0, 10).Select(i => ((string?)$"{i}", (string?)"v"))));
        var topics = await log.ListTopicsAsync(Stop);
        var listed = Assert.Single(topics, t => t.Name == topic);
        Assert.Equal(2, listed.Partitions.Count);
        Assert.All(listed.Partitions, p => Assert.Equal(0, p.First));
        if (OffsetsAreDense) Assert.Equal(10, listed.Partitions.Sum(p => p.Next));
        Assert.All(listed.Partitions, p => Assert.True(p.Next > 0));
        Assert.DoesNotContain(topics, t => TopicNames.IsInternal(t.Name));
    }

    [Fact]
    public async Task A_waiting_reader_is_woken_by_an_append()
    {
        await using var log = await OpenAsync();
        await using var elsewhere = await OpenAsync();
        var topic = Fresh("wake");
        await log.EnsureTopicAsync(new TopicSettings(topic), Stop);
        await using var writer = await elsewhere.OpenWriterAsync(Fresh("producer"), Stop);
        await writer.AppendAsync(Batch(topic, ("k", "first")), Mark(0), Stop);
        await using var reader = await log.OpenReaderAsync(Fresh("group"), [topic], Stop);
        await TakeAsync(reader, 1);
        var took = new List<TimeSpan>();
        for (var i = 1; i <= 5; i++)
        {
            var waiting = reader.ReadAsync(10, Patience, Stop);
            await Task.Delay(i == 1 ? 1500 : 50, Stop);
            if (i == 1)
            {
                var asked = await QuestionsAskedAsync();
                await Task.Delay(1500, Stop);
                Assert.Equal(asked, await QuestionsAskedAsync());
            }
            Assert.False(waiting.IsCompleted);
            await writer.AppendAsync(Batch(topic, ("k", $"{i}")), Mark(i), Stop);
            var durable = Stopwatch.GetTimestamp();
            Assert.Equal($"{i}", Text(Assert.Single(await waiting).Value));
            took.Add(Stopwatch.GetElapsedTime(durable));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"woken after {string.Join(", ", took.Select(t => $"{t.TotalMilliseconds:f1} ms"))}");
        Assert.True(took.Min() < TimeSpan.FromSeconds(2), $"woken after {took.Min()} at best");
    }

    [Fact]
    public async Task A_read_that_is_stopped_loses_nothing()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("stopped");
        await using var reader = await log.OpenReaderAsync(Fresh("group"), [topic], Stop);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.ReadAsync(10, Patience, soon.Token));
        // The topic is made only now: a reader may be there first.
        await AppendAsync(log, Batch(topic, ("k", "1"), ("k", "2")));
        Assert.Equal(["1", "2"], (await TakeAsync(reader, 2)).Select(r => Text(r.Value)));
    }

    [Fact]
    public async Task A_topic_is_read_as_nobodys_group_to_where_it_ends_or_on_and_on()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("scan");
        await log.EnsureTopicAsync(new TopicSettings(topic, Partitions: 3), Stop);
        await using var writer = await log.OpenWriterAsync(Fresh("p"), Stop);
        for (var i = 0; i < 5; i++) await writer.AppendAsync(Batch(topic, Enumerable.Range(i * 500, 500).Select(n => ((string?)$"k{n}", (string?)$"{n}"))), Mark(i + 1), Stop);

        Assert.Empty(await log.ReadTopicAsync(Fresh("none"), null, follow: false, Stop).ToListAsync(Stop));
        var all = await log.ReadTopicAsync(topic, null, follow: false, Stop).ToListAsync(Stop);
        Assert.Equal(Enumerable.Range(0, 2500), all.Select(r => int.Parse(Utf8.GetString(r.Value!), System.Globalization.CultureInfo.InvariantCulture)).Order());
        Assert.All(all.GroupBy(r => r.Partition), p => Assert.Equal(p.Select(r => r.Offset).Order(), p.Select(r => r.Offset)));

        var middle = Enumerable.Range(0, 3).Select(p => all.Where(r => r.Partition == p).ElementAt(100).Offset).ToList();
        Assert.Equal(2200, (await log.ReadTopicAsync(topic, middle, follow: false, Stop).ToListAsync(Stop)).Count);

        var followed = 0;
        await using var follower = log.ReadTopicAsync(topic, middle, follow: true, Stop).GetAsyncEnumerator(Stop);
        while (followed < 2200 && await follower.MoveNextAsync()) followed++;
        var next = follower.MoveNextAsync();
        await writer.AppendAsync(Batch(topic, ("late", "came")), Mark(6), Stop);
        Assert.True(await next.AsTask().WaitAsync(Patience, Stop));
        Assert.Equal("came", Utf8.GetString(follower.Current.Value!));
    }
}
