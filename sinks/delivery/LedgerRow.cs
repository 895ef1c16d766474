using System.Security.Cryptography;
using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;

namespace CdcSync.Sinks.Delivery;

/// <summary>A record's key across the objects of one target.</summary>
internal readonly record struct RecordKey(CanonicalKind Kind, CanonicalKey Key);

/// <summary>What the ledger knows of one key at one target.</summary>
internal sealed record LedgerRow
{
    public SourcePosition? Delivered { get; init; }
    public long? DeliveredOffset { get; init; }
    public byte[]? Fingerprint { get; init; }
    public bool Gone { get; init; }
    public string? TargetKey { get; init; }
    public string? TargetId { get; init; }
    public SourcePosition? Intent { get; init; }
    public string? IntentKey { get; init; }
    public SourcePosition? Parked { get; init; }

    /// <summary>Where the target has, or may have, this record.</summary>
    public IEnumerable<string> LiveKeys
    {
        get
        {
            if (Delivered is not null && !Gone && TargetKey is not null) yield return TargetKey;
            if (Intent is not null && IntentKey is not null && (Gone || IntentKey != TargetKey)) yield return IntentKey;
        }
    }

    /// <summary>
    /// Whether a record says nothing new: older than what was delivered, or the same again. Two records may carry one version (a golden record decided anew): then the
    /// later one in the log counts.
    /// </summary>
    public bool Covers(SourcePosition version, byte[] fingerprint, long? offset)
    {
        if (Delivered is not { } delivered || version > delivered) return false;
        if (version < delivered) return true;
        return DeliveredOffset is null || offset <= DeliveredOffset || (Fingerprint is not null && Fingerprint.AsSpan().SequenceEqual(fingerprint));
    }

    /// <summary>Hash of an object without what changes with every reading: version, times, correlation.</summary>
    public static byte[] FingerprintOf(CanonicalObject? value) => value is null ? []
        : SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(value with { Version = "0:0", CommittedAt = default, CorrelationId = "" }, value.GetType(), CanonicalJson.Default))[..16];
}

/// <summary>What a target confirmed.</summary>
internal sealed record Confirmation(
    RecordKey Record, SourcePosition Version, long? Offset, byte[] Fingerprint, bool Gone, string? TargetKey, string? TargetId, bool HadLetters);

/// <summary>What a target refused for good.</summary>
internal sealed record Parking(
    RecordKey Record, SourcePosition Version, CanonicalObject? Object, string Class, string Reason, string? Response, int Attempts,
    DateTimeOffset CommittedAt, string CorrelationId, string? LogPlace);
