using System.Text;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;

namespace CdcSync.Sinks.Delivery;

/// <summary>Decides what an outcome means for its record and its lane, and writes what is settled: the ledger first, then the log's place may move.</summary>
internal sealed class Settling(SinkSettings settings, Ledger ledger, WaitingSet waiting, OffsetTracker offsets, TargetGate gate, DeliveryCounts counts, ILogger logger, TimeProvider clock)
{
    readonly Dictionary<RecordKey, Confirmation> _confirmed = [];
    readonly Dictionary<(RecordKey, SourcePosition), Parking> _parked = [];
    readonly List<WaitingRecord> _settled = [];

    /// <summary>Letters that were taken up and are not settled.</summary>
    public HashSet<long> Letters { get; } = [];

    /// <summary>Why the target refuses us altogether; null while it does not.</summary>
    public string? StopReason { get; private set; }

    /// <summary>What a call brought.</summary>
    public void Apply(Consignment call, IReadOnlyList<Outcome> outcomes)
    {
        var whole = outcomes.Count > 1 && outcomes[0].OfWholeCall;
        for (var i = 0; i < outcomes.Count; i++)
        {
            var (lane, delivery) = call.Parcels[i];
            if (outcomes[i].Class == OutcomeClass.Done) Confirm(lane, delivery, outcomes[i].TargetId);
            else Fail(lane, outcomes[i], whole ? outcomes.Count : 1);
        }
        if (outcomes.FirstOrDefault(o => o.Class != OutcomeClass.Done) is { } failed)
            Log.CallFailed(logger, settings.Name, outcomes.Count(o => o.Class != OutcomeClass.Done), call.Kind.Name, DeliveryCounts.ClassName(failed.Class), failed.Reason ?? "");
    }

    /// <summary>A lane's head needs no call: it cannot be sent, or the target has no business with it.</summary>
    public void WithoutCall(KeyLane lane)
    {
        lane.InFlight = false;
        var head = lane.Head;
        if (head.Problem is { } problem) Refuse(lane, new Outcome(OutcomeClass.Refused, problem));
        else Confirm(lane, new Parcel(lane.Key.Kind, lane.Key.Key, "", head.Record.Version, null) { Exists = lane.Row is { Delivered: not null, Gone: false } }, null, unsent: true);
    }

    /// <summary>A record is worthless: the target has its version or a later one.</summary>
    public void Drop(WaitingRecord record, LedgerRow row)
    {
        var key = new RecordKey(record.Record.Kind, record.Record.Key);
        // Confirming what stands already closes the letter with it; one that a waiting version will make worthless closes when that one is confirmed.
        if (record.Letter is not null && row.Delivered is { } stands && stands >= record.Record.Version)
            _confirmed.TryAdd(key, new(key, stands, row.DeliveredOffset, row.Fingerprint ?? [], row.Gone, row.TargetKey, row.TargetId, HadLetters: true));
        Settle(record);
    }

    /// <summary>A repair has brought the target this version or a later one meanwhile.</summary>
    public void Overtaken(KeyLane lane)
    {
        lane.InFlight = false;
        counts.Drop();
        Drop(waiting.TakeHead(lane), lane.Row);
        waiting.Queue(lane);
    }

    /// <summary>A record needs nothing more.</summary>
    public void Settle(WaitingRecord record) => _settled.Add(record);

    /// <summary>Makes a record a dead letter.</summary>
    public void Park(RecordKey key, WaitingRecord waitingRecord, string letterClass, string reason, string? response, int attempts)
    {
        var record = waitingRecord.Record;
        counts.Park(letterClass);
        Log.Parked(logger, settings.Name, key.Kind.Name, key.Key.ToString(), record.Version.ToString(), letterClass, reason);
        var place = waitingRecord.Place is { } at ? $"{at.Topic}[{at.Partition}]@{at.Offset}" : null;
        _parked[(key, record.Version)] = new(key, record.Version, record.Object, letterClass, reason, response, attempts, record.CommittedAt, record.CorrelationId, place);
        Settle(waitingRecord);
    }

    /// <summary>Bytes that are no canonical record: kept as they are, under their place in the log.</summary>
    public void ParkUnreadable(LogRecord record, string reason)
    {
        var kind = CanonicalCatalog.OfTopic(record.Topic) ?? CanonicalCatalog.All[0];
        var key = new CanonicalKey("?", $"{record.Topic}[{record.Partition}]@{record.Offset}");
        var content = $"key {Convert.ToHexStringLower(record.Key ?? [])}, value {Encoding.UTF8.GetString((record.Value ?? []).AsSpan(0, Math.Min(500, record.Value?.Length ?? 0)))}";
        var standIn = new CanonicalRecord(kind, key, SourcePosition.Start, null, DateTimeOffset.FromUnixTimeMilliseconds(record.Timestamp), "");
        Park(new RecordKey(kind, key), new WaitingRecord(standIn, new LogPlace(record.Topic, record.Partition, record.Offset), null, null, null, clock.GetUtcNow()), "unreadable", reason, content, 0);
    }

