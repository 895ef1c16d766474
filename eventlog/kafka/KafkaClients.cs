using System.Collections.Frozen;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace CdcSync.EventLog.Kafka;

/// <summary>Makes the clients of Kafka, each with the settings its promises rest on.</summary>
sealed class KafkaClients(KafkaLogSettings settings, ILogger logger)
{
    /// <summary>Settings that nobody else gives.</summary>
    public static FrozenSet<string> Ours { get; } = FrozenSet.Create(StringComparer.Ordinal,
        "bootstrap.servers", "transactional.id", "enable.idempotence", "acks", "partitioner", "isolation.level", "enable.auto.commit", "enable.auto.offset.store",
        "partition.assignment.strategy", "group.id", "auto.offset.reset");

    public KafkaLogSettings Settings => settings;

    // A leader that was away and came back has a higher epoch, which refuses what this client remembers; it asks anew only when that is too old. Default a quarter of an hour.
    public IAdminClient Admin() => new AdminClientBuilder(With(new() { ["metadata.max.age.ms"] = "3000" })).SetErrorHandler((_, error) => Trouble(error)).SetLogHandler((_, line) => Client(line)).Build();

    // lz4 takes less of our CPU than none: fewer bytes to send (figures in docs/adr/0002). The buffers bound the memory.
    public IProducer<byte[]?, byte[]?> Producer(string producer) => new ProducerBuilder<byte[]?, byte[]?>(With(new()
    {
        ["transactional.id"] = TransactionalId(producer),
        ["partitioner"] = "murmur2_random",
        ["linger.ms"] = "5",
        ["compression.type"] = "lz4",
        ["message.max.bytes"] = "134217728",         // what is too large is for the broker to say
        ["batch.num.messages"] = "10000",
        ["queue.buffering.max.messages"] = "200000",
        ["queue.buffering.max.kbytes"] = "65536",
        ["transaction.timeout.ms"] = "600000",       // a large transaction of a source is one of ours; whoever died is settled by the next writer, not by this
        ["dotnet.producer.enable.delivery.reports"] = "false",     // a failed record fails the commit
    })).SetErrorHandler((_, error) => Trouble(error)).SetLogHandler((_, line) => Client(line)).Build();

    public ConsumerBuilder<byte[]?, byte[]?> Consumer(string group, Dictionary<string, string>? more = null)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["group.id"] = group,
            ["isolation.level"] = "read_committed",
            ["auto.offset.reset"] = "earliest",
            ["enable.auto.commit"] = "false",
            ["enable.auto.offset.store"] = "false",
            ["partition.assignment.strategy"] = "cooperative-sticky",
            ["session.timeout.ms"] = "15000",
            ["heartbeat.interval.ms"] = "2000",
            ["queued.max.messages.kbytes"] = "16384",
            ["topic.metadata.refresh.interval.ms"] = "5000",      // finds a topic that was not there yet
        };
        foreach (var (name, value) in more ?? []) own[name] = value;
        return new ConsumerBuilder<byte[]?, byte[]?>(With(own)).SetErrorHandler((_, error) => Trouble(error)).SetLogHandler((_, line) => Client(line));
    }

    public static string TransactionalId(string producer) => $"cdcsync.{producer}";

    Dictionary<string, string> With(Dictionary<string, string> own)
    {
        var all = new Dictionary<string, string>(own, StringComparer.Ordinal) { ["bootstrap.servers"] = settings.Bootstrap };
        all.TryAdd("client.id", "cdcsync");
        foreach (var (name, value) in settings.Options) all[name] = value;
        return all;
    }

    void Trouble(Error error) => Log.KafkaTrouble(logger, $"{error.Code}: {error.Reason}");
    void Client(LogMessage line) => Log.KafkaClient(logger, line.Message);
}
