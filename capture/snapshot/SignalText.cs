using System.Text.Json;

namespace CdcSync.Capture.Snapshot;

/// <summary>A signal as one JSON object: <c>id</c>, <c>type</c>, <c>data</c> (an object, or its text).</summary>
public static class SignalText
{
    /// <summary>Reads it; one without id gets one.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Signal Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            string? Text(string name) => root.TryGetProperty(name, out var value)
                ? value.ValueKind switch { JsonValueKind.Null => null, JsonValueKind.String => value.GetString(), _ => value.GetRawText() } : null;
            return new Signal(Text("id") is { Length: > 0 } id ? id : Guid.NewGuid().ToString(), Text("type") ?? throw new FormatException("a signal has a 'type'"), Text("data"));
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new FormatException($"a signal is a JSON object with type, data and perhaps id: {wrong.Message}", wrong);
        }
    }

    /// <summary>The data of a request for rows.</summary>
    /// <param name="tables">Regular expressions for <c>schema.table</c>.</param>
    /// <param name="filter">Only rows for which this SQL expression holds.</param>
    /// <param name="blocking">The stream waits meanwhile.</param>
    /// <param name="objects">The mappings' objects too.</param>
    public static string ExecuteData(IReadOnlyList<string> tables, string? filter, bool blocking, bool objects)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("type", blocking ? "blocking" : "incremental");
            json.WriteStartArray("data-collections");
            foreach (var table in tables) json.WriteStringValue(table);
            json.WriteEndArray();
            if (filter is not null)
            {
                json.WriteStartArray("additional-conditions");
                foreach (var table in tables)
                {
                    json.WriteStartObject();
                    json.WriteString("data-collection", table);
                    json.WriteString("filter", filter);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            if (objects) json.WriteBoolean("objects", true);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
