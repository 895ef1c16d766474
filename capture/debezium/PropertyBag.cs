using System.Globalization;
using System.Text.RegularExpressions;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Debezium;

/// <summary>A connector's properties as they are taken one by one; what nobody took is left.</summary>
sealed class PropertyBag(IReadOnlyDictionary<string, string> properties)
{
    static readonly Dictionary<string, string> Reasons = new()
    {
        ["database.server.name"] = "is the old name of topic.prefix",
        ["max.batch.size"] = "is sized by 'batch_changes' and 'batch_bytes' here, whose defaults fit",
        ["max.queue.size"] = "there is no queue: a batch waits for the log",
        ["poll.interval.ms"] = "nothing is polled: the server sends",
        ["publication.autocreate.mode"] = "the publication is made for the tables asked for, or used as it is",
        ["publish.via.partition.root"] = "partitions are published as their root; a publication that is there is used as it is",
        ["slot.drop.on.stop"] = "a slot is never dropped by itself: what it keeps would be gone",
    };

    // Said by the connector's place, not by its work.
    static readonly HashSet<string> Silent = ["name", "connector.class", "tasks.max", "plugin.name", "key.converter.schemas.enable", "value.converter.schemas.enable"];

    readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    readonly List<LeftProperty> _notes = [];

    public string? Text(string name)
    {
        _taken.Add(name);
        return properties.TryGetValue(name, out var text) && text.Length > 0 ? text : null;
    }

    public bool Flag(string name, bool otherwise) => Text(name) is { } text ? text.Equals("true", StringComparison.OrdinalIgnoreCase) : otherwise;

    public long? Number(string name) => Text(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw new SettingsException(name, $"'{text}' is no number");

    /// <summary>One of an enumeration's values, in Debezium's spelling: <c>base64-url-safe</c>, <c>adaptive_time_microseconds</c>.</summary>
    public T Word<T>(string name, T otherwise) where T : struct, Enum
    {
        if (Text(name) is not { } text) return otherwise;
        var word = text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return Enum.TryParse<T>(word, ignoreCase: true, out var value) ? value : Refuse(name, $"there is no '{text}' here; one of {string.Join(", ", Enum.GetNames<T>())}", otherwise);
    }

    /// <summary>A list of regular expressions; a comma behind a backslash separates nothing.</summary>
    public IReadOnlyList<string> List(string name) => Text(name) is not { } text ? []
        : [.. Regex.Split(text, @"(?<!\\),", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(p => p.Trim().Replace("\\,", ",", StringComparison.Ordinal)).Where(p => p.Length > 0)];

    /// <summary>Properties whose names begin and end so.</summary>
    public List<string> Names(string start, string end) =>
        [.. properties.Keys.Where(k => k.StartsWith(start, StringComparison.Ordinal) && k.EndsWith(end, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>Carried over, with a difference.</summary>
    public void Note(string name, string why) => _notes.Add(new LeftProperty(name, why));

    public T Refuse<T>(string name, string why, T instead)
    {
        Note(name, why);
        return instead;
    }

    /// <summary>What was not taken, and what was noted.</summary>
    public IReadOnlyList<LeftProperty> Left() =>
    [
        .. _notes,
        .. properties.Keys.Where(k => !_taken.Contains(k) && !Silent.Contains(k)).Order(StringComparer.Ordinal)
            .Select(k => new LeftProperty(k, Reasons.GetValueOrDefault(k, "has no counterpart here"))),
    ];
}
