using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;

namespace CdcSync.Sinks.Delivery;

/// <summary>Takes records from the log into the waiting set: decodes them, notes them as seen, drops what the ledger already covers.</summary>
internal sealed class Intake(
    SinkSettings settings, ITarget target, CanonicalRecords records, Ledger ledger, WaitingSet waiting, OffsetTracker offsets, Settling settling, DeliveryCounts counts,
    ILogger logger, TimeProvider clock)
{
    /// <summary>Takes what was read, in order.</summary>
    public async Task TakeAsync(IReadOnlyList<LogRecord> read, CancellationToken stop)
    {
        var decoded = new List<(CanonicalRecord Record, LogPlace Place)>(read.Count);
        foreach (var record in read)
        {
            offsets.Read(record.Topic, record.Partition, record.Offset);
            if (await DecodeAsync(record, stop) is { } canonical) decoded.Add((canonical, PlaceOf(record)));
        }
        var newest = new Dictionary<RecordKey, SourcePosition>();
        foreach (var (record, _) in decoded)
        {
            var key = new RecordKey(record.Kind, record.Key);
            if (!newest.TryGetValue(key, out var known) || record.Version > known) newest[key] = record.Version;
        }
        if (newest.Count == 0) return;
        var rows = await ledger.SeeAsync([.. newest.Select(n => (n.Key, n.Value))], stop);
        foreach (var (record, place) in decoded) Take(record, place, null, rows[new RecordKey(record.Kind, record.Key)]);
    }

    /// <summary>Takes a dead letter that is to be tried again. It passes the same checks as a record of the log.</summary>
    public async Task TakeAsync(IReadOnlyList<DeadLetter> replayed, CancellationToken stop)
    {
        if (replayed.Count == 0) return;
        var rows = await ledger.ReadAsync([.. replayed.Select(l => new RecordKey(l.Kind, l.Key)).Distinct()], stop);
        foreach (var letter in replayed)
            if (rows.TryGetValue(new RecordKey(letter.Kind, letter.Key), out var row))
                Take(new CanonicalRecord(letter.Kind, letter.Key, letter.Version, letter.Object, letter.CommittedAt, letter.CorrelationId), null, letter.Letter, row);
    }

    void Take(CanonicalRecord record, LogPlace? place, long? letter, LedgerRow stored)
    {
        var key = new RecordKey(record.Kind, record.Key);
        var lane = waiting.Find(key);
        var row = lane?.Row ?? stored;
        var (wanted, problem) = KeyOf(record);
        var entry = new WaitingRecord(record, place, letter, wanted, problem, clock.GetUtcNow());
        if (row.Covers(record.Version, entry.Fingerprint, place?.Offset) || (lane is not null && record.Version < lane.Last.Record.Version))
        {
            counts.Drop();
            settling.Drop(entry, row);
            return;
        }
        if (letter is null && row.Parked is { } parked)
        {
            if (record.Version <= parked)   // parked before the group's place was stored
            {
                settling.Settle(entry);
                return;
            }
            if (record.Kind.IsDocument)
            {
                settling.Park(key, entry, "held", "waits behind an earlier version of the same document that the target refused", null, 0);
                return;
            }
        }
        // A call of an earlier life is open: it may still take effect.
        DateTimeOffset? settled = row.Intent is null ? null : clock.GetUtcNow() + settings.Retry.Settle;
        foreach (var superseded in waiting.Add(key, row, entry, settled))
        {
            counts.Coalesce();
            settling.Settle(superseded);
        }
    }

    (string? Wanted, string? Problem) KeyOf(CanonicalRecord record)
    {
        try
        {
            return (record.Object is null ? null : target.KeyOf(record.Kind, record.Key, record.Object), null);
        }
        catch (FormatException wrong)
        {
            return (null, wrong.Message);
        }
    }

    async ValueTask<CanonicalRecord?> DecodeAsync(LogRecord record, CancellationToken stop)
    {
        try
        {
            var canonical = await records.ReadAsync(record, stop);
            if (settings.Objects.ContainsKey(canonical.Kind.Name)) return canonical;
            offsets.Settle(PlaceOf(record));
            return null;
        }
        catch (Exception wrong) when (wrong is EventLogException or JsonException or FormatException or ArgumentNullException)
        {
            var place = PlaceOf(record);
            Log.Unreadable(logger, settings.Name, $"{place.Topic}[{place.Partition}]@{place.Offset}", wrong.Message);
            settling.ParkUnreadable(record, wrong.Message);
            return null;
        }
    }

    static LogPlace PlaceOf(LogRecord record) => new(record.Topic, record.Partition, record.Offset);
}
