using CdcSync.Contract.Settings;

namespace CdcSync.EventLog.Kafka;

/// <summary>Where Kafka is and how to talk to it.</summary>
public sealed record KafkaLogSettings
{
    /// <summary>Brokers to start from, <c>host:port,host:port</c>.</summary>
    public required string Bootstrap { get; init; }

    /// <summary>
    /// Further settings of librdkafka by their own names, for every client: <c>security.protocol: sasl_ssl</c>, <c>sasl.username</c>, <c>compression.type</c>, ... They win over ours,
    /// except those that the log's promises rest on. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long one thing asked of Kafka may take before it counts as failed; default 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Copies of each topic that is made here; -1, the default, is the broker's default.</summary>
    public int Replicas { get; init; } = -1;

    /// <summary>Bytes after which a read returns what it has; default 32 MiB. A single larger record still comes whole.</summary>
    public int ReadBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Refuses values that make no sense.</summary>
    /// <exception cref="SettingsException">Names the setting.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Bootstrap)) throw new SettingsException("bootstrap", "is missing; give the brokers as host:port,host:port");
        if (Timeout < TimeSpan.FromSeconds(1)) throw new SettingsException("timeout", "must be at least 1s; the default is 30s");
        if (Replicas is < -1 or 0 or > short.MaxValue) throw new SettingsException("replicas", "must be at least 1, or -1 for the broker's default");
        if (ReadBytes < 1) throw new SettingsException("read_bytes", "must be at least 1; the default is 33554432");
        foreach (var name in Options.Keys.Where(KafkaClients.Ours.Contains))
            throw new SettingsException($"options.{name}", "is not to be set: exactly-once rests on the value that CdcSync gives it");
    }
}
