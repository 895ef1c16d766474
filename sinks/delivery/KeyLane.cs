using CdcSync.EventLog;

namespace CdcSync.Sinks.Delivery;

/// <summary>A record that waits for its delivery.</summary>
/// <param name="Record">The record.</param>
/// <param name="Place">Where in the log; null when it comes from a dead letter.</param>
/// <param name="Letter">Its dead letter; null when it comes from the log.</param>
/// <param name="Wanted">Its key at the target; null when the target does not want it or it is a delete.</param>
/// <param name="Problem">Why it cannot be sent at all; null when it can.</param>
/// <param name="Since">Since when it waits.</param>
internal sealed record WaitingRecord(CanonicalRecord Record, LogPlace? Place, long? Letter, string? Wanted, string? Problem, DateTimeOffset Since)
{
    /// <summary>Hash of its object.</summary>
    public byte[] Fingerprint { get; } = LedgerRow.FingerprintOf(Record.Object);
}

/// <summary>What waits of one key, in order: for a state object the newest version, besides one that is being sent; for a document each version.</summary>
internal sealed class KeyLane(RecordKey key, LedgerRow row)
{
    readonly List<WaitingRecord> _records = [];

    public RecordKey Key => key;
    public LedgerRow Row { get; set; } = row;
    public bool InFlight { get; set; }
    public bool Queued { get; set; }
    public int Attempts { get; set; }

    /// <summary>Confirmed deliveries of the whole sink when this lane's head failed first: others got through since when it grew.</summary>
    public long ConfirmedAtFirstFailure { get; set; }

    /// <summary>Batches it may be part of: halved until a guilty record is alone.</summary>
    public int BatchCap { get; set; } = int.MaxValue;

    public int Count => _records.Count;
    public WaitingRecord Head => _records[0];
    public WaitingRecord Last => _records[^1];

    /// <summary>Adds a record; returns those it makes worthless.</summary>
    public IReadOnlyList<WaitingRecord> Add(WaitingRecord record)
    {
        IReadOnlyList<WaitingRecord> superseded = [];
        if (!key.Kind.IsDocument)
        {
            var keep = InFlight ? 1 : 0;
            superseded = _records[keep..];
            _records.RemoveRange(keep, _records.Count - keep);
            if (keep == 0) Renew();
        }
        _records.Add(record);
        return superseded;
    }

    /// <summary>The head is settled.</summary>
    public WaitingRecord TakeHead()
    {
        var head = _records[0];
        _records.RemoveAt(0);
        Renew();
        return head;
    }

    void Renew() => (Attempts, BatchCap) = (0, int.MaxValue);
}
