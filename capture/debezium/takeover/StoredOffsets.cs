using System.Text.Json;
using Confluent.Kafka;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>The take-over cannot be: why, and what to do.</summary>
public sealed class TakeoverException(string message) : InvalidOperationException(message);

/// <summary>The offsets that Kafka Connect, or a Debezium on its own, keeps for its connectors.</summary>
public sealed class StoredOffsets
{
    readonly string _place;
    readonly List<Entry> _entries = [];

    sealed record Entry(string Connector, string Server, string? Database, JsonElement? Offset);

    StoredOffsets(string place) => _place = place;

    /// <summary>Reads the file of a <c>FileOffsetBackingStore</c>.</summary>
    /// <exception cref="TakeoverException">It is none.</exception>
    public static StoredOffsets FromFile(string path)
    {
        var offsets = new StoredOffsets(path);
        try
        {
            foreach (var (key, value) in JavaMap.Read(File.ReadAllBytes(path))) offsets.Add(key, value);
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            throw new TakeoverException($"{path}: {broken.Message}. Give the file named by offset.storage.file.filename");
        }
        return offsets;
    }

    /// <summary>Reads a Kafka Connect cluster's offset topic, to its end as it is now.</summary>
    /// <param name="bootstrap">The brokers.</param>
    /// <param name="topic">The worker's <c>offset.storage.topic</c>.</param>
    /// <param name="options">Further librdkafka settings.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="TakeoverException">There is no such topic, or it holds something else.</exception>
    public static Task<StoredOffsets> FromTopicAsync(string bootstrap, string topic, IReadOnlyDictionary<string, string> options, CancellationToken stop) => Task.Run(() =>
    {
        var offsets = new StoredOffsets($"topic {topic}");
        var config = options.ToDictionary(o => o.Key, o => o.Value);
        (config["bootstrap.servers"], config["group.id"], config["enable.auto.commit"], config["isolation.level"], config["enable.partition.eof"]) = (bootstrap, "cdcsync.import", "false", "read_committed", "true");
        try
        {
            using var admin = new AdminClientBuilder(config.Where(c => c.Key is not ("group.id" or "enable.auto.commit" or "isolation.level" or "enable.partition.eof"))).Build();
            var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(20)).Topics.Single().Partitions;
            if (partitions.Count == 0) throw new TakeoverException($"{bootstrap} has no topic {topic}: give the worker's offset.storage.topic");
            using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).Build();
            consumer.Assign(partitions.Select(p => new TopicPartitionOffset(topic, p.PartitionId, Offset.Beginning)));
            for (var open = partitions.Count; open > 0;)
            {
                var record = consumer.Consume(stop);
                if (record.IsPartitionEOF) open--;
                else if (record.Message.Key is { } key) offsets.Add(key, record.Message.Value);
            }
            consumer.Unassign();
            return offsets;
        }
        catch (KafkaException lost)
        {
            throw new TakeoverException($"The brokers {bootstrap} cannot be read: {lost.Error.Reason}");
        }
        catch (JsonException broken)
        {
            throw new TakeoverException($"{topic} is no offset topic of Kafka Connect: {broken.Message}");
        }
    }, stop);

    // ["connector", {"server": "erp"}], for SQL Server with "database" in it, with JsonConverter's schema round it where one was configured. Of one key the later entry counts; null takes it away.
    internal void Add(byte[] keyBytes, byte[]? value)
    {
        var key = Parse(keyBytes);
        if (key.ValueKind != JsonValueKind.Array || key.GetArrayLength() != 2 || key[0].ValueKind != JsonValueKind.String || key[1].ValueKind != JsonValueKind.Object
            || !key[1].TryGetProperty("server", out var server) || server.ValueKind != JsonValueKind.String)
            return;     // another kind of connector's
        var (connector, name) = (key[0].GetString()!, server.GetString()!);
        var database = key[1].TryGetProperty("database", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        _entries.RemoveAll(e => e.Connector == connector && e.Server == name && e.Database == database);
        var offset = value is null ? default(JsonElement?) : Parse(value);
        _entries.Add(new(connector, name, database, offset is { ValueKind: JsonValueKind.Object } ? offset : null));
    }

    internal static StoredOffsets Of(string place) => new(place);

    static JsonElement Parse(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        var root = document.RootElement;
        return (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("payload", out var payload) ? payload : root).Clone();
    }

    /// <summary>The offset of one connector for one server (its <c>topic.prefix</c>).</summary>
    /// <exception cref="TakeoverException">There is none, or more than one.</exception>
    public JsonElement Find(string? connector, string server) => Of(connector, server) is [{ Offset: { } offset }] ? offset : throw Several(server);

    /// <summary>The offsets of one connector for one server by database, as a SQL Server connector has them.</summary>
    /// <exception cref="TakeoverException">There is none, or one is not to be told from another's.</exception>
    public IReadOnlyDictionary<string, JsonElement> FindByDatabase(string? connector, string server)
    {
        var found = Of(connector, server);
        if (found.Exists(e => e.Database is null))
            throw new TakeoverException($"{_place} has an offset for '{server}' that names no database: it is not of a SQL Server connector, or of one before Debezium 2, whose topics lack the database. Let our own snapshot run");
        if (found.DistinctBy(e => e.Database, StringComparer.OrdinalIgnoreCase).Count() != found.Count) throw Several(server);
        return found.ToDictionary(e => e.Database!, e => e.Offset!.Value, StringComparer.OrdinalIgnoreCase);
    }

    List<Entry> Of(string? connector, string server)
    {
        var found = _entries.FindAll(e => e.Offset is not null && e.Server == server && (connector is null || e.Connector == connector));
        if (found.Count > 0) return found;
        var gone = _entries.Any(e => e.Server == server && (connector is null || e.Connector == connector)) ? " any more: it was deleted" : "";
        throw new TakeoverException($"{_place} has no offset of connector '{connector ?? "*"}' for '{server}'{gone}; {Known()}. Without an offset there is nothing to go on from: let our own snapshot run");
    }

    TakeoverException Several(string server) => new($"{_place} has several offsets for '{server}': say whose with --connector; {Known()}");

    string Known()
    {
        var there = _entries.FindAll(e => e.Offset is not null);
        return there.Count == 0 ? "it has none of Debezium's" : $"it has {string.Join(", ", there.Select(e => $"connector '{e.Connector}' for '{e.Server}'{(e.Database is null ? "" : $" database '{e.Database}'")}"))}";
    }
}
