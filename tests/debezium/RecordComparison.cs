using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Postgres;
using CdcSync.EventLog;

namespace CdcSync.DebeziumConformance;

/// <summary>Recorded JSON records beside ours, topic by topic, record by record; what differs at each run is left out.</summary>
public class RecordComparison(string name, PostgresSettings settings)
{
    static readonly string[] InSource = ["ts_ms", "ts_us", "ts_ns", "lsn", "txId", "xmin", "sequence", "id"];

    protected PostgresSettings Settings { get; } = settings;

    /// <summary>What the differences call the form.</summary>
    protected virtual string Form => "";

    /// <summary>The differences, a line each.</summary>
    public List<string> Compare(IReadOnlyList<Recorded> recorded, IReadOnlyList<LogRecord> ours)
    {
        var differences = new List<string>();
        var captured = ours.Where(r => IsRecorded(r.Topic)).GroupBy(r => r.Topic).ToDictionary(g => g.Key, g => g.ToList());
        foreach (var topic in recorded.Where(m => !IsWatermark(m)).GroupBy(m => m.Topic))
        {
            var theirs = topic.ToList();
            var got = captured.GetValueOrDefault(topic.Key) ?? [];
            captured.Remove(topic.Key);
            // How many heartbeats there are is a matter of time.
            var heartbeats = topic.Key.StartsWith(Settings.Records.Topics.HeartbeatPrefix, StringComparison.Ordinal) || topic.Key == Settings.Records.Topics.Heartbeat;
            if (heartbeats ? got.Count == 0 : got.Count != theirs.Count) differences.Add($"{topic.Key}{Form}: {got.Count} records, Debezium has {theirs.Count}");
            for (var i = 0; i < Math.Min(got.Count, heartbeats ? Math.Min(1, theirs.Count) : theirs.Count); i++) CompareRecord($"{topic.Key}[{i}]{Form}", theirs[i], got[i], differences);
        }
        differences.AddRange(captured.Select(c => $"{c.Key}{Form}: {c.Value.Count} records, Debezium has none"));
        return differences;
    }

    // Debezium marks the log round each chunk by rows in its signal table. We read the log's place in its stead and write nothing to the source.
    bool IsWatermark(Recorded record) => Settings.Signals.Table is { } table && record.Topic == $"{Settings.TopicPrefix}.{table}" && record.Value.GetRawText() is var text
        && (text.Contains("\"type\": \"snapshot-window-open\"", StringComparison.Ordinal) || text.Contains("\"type\": \"snapshot-window-close\"", StringComparison.Ordinal));

    // The recorder looks at the topics of the prefix.
    bool IsRecorded(string topic) => topic == name || topic.StartsWith(name + ".", StringComparison.Ordinal) || topic.StartsWith("__debezium-heartbeat." + name, StringComparison.Ordinal);

    void CompareRecord(string at, Recorded theirs, LogRecord ours, List<string> differences)
    {
        CompareSide($"{at} key", theirs.Topic, isKey: true, theirs.Key, ours.Key, differences);
        CompareSide($"{at} value", theirs.Topic, isKey: false, theirs.Value, ours.Value, differences);
        string[] wanted = [.. theirs.Headers.Select(h => Header(h.Name, h.Value))], got = [.. ours.Headers.Select(h => Header(h.Key, h.Value is null ? null : Encoding.UTF8.GetString(h.Value)))];
        if (!wanted.SequenceEqual(got)) differences.Add($"{at} headers: {string.Join(' ', got)}, Debezium has {string.Join(' ', wanted)}");
    }

    string Header(string header, string? value)
    {
        if (header == "__debezium.context.runId") return header;
        if (Settings.Records.Flatten is { } flat && flat.AddHeaders.Any(f => IsVolatile(f) && EnvelopeField.NameOf(f, flat.HeaderPrefix) == header)) return header;
        return $"{header}={(value is ['{', ..] && Parsed(value) is { } json ? Canon(json) : value)}";
    }

