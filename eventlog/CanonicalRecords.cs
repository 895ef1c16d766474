using System.Text;
using System.Text.Json;
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

/// <summary>Writes and reads canonical records: Confluent framing, key {source, id}, tombstone for a delete, the version in a header on both.</summary>
public sealed class CanonicalRecords(ISchemaRegistry registry)
{
    const string VersionHeader = "cdcsync.version", CommittedHeader = "cdcsync.committed_us", CorrelationHeader = "cdcsync.correlation";
    readonly ISchemaRegistry _registry = registry;

    /// <summary>Adds an object to the batch; <paramref name="topic"/> is the kind's canonical or golden topic.</summary>
    public async ValueTask WriteAsync(LogBatch batch, string topic, CanonicalObject value, CancellationToken stop)
    {
        _ = _registry;
        await Task.CompletedTask;
        stop.ThrowIfCancellationRequested();
        batch.Add(topic, JsonSerializer.SerializeToUtf8Bytes(value.Key, CanonicalJson.Default.CanonicalKey),
            JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), CanonicalJson.Default), value.CommittedAt.ToUnixTimeMilliseconds(),
            Headers(value.Position, value.CommittedAt, value.CorrelationId));
    }

    /// <summary>Adds a tombstone: the source has no such object any more.</summary>
    public async ValueTask WriteDeleteAsync(
        LogBatch batch, string topic, CanonicalKey key, SourcePosition version, DateTimeOffset committedAt, string correlationId, CancellationToken stop)
    {
        _ = _registry;
        await Task.CompletedTask;
        stop.ThrowIfCancellationRequested();
        batch.Add(topic, JsonSerializer.SerializeToUtf8Bytes(key, CanonicalJson.Default.CanonicalKey), null, committedAt.ToUnixTimeMilliseconds(),
            Headers(version, committedAt, correlationId));
    }

    /// <summary>Reads a record of a canonical or golden topic.</summary>
    /// <exception cref="EventLogException">The record is no canonical record; the message names topic, partition and offset.</exception>
    public async ValueTask<CanonicalRecord> ReadAsync(LogRecord record, CancellationToken stop)
    {
        _ = _registry;
        await Task.CompletedTask;
        stop.ThrowIfCancellationRequested();
        var kind = CanonicalCatalog.OfTopic(record.Topic)
            ?? throw new EventLogException($"{record.Topic} is not a topic of a canonical object");
        var key = JsonSerializer.Deserialize(record.Key, CanonicalJson.Default.CanonicalKey)!;
        var value = record.Value is null ? null : (CanonicalObject?)JsonSerializer.Deserialize(record.Value, kind.Type, CanonicalJson.Default);
        return new CanonicalRecord(kind, key, SourcePosition.Parse(Text(record, VersionHeader)), value,
            DateTimeOffset.UnixEpoch.AddMicroseconds(long.Parse(Text(record, CommittedHeader))), Text(record, CorrelationHeader));
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
