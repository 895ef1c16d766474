using System.Text.Json;

namespace CdcSync.DebeziumConformance;

/// <summary>A record as a real Debezium published it.</summary>
public sealed record Recorded(string Topic, JsonElement Key, JsonElement Value, IReadOnlyList<(string Name, string? Value)> Headers);

/// <summary>A folder with what was done to a database and what Debezium published of it.</summary>
public sealed class Scenario(string folder)
{
    /// <summary>The topics' prefix too.</summary>
    public string Name { get; } = Path.GetFileName(folder.TrimEnd('/'));

    public string Setup => Path.Combine(folder, "setup.sql");

    public string Changes => Path.Combine(folder, "changes.sql");

    /// <summary>What the recorder gave the connector, and over it what the scenario says.</summary>
    public Dictionary<string, string> Properties()
    {
        var properties = new Dictionary<string, string>
        {
            ["name"] = Name, ["topic.prefix"] = Name, ["database.dbname"] = $"dbz_{Name}", ["slot.name"] = $"dbz_{Name.ToLowerInvariant()}", ["publication.name"] = $"dbz_{Name}", ["snapshot.mode"] = "no_data",
        };
        var path = Path.Combine(folder, "connector.properties");
        foreach (var line in File.Exists(path) ? JavaProperties.Lines(File.ReadAllText(path)) : []) properties[line.Name] = line.Value;
        return properties;
    }

    /// <summary>The records, in order per topic.</summary>
    public IReadOnlyList<Recorded> Records() =>
        [.. File.ReadLines(Path.Combine(folder, "messages.jsonl")).Where(l => l.Length > 0).Select(l => JsonDocument.Parse(l).RootElement).Select(m => new Recorded(
            m.GetProperty("topic").GetString()!, m.GetProperty("key"), m.GetProperty("value"),
            m.TryGetProperty("headers", out var headers) && headers.ValueKind == JsonValueKind.Array
                ? [.. headers.EnumerateArray().Select(h => h.GetString()).Chunk(2).Select(h => (h[0]!, h[1]))] : []))];
}

/// <summary>Java's format of properties.</summary>
public static class JavaProperties
{
    public static IEnumerable<(string Name, string Value)> Lines(string text)
    {
        var whole = "";
        foreach (var raw in text.Split('\n'))
        {
            var line = whole + raw.Trim();
            if (whole.Length == 0 && (line.Length == 0 || line[0] is '#' or '!')) continue;
            if (line.Reverse().TakeWhile(c => c == '\\').Count() % 2 == 1)
            {
                whole = line[..^1];
                continue;
            }
            whole = "";
            var end = line.AsSpan().IndexOfAny('=', ':');
            if (end > 0) yield return (Unescaped(line[..end].Trim()), Unescaped(line[(end + 1)..].Trim()));
        }
    }

    static string Unescaped(string text)
    {
        var result = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length) result.Append(text[i]);
            else if (text[++i] == 'u' && i + 4 < text.Length + 0) (_, i) = (result.Append((char)Convert.ToInt32(text.Substring(i + 1, 4), 16)), i + 4);
            else result.Append(text[i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', var c => c });
        }
        return result.ToString();
    }
}