    static JsonElement? Parsed(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Compares a key or a value.</summary>
    protected virtual void CompareSide(string at, string topic, bool isKey, JsonElement theirs, byte[]? ours, List<string> differences)
    {
        if (ours is null || theirs.ValueKind == JsonValueKind.Null)
        {
            if (ours is not null || theirs.ValueKind != JsonValueKind.Null) differences.Add($"{at}: {(ours is null ? "null" : Encoding.UTF8.GetString(ours))}, Debezium has {Short(theirs)}");
            return;
        }
        var text = Encoding.UTF8.GetString(ours);
        if (Parsed(text) is not { } got)
        {
            if (theirs.ValueKind != JsonValueKind.String || theirs.GetString() != text) differences.Add($"{at}: {text}, Debezium has {Short(theirs)}");
            return;
        }
        if (theirs.ValueKind == JsonValueKind.Object && theirs.TryGetProperty("schema", out var schema) && theirs.TryGetProperty("payload", out var payload))
        {
            if (!got.TryGetProperty("schema", out var ourSchema) || !got.TryGetProperty("payload", out var ourPayload))
            {
                differences.Add($"{at}: no schema, Debezium has one");
                return;
            }
            Exactly($"{at} schema", schema, ourSchema, differences);
            Payload(at, topic, isKey, payload, ourPayload, differences);
        }
        else Payload(at, topic, isKey, theirs, got, differences);
    }

    static void Exactly(string at, JsonElement theirs, JsonElement ours, List<string> differences)
    {
        if (theirs.ValueKind == JsonValueKind.Object && theirs.TryGetProperty("fields", out var fields) && ours.ValueKind == JsonValueKind.Object && ours.TryGetProperty("fields", out var ourFields))
        {
            var (names, ourNames) = (fields.EnumerateArray().Select(Field).ToList(), ourFields.EnumerateArray().Select(Field).ToList());
            if (!names.SequenceEqual(ourNames)) differences.Add($"{at}: fields {string.Join(' ', ourNames)}, Debezium has {string.Join(' ', names)}");
            else
                for (var i = 0; i < names.Count; i++) Exactly($"{at}.{names[i]}", fields[i], ourFields[i], differences);
            string[] others = [.. theirs.EnumerateObject().Where(p => p.Name != "fields").Select(p => $"{p.Name}:{Canon(p.Value)}").Order(StringComparer.Ordinal)];
            string[] ourOthers = [.. ours.EnumerateObject().Where(p => p.Name != "fields").Select(p => $"{p.Name}:{Canon(p.Value)}").Order(StringComparer.Ordinal)];
            if (!others.SequenceEqual(ourOthers)) differences.Add($"{at}: {string.Join(' ', ourOthers)}, Debezium has {string.Join(' ', others)}");
        }
        else if (Sorted(theirs) != Sorted(ours)) differences.Add($"{at}: {Short(ours)}, Debezium has {Short(theirs)}");
    }

    static string Field(JsonElement field) => field.GetProperty("field").GetString()!;

    static string Sorted(JsonElement json) => json.ValueKind != JsonValueKind.Object ? Canon(json)
        : $"{{{string.Join(',', json.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}:{(p.Name == "parameters" ? Canon(p.Value) : Sorted(p.Value))}"))}}}";

    /// <summary>Compares what the record holds.</summary>
    protected void Payload(string at, string topic, bool isKey, JsonElement theirs, JsonElement ours, List<string> differences)
    {
        if (theirs.ValueKind != JsonValueKind.Object || ours.ValueKind != JsonValueKind.Object)
        {
            Value(at, theirs, ours, differences);
            return;
        }
        if (topic == Settings.NotificationTopic)
        {
            Value(at, Notification(theirs), Notification(ours), differences);
            return;
        }
        var transaction = topic.EndsWith("." + Settings.Records.Topics.Transaction, StringComparison.Ordinal);
        var heartbeat = theirs.TryGetProperty("ts_ms", out _) && theirs.EnumerateObject().Count() == 1;
        var envelope = !isKey && theirs.TryGetProperty("op", out _) && theirs.TryGetProperty("source", out _);
        Members(at, theirs, ours, differences, (path, field) => path switch
        {
            "" when transaction || heartbeat => field is "id" or "ts_ms",
            "" when envelope => field is "ts_ms" or "ts_us" or "ts_ns",
            "" => !isKey && IsAdded(field),
            "source" or "transaction" when envelope => InSource.Contains(field),
            _ => false,
        });
    }

    // An id that nobody gave is random, time passes, and a list of tables has no order, for Debezium either.
    static JsonElement Notification(JsonElement json) => JsonSerializer.SerializeToElement(json.EnumerateObject().ToDictionary(p => p.Name, p => p.Name switch
    {
        "id" when Guid.TryParse(p.Value.GetString(), out _) => "random",
        "timestamp" => p.Value.ValueKind,
        "additional_data" => p.Value.EnumerateObject().ToDictionary(d => d.Name, d => d.Name == "data_collections" ? string.Join(',', d.Value.GetString()!.Split(',').Order(StringComparer.Ordinal)) : d.Value.GetString()),
        _ => (object)p.Value,
    }));

    bool IsAdded(string field) => Settings.Records.Flatten is { } flat && flat.AddFields.Any(f => IsVolatile(f) && EnvelopeField.NameOf(f, flat.FieldPrefix) == field);

    static bool IsVolatile(string reference) => InSource.Contains(reference.Split(':')[0].Split('.')[^1]);

    static void Members(string at, JsonElement theirs, JsonElement ours, List<string> differences, Func<string, string, bool> isVolatile, string path = "")
    {
        var (names, ourNames) = (theirs.EnumerateObject().Select(p => p.Name).ToList(), ours.EnumerateObject().Select(p => p.Name).ToList());
        if (!names.SequenceEqual(ourNames))
        {
            differences.Add($"{at}: fields {string.Join(' ', ourNames)}, Debezium has {string.Join(' ', names)}");
            return;
        }
        foreach (var field in theirs.EnumerateObject())
        {
            var got = ours.GetProperty(field.Name);
            if (isVolatile(path, field.Name))
            {
                if (field.Value.ValueKind == JsonValueKind.Null != (got.ValueKind == JsonValueKind.Null)) differences.Add($"{at}.{field.Name}: {Short(got)}, Debezium has {Short(field.Value)}");
            }
            else if (field.Value.ValueKind == JsonValueKind.Object && got.ValueKind == JsonValueKind.Object && path.Length == 0) Members($"{at}.{field.Name}", field.Value, got, differences, isVolatile, field.Name);
            else if (field.Name == "data_collections") Value($"{at}.{field.Name}", Collections(field.Value), Collections(got), differences);
            else Value($"{at}.{field.Name}", field.Value, got, differences);
        }
    }

    // A logical message's name is where Java had it in memory, and where it stands in the list follows from that.
    static JsonElement Collections(JsonElement list) => list.ValueKind != JsonValueKind.Array || !list.GetRawText().Contains("LogicalDecodingMessageId@", StringComparison.Ordinal) ? list
        : JsonSerializer.SerializeToElement(list.EnumerateArray().Select(c => Regex.Replace(Canon(c), "MessageId@[0-9a-f]+", "MessageId", RegexOptions.None, TimeSpan.FromSeconds(1))).Order(StringComparer.Ordinal));

    static void Value(string at, JsonElement theirs, JsonElement ours, List<string> differences)
    {
        if (Canon(theirs) != Canon(ours) && !SameSingle(theirs, ours)) differences.Add($"{at}: {Short(ours)}, Debezium has {Short(theirs)}");
    }

    // Java 17 writes some numbers of single precision with more digits than it takes: 1.4E-45.
    static bool SameSingle(JsonElement theirs, JsonElement ours) => theirs.ValueKind == JsonValueKind.Number && ours.ValueKind == JsonValueKind.Number
        && ours.GetRawText().Length <= 12 && theirs.GetRawText().Length <= 14 && theirs.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') && theirs.GetSingle() == ours.GetSingle();

    static string Short(JsonElement json) => json.GetRawText() is { Length: > 300 } text ? text[..300] + "..." : json.GetRawText();

    static string Canon(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number => json.GetRawText() is var raw && raw.AsSpan().IndexOfAny(".eE") < 0 ? raw : "~" + json.GetDouble().ToString("R", CultureInfo.InvariantCulture),
        JsonValueKind.String => JsonSerializer.Serialize(json.GetString()),
        JsonValueKind.Array => $"[{string.Join(',', json.EnumerateArray().Select(Canon))}]",
        JsonValueKind.Object => $"{{{string.Join(',', json.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}:{Canon(p.Value)}"))}}}",
        _ => json.GetRawText(),
    };
}
