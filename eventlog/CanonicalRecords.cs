using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Registry;

namespace CdcSync.EventLog;

/// <summary>A record of a canonical or golden topic.</summary>
/// <param name="Kind">Which object.</param>
/// <param name="Key">Its key.</param>
/// <param name="Version">Orders the records of the key.</param>
/// <param name="Object">The object; null when it is gone.</param>
/// <param name="CommittedAt">When the source committed what led to it.</param>
/// <param name="CorrelationId">Follows the change through the logs.</param>
public sealed record CanonicalRecord(
    CanonicalKind Kind, CanonicalKey Key, SourcePosition Version, CanonicalObject? Object, DateTimeOffset CommittedAt, string CorrelationId);

/// <summary>
/// Writes and reads canonical records: Confluent framing and Avro, key {source, id}, tombstone for a delete, the version in a header on both. Schemas are
/// registered under <c>topic-key</c> and <c>topic-value</c> at a topic's first record. Safe for many threads.
/// </summary>
public sealed class CanonicalRecords(ISchemaRegistry registry)
{
    const string VersionHeader = "cdcsync.version", CommittedHeader = "cdcsync.committed_us", CorrelationHeader = "cdcsync.correlation";
    const int FrameLength = 5;

    readonly AvroObjectCodec _key = AvroObject.Codec<CanonicalKey>();
    readonly ConcurrentDictionary<Type, AvroObjectCodec> _values = new();
    readonly ConcurrentDictionary<(string Subject, Type Type), int> _ids = new();
    readonly ConcurrentDictionary<(int Id, Type Type), AvroObjectReader> _readers = new();

    /// <summary>Adds an object to the batch; <paramref name="topic"/> is the kind's canonical or golden topic.</summary>
    /// <exception cref="EventLogException">A value does not fit its field; the batch is as it was.</exception>
    /// <exception cref="SchemaRegistryException">The registry refused the schema.</exception>
    public async ValueTask WriteAsync(LogBatch batch, string topic, CanonicalObject value, CancellationToken stop)
    {
        var codec = CodecOf(value.GetType());
        var (keyId, valueId) = (await IdAsync($"{topic}-key", _key, typeof(CanonicalKey), stop), await IdAsync($"{topic}-value", codec, value.GetType(), stop));
        batch.Begin(topic, value.CommittedAt.ToUnixTimeMilliseconds(), headers: Headers(value.Position, value.CommittedAt, value.CorrelationId));
        try
        {
            Write(batch, keyId, _key, value.Key);
            batch.BeginValue();
            Write(batch, valueId, codec, value);
        }
        catch (AvroDataException e)
        {
            batch.Abandon();
            throw new EventLogException($"{topic}, key {value.Key}: {e.Message}. Correct the value in the source or its mapping", e);
        }
        batch.End();
    }

    /// <summary>Adds a tombstone: the source has no such object any more.</summary>
    /// <exception cref="EventLogException">The key is no text; the batch is as it was.</exception>
    /// <exception cref="SchemaRegistryException">The registry refused the schema.</exception>
    public async ValueTask WriteDeleteAsync(
        LogBatch batch, string topic, CanonicalKey key, SourcePosition version, DateTimeOffset committedAt, string correlationId, CancellationToken stop)
    {
        var keyId = await IdAsync($"{topic}-key", _key, typeof(CanonicalKey), stop);
        batch.Begin(topic, committedAt.ToUnixTimeMilliseconds(), headers: Headers(version, committedAt, correlationId));
        try
        {
            Write(batch, keyId, _key, key);
        }
        catch (AvroDataException e)
        {
            batch.Abandon();
            throw new EventLogException($"{topic}, key {key}: {e.Message}", e);
        }
        batch.BeginValue(nullValue: true);
        batch.End();
    }

    /// <summary>Reads a record of a canonical or golden topic, whichever version of its schema it was written with.</summary>
    /// <exception cref="EventLogException">The record is no canonical record; the message names topic, partition and offset.</exception>
    public async ValueTask<CanonicalRecord> ReadAsync(LogRecord record, CancellationToken stop)
    {
        var kind = CanonicalCatalog.OfTopic(record.Topic)
            ?? throw new EventLogException($"{record.Topic} is not a topic of a canonical object");
        try
        {
            var key = (CanonicalKey)await ReadAsync(record.Key ?? throw new FormatException("it has no key"), _key, typeof(CanonicalKey), stop);
            var value = record.Value is null ? null : (CanonicalObject)await ReadAsync(record.Value, CodecOf(kind.Type), kind.Type, stop);
            return new CanonicalRecord(kind, key, SourcePosition.Parse(Text(record, VersionHeader)), value,
                DateTimeOffset.UnixEpoch.AddMicroseconds(long.Parse(Text(record, CommittedHeader))), Text(record, CorrelationHeader));
        }
        catch (Exception e) when (e is AvroDataException or AvroSchemaException or SchemaRegistryException or FormatException or OverflowException)
        {
            throw new EventLogException($"{record.Topic}[{record.Partition}]@{record.Offset} is no record of '{kind.Name}': {e.Message}", e);
        }
    }

    AvroObjectCodec CodecOf(Type type) => _values.GetOrAdd(type, AvroObject.Codec);

    async ValueTask<int> IdAsync(string subject, AvroObjectCodec codec, Type type, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (_ids.TryGetValue((subject, type), out var known)) return known;
        var id = await registry.RegisterAsync(subject, new RegisteredSchema(codec.Schema.ToJson()), stop);
        return _ids[(subject, type)] = id;
    }

    static void Write(LogBatch batch, int id, AvroObjectCodec codec, object value)
    {
        var frame = batch.GetSpan(FrameLength);
        frame[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame[1..], id);
        batch.Advance(FrameLength);
        codec.Write(value, batch);
    }

    async ValueTask<object> ReadAsync(byte[] data, AvroObjectCodec codec, Type type, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (data.Length < FrameLength || data[0] != 0) throw new FormatException("it does not begin with a zero byte and a schema id");
        var id = BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(1));
        if (!_readers.TryGetValue((id, type), out var reader))
        {
            var schema = await registry.GetAsync(id, stop);
            if (schema.References is { Count: > 0 }) throw new FormatException($"schema {id} refers to other schemas, as CdcSync's never do");
            // Old registries hold defaults that do not fit; they are of no use in a writer's schema anyway.
            reader = _readers[(id, type)] = codec.ReaderFor(AvroSchema.Parse(schema.Text, validateDefaults: false));
        }
        return reader.Read(data.AsSpan(FrameLength));
    }

    static KeyValuePair<string, byte[]?>[] Headers(SourcePosition version, DateTimeOffset committedAt, string correlationId) =>
    [
        new(VersionHeader, Encoding.ASCII.GetBytes(version.ToString())),
        new(CommittedHeader, Encoding.ASCII.GetBytes(((committedAt - DateTimeOffset.UnixEpoch).Ticks / 10).ToString())),
        new(CorrelationHeader, Encoding.UTF8.GetBytes(correlationId)),
    ];

    static string Text(LogRecord record, string header)
    {
        foreach (var (name, value) in record.Headers)
            if (name == header && value is not null) return Encoding.UTF8.GetString(value);
        throw new EventLogException($"{record.Topic}[{record.Partition}]@{record.Offset} has no header '{header}': it was not written by CdcSync");
    }
}
