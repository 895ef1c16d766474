using CdcSync.EventLog;

namespace CdcSync.Conformance;

public abstract partial class EventLogConformance
{
    [Fact]
    public async Task A_group_goes_on_from_its_stored_place()
    {
        await using var log = await OpenAsync();
        var (topic, group) = (Fresh("resume"), Fresh("group"));
        await log.EnsureTopicAsync(new TopicSettings(topic), Stop);
        await AppendAsync(log, Batch(topic, Enumerable.Range(0, 10).Select(i => ((string?)"k", (string?)$"{i}"))));
        await using (var reader = await log.OpenReaderAsync(group, [topic], Stop))
        {
            var records = await TakeAsync(reader, 10);
            await reader.CommitAsync([After(records[3])], Stop);
        }
        await using (var reader = await log.OpenReaderAsync(group, [topic], Stop))
        {
            var records = await TakeAsync(reader, 6);
            Assert.Equal(["4", "5", "6", "7", "8", "9"], records.Select(r => Text(r.Value)));
            await reader.CommitAsync([After(records[^1])], Stop);
            await reader.CommitAsync([], Stop);
        }
        await AppendAsync(log, Batch(topic, ("k", "10")));
        await using (var reader = await log.OpenReaderAsync(group, [topic], Stop))
            Assert.Equal("10", Text(Assert.Single(await TakeAsync(reader, 1)).Value));
        Assert.Equal(11, (await ReadTopicAsync(log, topic, 11)).Count);
    }

    [Fact]
    public async Task A_second_reader_stands_by_and_takes_over_when_the_first_closes()
    {
        await using var log = await OpenAsync();
        await using var elsewhere = await OpenAsync();
        var (topic, group) = (Fresh("standby"), Fresh("group"));
        await log.EnsureTopicAsync(new TopicSettings(topic), Stop);
        await AppendAsync(log, Batch(topic, ("k", "1"), ("k", "2")));
        var first = await log.OpenReaderAsync(group, [topic], Stop);
        var read = await TakeAsync(first, 2);
        await using var second = await elsewhere.OpenReaderAsync(group, [topic], Stop);
        Assert.Empty(await second.ReadAsync(10, TimeSpan.FromSeconds(3), Stop));
        await Assert.ThrowsAsync<EventLogException>(() => second.CommitAsync([After(read[1])], Stop));
        // The first keeps it while the second waits.
        await first.CommitAsync([After(read[0])], Stop);
        await first.DisposeAsync();
        Assert.Equal("2", Text(Assert.Single(await TakeAsync(second, 1)).Value));
    }

    [Fact]
    public async Task A_reader_that_was_lost_cannot_commit_over_its_successor()
    {
        await using var log = await OpenAsync();
        await using var elsewhere = await OpenAsync();
        var (topic, group) = (Fresh("lost"), Fresh("group"));
        await log.EnsureTopicAsync(new TopicSettings(topic), Stop);
        await AppendAsync(log, Batch(topic, ("k", "1"), ("k", "2"), ("k", "3")));
        await using var first = await log.OpenReaderAsync(group, [topic], Stop);
        var read = await TakeAsync(first, 3);
        await first.CommitAsync([After(read[0])], Stop);
        await using var second = await elsewhere.OpenReaderAsync(group, [topic], Stop);
        Assert.Empty(await second.ReadAsync(10, TimeSpan.FromSeconds(1), Stop));
        await LoseReadersAsync(group);

        var taken = await TakeAsync(second, 2);
        Assert.Equal(["2", "3"], taken.Select(r => Text(r.Value)));
        await Assert.ThrowsAsync<EventLogException>(() => first.CommitAsync([After(read[0])], Stop));
        await second.CommitAsync([After(taken[^1])], Stop);
        await AppendAsync(log, Batch(topic, ("k", "4")));
        Assert.Equal("4", Text(Assert.Single(await TakeAsync(second, 1)).Value));
    }

    [Fact]
    public async Task Groups_do_not_mind_each_other()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("groups");
        await log.EnsureTopicAsync(new TopicSettings(topic, Partitions: 2), Stop);
        await AppendAsync(log, Batch(topic, Enumerable.Range(0, 20).Select(i => ((string?)$"{i}", (string?)"v"))));
        await using var a = await log.OpenReaderAsync(Fresh("group"), [topic], Stop);
        await using var b = await log.OpenReaderAsync(Fresh("group"), [topic], Stop);
        var read = await TakeAsync(a, 20);
        await a.CommitAsync([.. read.GroupBy(r => r.Partition).Select(p => After(p.Last()))], Stop);
        await TakeAsync(b, 20);
    }

    [Fact]
    public async Task A_commit_for_what_is_not_read_is_refused()
    {
        await using var log = await OpenAsync();
        var topic = Fresh("foreign");
        await AppendAsync(log, Batch(topic, ("k", "v")));
        await using var reader = await log.OpenReaderAsync(Fresh("group"), [topic], Stop);
        await TakeAsync(reader, 1);
        await Assert.ThrowsAsync<EventLogException>(() => reader.CommitAsync([new LogPlace(topic, 7, 1)], Stop));
        await Assert.ThrowsAsync<EventLogException>(() => reader.CommitAsync([new LogPlace("other", 0, 1)], Stop));
    }
}
