namespace CdcSync.Capture.Snapshot;

/// <summary>Where signals come from, beside the store (<c>cdcsync snapshot</c>, HTTP), which always is one.</summary>
public sealed record SignalSettings
{
    /// <summary>A captured table with the columns id, type and data; a row inserted is a signal (Debezium: <c>signal.data.collection</c>). Default: none.</summary>
    public string? Table { get; init; }

    /// <summary>A file with a JSON object a line: id, type, data. Lines are taken and the file emptied. Default: none.</summary>
    public string? File { get; init; }

    /// <summary>A Kafka topic; the key is the source's topic prefix, the value a JSON object with id, type and data. Default: none.</summary>
    public string? KafkaTopic { get; init; }

    /// <summary>The topic's brokers, HOST:PORT,...</summary>
    public string? KafkaBootstrap { get; init; }

    /// <summary>Further librdkafka settings, such as <c>security.protocol</c>; <c>auto.offset.reset: latest</c> passes over what the topic held before the first start.</summary>
    public IReadOnlyDictionary<string, string> KafkaOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>How often the file is looked at. Default 5 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);
}