    /// <summary>Makes durable what was settled since the last time, then lets the log's place move past it.</summary>
    public async Task FlushAsync(CancellationToken stop)
    {
        if (_confirmed.Count + _parked.Count > 0) await ledger.CloseAsync(_confirmed.Values, _parked.Values, stop);
        foreach (var record in _settled)
        {
            if (record.Place is { } place) offsets.Settle(place);
            if (record.Letter is { } letter) Letters.Remove(letter);
        }
        _confirmed.Clear();
        _parked.Clear();
        _settled.Clear();
    }

    void Confirm(KeyLane lane, Parcel delivery, string? targetId, bool unsent = false)
    {
        var head = waiting.TakeHead(lane);
        var gone = delivery.Object is null && !(unsent && lane.Key.Kind.IsDocument && delivery.Exists);
        var row = lane.Row;
        var key = unsent ? row.TargetKey : delivery.TargetKey;
        // A record's own place; an older one would let a doubled record through.
        var confirmation = new Confirmation(lane.Key, head.Record.Version, head.Place?.Offset, head.Fingerprint, gone, key, targetId ?? delivery.TargetId, head.Letter is not null || row.Parked is not null);
        _confirmed[lane.Key] = confirmation;
        lane.Row = row with
        {
            Delivered = confirmation.Version, DeliveredOffset = confirmation.Offset, Fingerprint = confirmation.Fingerprint, Gone = gone, TargetKey = key ?? row.TargetKey,
            TargetId = gone ? null : confirmation.TargetId ?? row.TargetId, Intent = null, IntentKey = null, Parked = lane.Key.Kind.IsDocument ? row.Parked : null,
        };
        if (!unsent) counts.Confirm(lane.Key.Kind.Name, clock.GetUtcNow() - head.Record.CommittedAt);
        Settle(head);
        waiting.Queue(lane);
    }

    void Fail(KeyLane lane, Outcome outcome, int size)
    {
        counts.Fail(outcome.Class);
        if (outcome.Class == OutcomeClass.Ambiguous && !(outcome.RetryAfter > settings.Retry.Settle)) outcome = outcome with { RetryAfter = settings.Retry.Settle };
        if (outcome.Class == OutcomeClass.Stop) StopReason ??= outcome.Reason ?? "the target refuses us";
        if (outcome.Class == OutcomeClass.Throttled && outcome.RetryAfter is { } wanted) gate.Pause(wanted);
        if (size > 1 && outcome.Class is OutcomeClass.Refused or OutcomeClass.Retry or OutcomeClass.Ambiguous) lane.BatchCap = Math.Max(1, size / 2);
        if (lane.Key.Kind.IsDocument is false && lane.Count > 1)
        {
            counts.Coalesce();
            Settle(waiting.TakeHead(lane));
            if (outcome.Class == OutcomeClass.Refused) waiting.Queue(lane);
            else waiting.Rest(lane, clock.GetUtcNow() + Backoff.Of(settings.Retry, 1, outcome.RetryAfter));
        }
        else if (outcome.Class == OutcomeClass.Refused && size > 1) waiting.Queue(lane);
        else if (outcome.Class == OutcomeClass.Refused) Refuse(lane, outcome);
        else TryAgain(lane, outcome);
    }

    void TryAgain(KeyLane lane, Outcome outcome)
    {
        if (outcome.Class is OutcomeClass.Retry or OutcomeClass.Ambiguous or OutcomeClass.Conflict)
        {
            if (lane.Attempts++ == 0) lane.ConfirmedAtFirstFailure = counts.Delivered;
            // Others got through meanwhile: it is this record, not the target.
            if (lane.Attempts >= settings.Retry.Attempts && (counts.Delivered > lane.ConfirmedAtFirstFailure || outcome.Class == OutcomeClass.Conflict))
            {
                Refuse(lane, outcome with { Reason = $"{outcome.Reason} ({lane.Attempts} attempts)" });
                return;
            }
        }
        waiting.Rest(lane, clock.GetUtcNow() + Backoff.Of(settings.Retry, Math.Max(lane.Attempts, 1), outcome.RetryAfter));
    }

    void Refuse(KeyLane lane, Outcome outcome)
    {
        var attempts = lane.Attempts + 1;
        var letterClass = DeliveryCounts.ClassName(outcome.Class);
        var head = waiting.TakeHead(lane);
        Park(lane.Key, head, letterClass, outcome.Reason ?? "no reason given", outcome.Response, attempts);
        // Documents behind it wait with it; a state object has nothing behind it, or it would have taken its place.
        while (lane.Count > 0) Park(lane.Key, waiting.TakeHead(lane), "held", "waits behind an earlier version of the same document that the target refused", null, 0);
    }
}
