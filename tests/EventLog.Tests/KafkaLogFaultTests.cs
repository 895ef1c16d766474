using CdcSync.Contract.Changes;
using CdcSync.Contract.Settings;
using CdcSync.EventLog.Kafka;
using CdcSync.Servers;
using Confluent.Kafka;

namespace CdcSync.EventLog.Tests;

/// <summary>What the Kafka log does when Kafka is in trouble. Beside the conformance tests in time: they share the broker.</summary>
[Collection("kafka")]
public sealed class KafkaLogFaultTests(TestKafka kafka)
{
    static readonly Bookmark One = new(new SourcePosition(1, 0)), Two = new(new SourcePosition(2, 0));

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_is_not_there_is_said_at_the_start()
    {
        var down = await Assert.ThrowsAsync<EventLogException>(() =>
            KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = "127.0.0.1:1", Timeout = TimeSpan.FromSeconds(2) }, null, Stop));
        Assert.Contains("127.0.0.1:1", down.Message, StringComparison.Ordinal);
        Assert.Contains("Is", down.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_dies_and_comes_back_loses_and_doubles_nothing()
    {
        var (topic, producer) = ($"dies.{Guid.NewGuid():n}", $"p.{Guid.NewGuid():n}");
        await using var log = await OpenAsync(TimeSpan.FromSeconds(2));
        await using var reader = await log.OpenReaderAsync($"g.{Guid.NewGuid():n}", [topic], Stop);
        await using (var writer = await log.OpenWriterAsync(producer, Stop))
        {
            await writer.AppendAsync(Batch(topic, 1), One, Stop);
            Assert.Equal([1], await ReadAsync(reader, 1));
            await reader.CommitAsync([new LogPlace(topic, 0, 1)], Stop);
            await kafka.SignalAsync("KILL");
            try
            {
                await Assert.ThrowsAsync<EventLogException>(() => writer.AppendAsync(Batch(topic, 2), Two, Stop));
                await Assert.ThrowsAsync<EventLogException>(() => log.OpenWriterAsync(producer, Stop));
            }
            finally
            {
                await kafka.ReviveAsync();
            }
        }
        await using var patient = await OpenAsync(TimeSpan.FromSeconds(60));
        await using var fresh = await patient.OpenWriterAsync(producer, Stop);
        Assert.Equal(One, fresh.Bookmark);
        await fresh.AppendAsync(Batch(topic, 2), Two, Stop);
        Assert.Equal([2], await ReadAsync(reader, 1));      // the reader goes on by itself
    }

    // The same leader with a higher epoch: what a client remembers of the topic is wrong, and stays so for a quarter of an hour unless told otherwise.
    [Fact]
    public async Task A_log_that_is_open_goes_on_with_brokers_that_were_away()
    {
        var (topic, producer) = ($"away.{Guid.NewGuid():n}", $"p.{Guid.NewGuid():n}");
        await using var log = await OpenAsync(TimeSpan.FromSeconds(30));
        await using (var writer = await log.OpenWriterAsync(producer, Stop)) await writer.AppendAsync(Batch(topic, 1), One, Stop);
        Assert.Equal(One, await log.ReadBookmarkAsync(producer, Stop));
        await kafka.SignalAsync("KILL");
        await kafka.ReviveAsync();
        Assert.Equal(One, await log.ReadBookmarkAsync(producer, Stop));
        await using var fresh = await log.OpenWriterAsync(producer, Stop);
        await fresh.AppendAsync(Batch(topic, 2), Two, Stop);
        Assert.Equal(Two, await log.ReadBookmarkAsync(producer, Stop));
    }

    [Fact]
    public async Task A_bookmark_behind_the_unfinished_transaction_of_another_is_waited_for()
    {
        var (topic, producer) = ($"behind.{Guid.NewGuid():n}", $"p.{Guid.NewGuid():n}");
        await using var log = await OpenAsync(TimeSpan.FromSeconds(30));
        await using var writer = await log.OpenWriterAsync(producer, Stop);
        await writer.AppendAsync(Batch(topic, 1), One, Stop);
        using var other = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = await kafka.BootstrapAsync(), TransactionalId = $"other.{Guid.NewGuid():n}" }).Build();
        other.InitTransactions(TimeSpan.FromSeconds(30));
        other.BeginTransaction();
        other.Produce(TopicNames.Positions, KafkaBookmarks.Record("other", Two));
        other.Flush(Stop);
        await writer.AppendAsync(Batch(topic, 2), Two, Stop);     // lies behind it now
        var opening = log.OpenWriterAsync(producer, Stop);
        await Task.Delay(2000, Stop);
        Assert.False(opening.IsCompleted);      // it does not take the older one that it can read
        other.CommitTransaction();
        await using var fresh = await opening;
        Assert.Equal(Two, fresh.Bookmark);
    }

    [Theory]
    [InlineData("transactional.id")]
    [InlineData("isolation.level")]
    public void What_exactly_once_rests_on_is_not_to_be_set(string option)
    {
        var settings = new KafkaLogSettings { Bootstrap = "x:1", Options = new Dictionary<string, string>(StringComparer.Ordinal) { [option] = "x" } };
        Assert.Equal($"options.{option}", Assert.Throws<SettingsException>(settings.Validate).Path);
    }

    async Task<KafkaLog> OpenAsync(TimeSpan timeout) =>
        await KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = await kafka.BootstrapAsync(), Timeout = timeout }, null, Stop);

    static LogBatch Batch(string topic, byte value)
    {
        var batch = new LogBatch();
        batch.Add(topic, [value], [value], value);
        return batch;
    }

    static async Task<List<byte>> ReadAsync(ILogReader reader, int count)
    {
        var values = new List<byte>();
        for (var turns = 0; values.Count < count && turns < 60; turns++)
            values.AddRange((await reader.ReadAsync(100, TimeSpan.FromSeconds(1), Stop)).Select(r => r.Value![0]));
        return values;
    }
}
