using System.Buffers.Binary;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using CdcSync.Host.Run;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync tail TOPIC</c>: records as JSON, a line each.</summary>
sealed class TailCommand : ApplianceCommand
{
    static readonly Argument<string> Topic = new("topic") { Description = "The topic; 'cdcsync status' lists them" };
    static readonly Option<int> Last = new("--last", "-n") { Description = "This many of each partition's last records", DefaultValueFactory = _ => 10 };
    static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with what comes, until stopped" };

    public TailCommand()
        : base("tail", "Show a topic's records, Avro decoded")
    {
        Arguments.Add(Topic);
        Options.Add(Last);
        Options.Add(Follow);
        Does(this, RunAsync);
    }

    static async Task<int> RunAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        var topic = context.Parsed.GetValue(Topic)!;
        var topics = await appliance.Log.ListTopicsAsync(stop);
        if (topics.FirstOrDefault(t => t.Name == topic) is not { } info)
        {
            Console.Error.WriteLine($"cdcsync: there is no topic '{topic}'{Contract.Settings.NearestName.Hint(topic, topics.Select(t => t.Name))}");
            return ExitCode.Failed;
        }
        var text = new RecordText(appliance.Registry);
        var from = info.Partitions.Select(p => p.Next - context.Parsed.GetValue(Last)).ToList();
        await foreach (var record in appliance.Log.ReadTopicAsync(topic, from, context.Parsed.GetValue(Follow), stop)) Console.WriteLine(await text.WriteAsync(record, stop));
        return ExitCode.Done;
    }
}

/// <summary>A record as one line of JSON.</summary>
sealed class RecordText(ISchemaRegistry registry)
{
    readonly Dictionary<int, AvroReader> _readers = [];

    public async Task<string> WriteAsync(LogRecord record, CancellationToken stop) => new JsonObject
    {
        ["topic"] = record.Topic,
        ["partition"] = record.Partition,
        ["offset"] = record.Offset,
        ["time"] = DateTimeOffset.FromUnixTimeMilliseconds(record.Timestamp),
        ["key"] = await DecodeAsync(record.Key, stop),
        ["value"] = await DecodeAsync(record.Value, stop),
        ["headers"] = new JsonObject(record.Headers.DistinctBy(h => h.Key).Select(h => KeyValuePair.Create(h.Key, (JsonNode?)(h.Value is null ? null : System.Text.Encoding.UTF8.GetString(h.Value))))),
    }.ToJsonString();

    async Task<JsonNode?> DecodeAsync(byte[]? bytes, CancellationToken stop)
    {
        if (bytes is null) return null;
        if (bytes is not [0, _, _, _, _, ..]) return bytes is [(byte)'{', ..] ? JsonNode.Parse(bytes) : Convert.ToBase64String(bytes);
        var id = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1));
        if (!_readers.TryGetValue(id, out var reader)) _readers[id] = reader = AvroReader.For(AvroSchema.Parse((await registry.GetAsync(id, stop)).Text));
        return Json(reader.Read(bytes.AsSpan(5)));
    }

    static JsonNode? Json(object? value) => value switch
    {
        null => null,
        AvroRecord record => new JsonObject(record.Schema.Fields.Select((f, i) => KeyValuePair.Create(f.Name, Json(record.Values[i])))),
        AvroBranch branch => Json(branch.Value),
        string text => JsonValue.Create(text),
        byte[] bytes => Convert.ToBase64String(bytes),
        AvroDecimal number => JsonNode.Parse(number.ToDecimal().ToString(System.Globalization.CultureInfo.InvariantCulture)),
        System.Collections.IDictionary map => new JsonObject(map.Keys.Cast<string>().Select(k => KeyValuePair.Create(k, Json(map[k])))),
        System.Collections.IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Json)]),
        _ => JsonSerializer.SerializeToNode(value, value.GetType()),
    };
}
