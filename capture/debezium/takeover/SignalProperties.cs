using CdcSync.Capture.Snapshot;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>Where a connector takes signals from, and says what its snapshots do.</summary>
/// <param name="bag">The connector's properties.</param>
/// <param name="prefix">Its <c>topic.prefix</c>.</param>
sealed class SignalProperties(PropertyBag bag, string prefix)
{
    const string Channels = "signal.enabled.channels", Topic = "signal.kafka.topic", Bootstrap = "signal.kafka.bootstrap.servers";

    public SignalSettings Signals()
    {
        var channels = bag.List(Channels) is { Count: > 0 } given ? given : ["source"];
        foreach (var channel in channels)
            if (channel is "jmx") bag.Note(Channels, "there is no JMX: `cdcsync snapshot` and HTTP take the same signals, always");
            else if (channel is not ("source" or "kafka" or "file")) bag.Note(Channels, $"the channel '{channel}' is a Java class, which is not loaded: `cdcsync snapshot` and HTTP take signals, always");
        var settings = new SignalSettings { Table = Table(channels.Contains("source")), File = channels.Contains("file") ? File() : null };
        if (bag.Milliseconds("signal.poll.interval.ms") is { } interval) settings = settings with { PollInterval = interval };
        return channels.Contains("kafka") ? Kafka(settings) : settings;
    }

    public string? NotificationTopic()
    {
        const string name = "notification.enabled.channels";
        var channels = bag.List(name);
        foreach (var channel in channels)
            if (channel is "log") bag.Note(name, "the channel 'log': the service's log always says what snapshots do");
            else if (channel is "jmx") bag.Note(name, "there is no JMX: `cdcsync status` and the metrics say how far a snapshot is");
            else if (channel is not "sink") bag.Note(name, $"the channel '{channel}' is a Java class, which is not loaded");
        if (!channels.Contains("sink")) return null;
        if (bag.Text("notification.sink.topic.name") is { } topic) return topic;
        bag.Note(name, "the channel 'sink' needs notification.sink.topic.name: set 'notification_topic'");
        return null;
    }

    // schema.table, or database.schema.table.
    string? Table(bool isEnabled)
    {
        const string name = "signal.data.collection";
        if (bag.Text(name) is not { } text) return null;
        if (!isEnabled) return bag.Refuse<string?>(name, "the channel 'source' is off, and no watermarks are written to the source: the table is not needed", null);
        var parts = text.Split('.');
        return parts.Length is 2 or 3 && !text.Contains(',', StringComparison.Ordinal) ? $"{parts[^2]}.{parts[^1]}"
            : bag.Refuse<string?>(name, $"'{text}' is no schema.table: set 'signals: table:'", null);
    }

    string File()
    {
        var file = bag.Text("signal.file") ?? "file-signals.txt";
        if (!Path.IsPathRooted(file)) bag.Note("signal.file", $"'{file}' is looked for where cdcsync runs: name the whole path in 'signals: file:'");
        return file;
    }

    // Debezium reads the topic from what its own group has committed. With ours at its end, nothing that was asked for in former times is done again.
    SignalSettings Kafka(SignalSettings settings)
    {
        var topic = bag.Text(Topic) ?? prefix + "-signal";
        if (bag.Text(Bootstrap) is not { } bootstrap) return bag.Refuse(Bootstrap, $"is missing: set 'signals: kafka_bootstrap:', and 'kafka_topic: {topic}'", settings);
        return settings with { KafkaTopic = topic, KafkaBootstrap = bootstrap, KafkaOptions = new Dictionary<string, string> { ["auto.offset.reset"] = "latest" } };
    }
}
