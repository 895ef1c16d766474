using System.Globalization;
using System.Text;
using System.Text.Json;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>A connector's settings as they lie in files: Java's properties, or the JSON of Kafka Connect's REST.</summary>
public static class ConnectorFile
{
    /// <summary>Reads one.</summary>
    /// <exception cref="SettingsException">It is neither.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..] ? Json(path, bytes) : Properties(Encoding.Latin1.GetString(bytes));    // Java reads properties so
    }

    // GET /connectors/NAME has them under 'config', GET /connectors/NAME/config as they are.
    static Dictionary<string, string> Json(string path, byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            var config = root.TryGetProperty("config", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : root;
            var settings = config.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null)
                .ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText(), StringComparer.Ordinal);
            if (root.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String) settings.TryAdd("name", name.GetString()!);
            return settings;
        }
        catch (JsonException broken)
        {
            throw new SettingsException(path, $"is no JSON: {broken.Message}");
        }
    }

    /// <summary>Java's properties.</summary>
    public static Dictionary<string, string> Properties(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Lines(text))
        {
            var end = 0;
            while (end < line.Length && !(line[end] is '=' or ':' or ' ' or '\t' or '\f')) end += line[end] == '\\' ? 2 : 1;
            end = Math.Min(end, line.Length);
            var value = line.AsSpan(end).TrimStart(" \t\f");
            if (value is ['=' or ':', ..]) value = value[1..].TrimStart(" \t\f");
            settings[Unescape(line.AsSpan(0, end))] = Unescape(value);
        }
        return settings;
    }

    // Logical lines: an odd number of backslashes at the end goes on in the next one.
    static IEnumerable<string> Lines(string text)
    {
        var whole = "";
        foreach (var natural in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var part = natural.TrimStart(' ', '\t', '\f');
            if (whole.Length == 0 && part is "" or ['#' or '!', ..]) continue;
            whole += part;
            if ((whole.Length - whole.TrimEnd('\\').Length) % 2 == 1)
            {
                whole = whole[..^1];
                continue;
            }
            yield return whole;
            whole = "";
        }
        if (whole.Length > 0) yield return whole;
    }

    static string Unescape(ReadOnlySpan<char> text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }
            var c = text[++i];
            if (c == 'u' && i + 4 < text.Length && ushort.TryParse(text.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                plain.Append((char)code);
                i += 4;
                continue;
            }
            plain.Append(c switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', _ => c });
        }
        return plain.ToString();
    }
}
