using CdcSync.EventLog;

namespace CdcSync.Conformance;

public abstract partial class EventLogConformance
{
    [Fact]
    public async Task Records_come_back_as_they_went_in()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("as-is");
        await log.EnsureTopicAsync(new TopicSettings(topic), Stop);
        var batch = new LogBatch();
        batch.Add(topic, [1, 0, 255], [0, 2, 254], 1_700_000_000_123, [new("a", [1]), new("b", null), new("a", []), new("größe", [7, 8])]);
        batch.Add(topic, [9], null, 1);
        batch.Add(topic, null, [5], 2);
        batch.Add(topic, [], [], 3);
        await AppendAsync(log, batch);

        var records = await ReadTopicAsync(log, topic, 4);
        Assert.Equal([1_700_000_000_123, 1, 2, 3], records.Select(r => r.Timestamp));
        Assert.Equal([1, 0, 255], records[0].Key);
        Assert.Equal([0, 2, 254], records[0].Value);
        Assert.Equal(["a", "b", "a", "größe"], records[0].Headers.Select(h => h.Key));
        Assert.Equal([[1], null, [], [7, 8]], records[0].Headers.Select(h => h.Value));
        Assert.Equal([9], records[1].Key);
        Assert.Null(records[1].Value);
        Assert.Empty(records[1].Headers);
        Assert.Null(records[2].Key);
        Assert.Equal([], records[3].Key!);
        Assert.Equal([], records[3].Value!);
        Assert.Equal((topic, 0), (records[0].Topic, records[0].Partition));
    }

    [Fact]
    public async Task A_bookmark_is_committed_with_its_records()
    {
        await using var log = await OpenAsync();
        var (topic, producer) = (Fresh("marked"), Fresh("producer"));
        Assert.Null(await log.ReadBookmarkAsync(producer, Stop));
        await using (var writer = await log.OpenWriterAsync(producer, Stop))
        {
            Assert.Null(writer.Bookmark);
            var batch = Batch(topic, ("k", "1"));
            await writer.AppendAsync(batch, Mark(1), Stop);
            batch.Clear();
            batch.Add(topic, Bytes("k"), Bytes("2"), 0);
            await writer.AppendAsync(batch, Mark(2), Stop);
            Assert.Equal(Mark(2), writer.Bookmark);
            await writer.AppendAsync(new LogBatch(), Mark(3) with { State = null }, Stop);
        }
        Assert.Equal(Mark(3) with { State = null }, await log.ReadBookmarkAsync(producer, Stop));
        await using var other = await OpenAsync();
        await using var next = await other.OpenWriterAsync(producer, Stop);
        Assert.Equal(Mark(3) with { State = null }, next.Bookmark);
        Assert.Equal(["1", "2"], (await ReadTopicAsync(log, topic, 2)).Select(r => Text(r.Value)));
    }

    [Fact]
    public async Task A_writer_that_died_in_an_append_leaves_nothing()
    {
        await using var log = await OpenAsync();
        var (topic, producer) = (Fresh("died"), Fresh("producer"));
        await log.EnsureTopicAsync(new TopicSettings(topic), Stop);
        await using (var first = await log.OpenWriterAsync(producer, Stop)) await first.AppendAsync(Batch(topic, ("k", "before")), Mark(1), Stop);
        await DieWhileAppendingAsync(producer, Batch(topic, Enumerable.Range(0, 100).Select(i => ((string?)$"k{i}", (string?)"lost"))), Mark(2));

        await using var second = await log.OpenWriterAsync(producer, Stop);
        Assert.Equal(Mark(1), second.Bookmark);
        await second.AppendAsync(Batch(topic, ("k", "after")), Mark(2), Stop);
        Assert.Equal(["before", "after"], (await ReadTopicAsync(log, topic, 2)).Select(r => Text(r.Value)));
    }

    [Fact]
    public async Task After_an_append_of_unknown_outcome_the_bookmark_tells()
    {
        await using var log = await OpenAsync();
        var (topic, producer) = (Fresh("unknown"), Fresh("producer"));
        await log.EnsureTopicAsync(new TopicSettings(topic), Stop);
        for (var round = 1; round <= 2; round++)
        {
            var batch = Batch(topic, Enumerable.Range(0, 200).Select(i => ((string?)$"k{i}", (string?)$"{round}.{i}")));
            var mark = Mark(round);
            await CutOffDuringAsync(producer, async writer =>
            {
                var failed = await Record.ExceptionAsync(() => writer.AppendAsync(batch, mark, Stop));
                Assert.True(failed is null or EventLogException and not FencedException, $"{failed}");
                TestContext.Current.TestOutputHelper?.WriteLine(failed?.Message ?? "The append went through");
            });
            await using var fresh = await log.OpenWriterAsync(producer, Stop);
            TestContext.Current.TestOutputHelper?.WriteLine($"It was {(fresh.Bookmark == mark ? "durable" : "not durable")}");
            if (fresh.Bookmark != mark) await fresh.AppendAsync(batch, mark, Stop);
        }
        var values = (await ReadTopicAsync(log, topic, 400)).Select(r => Text(r.Value));
        Assert.Equal([.. Enumerable.Range(0, 200).Select(i => $"1.{i}"), .. Enumerable.Range(0, 200).Select(i => $"2.{i}")], values);
    }

    [Fact]
    public async Task A_later_writer_fences_the_earlier()
    {
        await using var log = await OpenAsync();
        await using var elsewhere = await OpenAsync();
        var (topic, producer) = (Fresh("fenced"), Fresh("producer"));
        await using var early = await log.OpenWriterAsync(producer, Stop);
        await early.AppendAsync(Batch(topic, ("k", "1")), Mark(1), Stop);
        await using var late = await elsewhere.OpenWriterAsync(producer, Stop);
        Assert.Equal(Mark(1), late.Bookmark);
        await Assert.ThrowsAsync<FencedException>(() => early.AppendAsync(Batch(topic, ("k", "stale")), Mark(9), Stop));
        await late.AppendAsync(Batch(topic, ("k", "2")), Mark(2), Stop);
        Assert.Equal(["1", "2"], (await ReadTopicAsync(log, topic, 2)).Select(r => Text(r.Value)));
        Assert.Equal(Mark(2), await log.ReadBookmarkAsync(producer, Stop));
    }

    [Fact]
    public async Task Reading_a_bookmark_fences_nobody()
    {
        await using var log = await OpenAsync();
        var (topic, producer) = (Fresh("peek"), Fresh("producer"));
        await using var writer = await log.OpenWriterAsync(producer, Stop);
        await writer.AppendAsync(Batch(topic, ("k", "1")), Mark(1), Stop);
        Assert.Equal(Mark(1), await log.ReadBookmarkAsync(producer, Stop));
        await writer.AppendAsync(Batch(topic, ("k", "2")), Mark(2), Stop);
    }

    [Fact]
    public async Task One_append_over_several_topics_is_one_transaction()
    {
        await using var log = await OpenAsync();
        var (a, b, producer) = (Fresh("many-a"), Fresh("many-b"), Fresh("producer"));
        await log.EnsureTopicAsync(new TopicSettings(a, Partitions: 3), Stop);
        await using var writer = await log.OpenWriterAsync(producer, Stop);
        var batch = new LogBatch();
        for (var i = 0; i < 30; i++) batch.Add(i % 2 == 0 ? a : b, Bytes($"{i}"), Bytes($"{i}"), i);
        await writer.AppendAsync(batch, Mark(1), Stop);
        Assert.Equal(15, (await ReadTopicAsync(log, a, 15)).Count);
        Assert.Equal(15, (await ReadTopicAsync(log, b, 15)).Count);
    }

    [Fact]
    public async Task Parts_are_seen_with_the_append_that_ends_them_or_never()
    {
        await using var log = await OpenAsync();
        var (a, b, producer) = (Fresh("part-a"), Fresh("part-b"), Fresh("producer"));
        await log.EnsureTopicAsync(new TopicSettings(a), Stop);
        await log.EnsureTopicAsync(new TopicSettings(b), Stop);
        await using (var writer = await log.OpenWriterAsync(producer, Stop))
        {
            await writer.AppendAsync(Batch(a, ("k", "1")), Mark(1), Stop);
            await writer.AppendPartAsync(Batch(a, ("k", "lost")), Stop);
            await writer.AppendPartAsync(Batch(b, ("k", "lost")), Stop);
        }
        Assert.Equal(Mark(1), await log.ReadBookmarkAsync(producer, Stop));
        await using (var writer = await log.OpenWriterAsync(producer, Stop))
        {
            Assert.Equal(Mark(1), writer.Bookmark);
            await writer.AppendPartAsync(Batch(a, ("k", "2"), ("k", "3")), Stop);
            await writer.AppendPartAsync(Batch(b, ("k", "4")), Stop);
            await writer.AppendPartAsync(new LogBatch(), Stop);
            await writer.AppendPartAsync(Batch(a, ("k", "5")), Stop);
            Assert.Equal(["1"], (await ReadTopicAsync(log, a, 1)).Select(r => Text(r.Value)));
            Assert.Equal(Mark(1), await log.ReadBookmarkAsync(producer, Stop));
            await writer.AppendAsync(Batch(b, ("k", "6")), Mark(2), Stop);
            Assert.Equal(Mark(2), writer.Bookmark);
            await writer.AppendAsync(Batch(a, ("k", "7")), Mark(3), Stop);
        }
        Assert.Equal(["1", "2", "3", "5", "7"], (await ReadTopicAsync(log, a, 5)).Select(r => Text(r.Value)));
        Assert.Equal(["4", "6"], (await ReadTopicAsync(log, b, 2)).Select(r => Text(r.Value)));
        Assert.Equal(Mark(3), await log.ReadBookmarkAsync(producer, Stop));
    }

    [Fact]
    public async Task A_large_value_travels_and_a_too_large_one_is_refused_by_name()
    {
        await using var log = await OpenAsync();
        var (topic, producer) = (Fresh("large"), Fresh("producer"));
        await log.EnsureTopicAsync(new TopicSettings(topic), Stop);
        var value = new byte[LargeValue];
        new Random(5).NextBytes(value);
        var batch = new LogBatch();
        batch.Add(topic, [1], value, 1, [new("h", [1, 2, 3])]);
        batch.Add(topic, [2], [2], 2);
        await using (var writer = await log.OpenWriterAsync(producer, Stop)) await writer.AppendAsync(batch, Mark(1), Stop);
        if (RefusesAbove is { } limit)
        {
            await using var writer = await log.OpenWriterAsync(producer, Stop);
            var big = new byte[limit + 1];
            new Random(6).NextBytes(big);
            var tooLarge = new LogBatch();
            tooLarge.Add(topic, [3], [3], 3);
            tooLarge.Add(topic, [4], big, 4);
            var refused = await Assert.ThrowsAsync<EventLogException>(() => writer.AppendAsync(tooLarge, Mark(2), Stop));
            Assert.Contains(topic, refused.Message, StringComparison.Ordinal);
            Assert.Contains("max.message.bytes", refused.Message, StringComparison.Ordinal);
            Assert.Equal(Mark(1), await log.ReadBookmarkAsync(producer, Stop));
        }
        var records = await ReadTopicAsync(log, topic, 2);
        Assert.True(value.AsSpan().SequenceEqual(records[0].Value));
        Assert.Equal([2], records[1].Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("with space")]
    [InlineData("größe")]
    [InlineData("semi;colon")]
    [InlineData("cdcsync.positions")]
    [InlineData("__consumer_offsets")]
    public async Task A_name_that_is_no_topic_is_refused(string name)
    {
        await using var log = await OpenAsync();
        var refused = await Assert.ThrowsAsync<EventLogException>(() => log.EnsureTopicAsync(new TopicSettings(name), Stop));
        Assert.Contains($"'{name}' cannot be a topic", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventLogException>(() => AppendAsync(log, Batch(name, ("k", "v"))));
        await Assert.ThrowsAsync<EventLogException>(() => log.OpenReaderAsync(Fresh("group"), [name], Stop));
    }
}
