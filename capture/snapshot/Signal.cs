using System.Text.Json;
using System.Text.RegularExpressions;

namespace CdcSync.Capture.Snapshot;

/// <summary>A word to a running source, in Debezium's form: from its signal table, the store, a file, a topic or HTTP.</summary>
/// <param name="Id">Names it in notifications.</param>
/// <param name="Type"><c>execute-snapshot</c>, <c>stop-snapshot</c>, <c>pause-snapshot</c>, <c>resume-snapshot</c>, <c>log</c>.</param>
/// <param name="Data">What the type needs, as JSON; null when nothing.</param>
public sealed record Signal(string Id, string Type, string? Data);

/// <summary>The data of <c>execute-snapshot</c> and <c>stop-snapshot</c>.</summary>
sealed record SignalData(IReadOnlyList<string> Tables, bool Blocking, IReadOnlyList<(string Table, string Filter)> Conditions, string? Key, bool Objects)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>First part of the tables' names, which patterns may leave out; null where names have none.</summary>
    public string? Database { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It says something that cannot be; the message says what.</exception>
    public static SignalData Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json)) return new SignalData([], false, [], null, false);
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new FormatException("the data is no JSON object");
            var type = Text(root, "type")?.ToLowerInvariant() ?? "incremental";
            if (type is not ("incremental" or "blocking")) throw new FormatException($"there is no snapshot type '{type}'; known: incremental, blocking");
            var tables = Items(root, "data-collections").Select(t => t.GetString() ?? "").ToList();
            foreach (var pattern in tables) _ = Pattern(pattern);
            var conditions = Items(root, "additional-conditions").Select(c => (Text(c, "data-collection") ?? "", Text(c, "filter") ?? "")).Where(c => c.Item2.Trim().Length > 0).ToList();
            foreach (var (pattern, _) in conditions) _ = Pattern(pattern);
            var objects = root.TryGetProperty("objects", out var again) && again.ValueKind == JsonValueKind.True;
            return new SignalData(tables, type == "blocking", conditions, Text(root, "surrogate-key") is { Length: > 0 } key ? key : null, objects);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or RegexParseException)
        {
            throw new FormatException($"the data cannot be read: {wrong.Message}", wrong);
        }
    }

    /// <summary>Those of <paramref name="known"/> that it names, in its order.</summary>
    public IReadOnlyList<AskedTable> Choose(IReadOnlyList<string> known) =>
        [.. Tables.SelectMany(pattern => known.Where(t => Matches(pattern, t))).Distinct(StringComparer.Ordinal).Select(t => new AskedTable(t, FilterOf(t), Key))];

    /// <summary>Whether it names a table.</summary>
    public bool Names(string table) => Tables.Any(pattern => Matches(pattern, table));

    string? FilterOf(string table) => Conditions.FirstOrDefault(c => Matches(c.Table, table)).Filter;

    bool Matches(string pattern, string table) =>
        IsMatch(pattern, table) || (Database is { } database && table.StartsWith(database + ".", StringComparison.Ordinal) && IsMatch(pattern, table[(database.Length + 1)..]));

    static bool IsMatch(string pattern, string table) => pattern == table || Pattern(pattern).IsMatch(table);

    // As Debezium: a regular expression for the whole name.
    static Regex Pattern(string text) => new($"^(?:{text})$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, Patience);

    static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];
}
