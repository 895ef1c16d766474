using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Debezium;

/// <summary>A connector's properties as they are taken one by one; what nobody took is left.</summary>
sealed class PropertyBag(IReadOnlyDictionary<string, string> properties)
{
    /// <summary>What is said of a property of which nothing better is.</summary>
    public const string NoReason = "has no counterpart here";

    static readonly Dictionary<string, string> Reasons = new()
    {
        ["database.server.name"] = "is the old name of topic.prefix",
        ["max.batch.size"] = "is sized by 'batch_changes' and 'batch_bytes' here, whose defaults fit",
        ["max.queue.size"] = "there is no queue: a batch waits for the log",
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

    /// <summary>A number that our setting of it can be; the nearest one where it cannot.</summary>
    public int? Bounded(string name, int least, int most)
    {
        if (Number(name) is not { } number) return null;
        var ours = (int)Math.Clamp(number, least, most);
        if (ours != number) Note(name, $"{number} is {ours} here: it may be {least} to {most}");
        return ours;
    }

    /// <summary>A time; null where it is missing or 0.</summary>
    public TimeSpan? Milliseconds(string name) => Number(name) is > 0 and var given ? TimeSpan.FromMilliseconds(given) : null;

    /// <summary>Tables to publish, as our settings name them.</summary>
    public IReadOnlyList<string> Tables(bool anyCase)
    {
        var tables = List("table.include.list");
        if (tables.Count > 0) return [.. tables.Select(t => TableName.FromPattern(t, anyCase))];
        var schemas = List("schema.include.list");
        return schemas.Count > 0 ? [.. schemas.Select(s => TableName.FromPattern(s + @"\..*", anyCase))] : ["*.*"];
    }

    /// <summary>Tables to leave out again.</summary>
    public IReadOnlyList<string> ExceptTables(bool anyCase) =>
        [.. List("table.exclude.list").Select(t => TableName.FromPattern(t, anyCase)), .. List("schema.exclude.list").Select(s => TableName.FromPattern(s + @"\..*", anyCase))];

    /// <summary>A connection string with the connector's password in it. A <c>${NAME}</c> is quoted, so that what it stands for may hold what else would end it.</summary>
    public string WithPassword(DbConnectionStringBuilder connection)
    {
        if (Text("database.password") is not { } password) return connection.ConnectionString;
        if (password.StartsWith("${", StringComparison.Ordinal)) return $"{connection.ConnectionString.TrimEnd(';')};Password=\"{password}\"";
        connection["Password"] = password;
        return connection.ConnectionString;
    }

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
            .Select(k => new LeftProperty(k, Reasons.GetValueOrDefault(k, NoReason))),
    ];
}
