using CdcSync.Conformance;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Kafka;
using CdcSync.Servers;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace CdcSync.EventLog.Tests;

[Collection("kafka")]
public sealed class KafkaLogTests(TestKafka kafka) : EventLogConformance
{
    static readonly Dictionary<string, string> ShortLived = new(StringComparer.Ordinal) { ["max.poll.interval.ms"] = "6000", ["session.timeout.ms"] = "6000" };

    // The broker's limit is 1 MiB unless somebody raises it.
    protected override int LargeValue => 900_000;
    protected override int? RefusesAbove => 5_000_000;
    protected override bool OffsetsAreDense => false;

    protected override async Task<IEventLog> OpenAsync() => await OpenAsync(TimeSpan.FromSeconds(30));

    // Sent and flushed, never committed: what kill -9 leaves.
    protected override async Task DieWhileAppendingAsync(string producer, LogBatch batch, Bookmark bookmark)
    {
        using var dying = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
        {
            BootstrapServers = await kafka.BootstrapAsync(), TransactionalId = KafkaClients.TransactionalId(producer),
        }).Build();
        dying.InitTransactions(Patience);
        dying.BeginTransaction();
        foreach (var entry in batch.Entries) dying.Produce(entry.Topic, new() { Key = batch.Key(entry).ToArray(), Value = batch.Value(entry).ToArray() });
        dying.Produce(TopicNames.Positions, KafkaBookmarks.Record(producer, bookmark));
        dying.Flush(Patience);
    }

    // The broker hangs, at a random moment of the append, for longer than the writer waits.
    protected override async Task CutOffDuringAsync(string producer, Func<ILogWriter, Task> append)
    {
        await using var log = await OpenAsync(TimeSpan.FromSeconds(2));
        await using var writer = await log.OpenWriterAsync(producer, Stop);
        var appending = append(writer);
        await Task.Delay(Random.Shared.Next(0, 12), Stop);
        await kafka.SignalAsync("STOP");
        try
        {
            await Task.WhenAny(appending, Task.Delay(TimeSpan.FromSeconds(6), Stop));
        }
        finally
        {
            await kafka.SignalAsync("CONT");
        }
        await appending;
    }

    protected override TimeSpan JoinsWithin => TimeSpan.FromSeconds(8);

    // It does not poll in time: for Kafka that is the same as being gone.
    protected override Task LoseReadersAsync(string group) => Task.Delay(TimeSpan.FromSeconds(7), Stop);

    protected override Task<string?> QuestionsAskedAsync() => Task.FromResult<string?>(null);

    // The active segment is never cleaned: a short one, and a record after it has ended, begin the next.
    protected override async Task MaintainAsync(IEventLog log, string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = await kafka.BootstrapAsync() }).Build();
        await admin.IncrementalAlterConfigsAsync(new()
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = topic }] =
            [
                new ConfigEntry { Name = "segment.ms", Value = "200", IncrementalOperation = AlterConfigOpType.Set },
                new ConfigEntry { Name = "min.cleanable.dirty.ratio", Value = "0.01", IncrementalOperation = AlterConfigOpType.Set },
                new ConfigEntry { Name = "delete.retention.ms", Value = "100", IncrementalOperation = AlterConfigOpType.Set },
            ],
        });
        await Task.Delay(500, Stop);
        var end = new LogBatch();
        end.Add(topic, Bytes("end"), Bytes("end"), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        await AppendAsync(log, end);
    }

    async Task<KafkaLog> OpenAsync(TimeSpan timeout) =>
        await KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = await kafka.BootstrapAsync(), Timeout = timeout, Options = ShortLived }, null, Stop);
}
