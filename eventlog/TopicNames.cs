using System.Buffers;

namespace CdcSync.EventLog;

/// <summary>What a topic may be called: Kafka's rule, on both logs.</summary>
public static class TopicNames
{
    /// <summary>The compacted topic of the producers' bookmarks in Kafka.</summary>
    public const string Positions = "cdcsync.positions";

    static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>The log's own topics, which nobody lists or writes; Debezium's heartbeats begin like them.</summary>
    public static bool IsInternal(string topic) =>
        topic == Positions || (topic.StartsWith("__", StringComparison.Ordinal) && !topic.StartsWith("__debezium", StringComparison.Ordinal));

    /// <summary>Refuses what is not a topic's name.</summary>
    /// <exception cref="EventLogException">The name is no good; the message says why.</exception>
    public static void Check(string topic)
    {
        var why =
            topic.Length is 0 or > 249 ? $"it has {topic.Length} characters; 1 to 249 are allowed"
            : topic is "." or ".." ? "it is a folder's name"
            : topic.AsSpan().ContainsAnyExcept(Allowed) ? $"'{topic[topic.AsSpan().IndexOfAnyExcept(Allowed)]}' is not one of a-z A-Z 0-9 . _ -"
            : IsInternal(topic) ? "it is one of the log's own"
            : null;
        if (why is not null) throw new EventLogException($"'{topic}' cannot be a topic: {why}. Give the topic another name in the configuration.");
    }
}
