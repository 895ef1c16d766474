using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using Npgsql;

namespace CdcSync.Sinks.Delivery;

/// <summary>
/// Brings records at a target to a wanted state, the way ordinary changes go: intent, call, confirmation. May run beside the sink, in another process: the ledger lets one
/// of them at a key at a time. The version that was delivered may be sent again, an older one not.
/// </summary>
public sealed class Repairs(SinkSettings settings, ITarget target, CanonicalKind kind, NpgsqlDataSource store, TimeProvider clock) : IRepairs
{
    const int Attempts = 5;
    readonly Ledger _ledger = new(store, settings.Name, $"repair-{Guid.NewGuid():n}");
    readonly TargetGate _gate = new(settings, clock);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, string?>> RepairAsync(IReadOnlyList<(Repair Repair, CanonicalObject? Object)> wanted, CancellationToken stop)
    {
        var results = new Dictionary<string, string?>(StringComparer.Ordinal);
        var most = target.LimitsOf(kind).MaxBatch;
        foreach (var side in wanted.GroupBy(w => w.Object is null))
            foreach (var batch in side.Chunk(most))
                await BatchAsync(batch, results, stop);
        return results;
    }

    async Task BatchAsync((Repair Repair, CanonicalObject? Object)[] batch, Dictionary<string, string?> results, CancellationToken stop)
    {
        var keys = batch.Select(b => OriginOf(b.Repair, b.Object)).OfType<CanonicalKey>().Select(k => new RecordKey(kind, k)).Distinct().ToList();
        var rows = await _ledger.ReadAsync(keys, stop);
        var missing = batch.Where(b => b.Object is not null && !rows.ContainsKey(new(kind, b.Object.Key))).Select(b => (new RecordKey(kind, b.Object!.Key), b.Object.Position)).ToList();
        if (missing.Count > 0) foreach (var (key, row) in await _ledger.SeeAsync(missing, stop)) rows[key] = row;
        var deliveries = new List<Parcel>();
        foreach (var (repair, value) in batch)
        {
            try
            {
                if (Prepare(repair, value, rows, results) is { } delivery) deliveries.Add(delivery);
            }
            catch (FormatException wrong)
            {
                results[repair.TargetKey] = wrong.Message;
            }
        }
        await SendAsync(deliveries, rows, results, stop);
    }

    Parcel? Prepare(Repair repair, CanonicalObject? value, Dictionary<RecordKey, LedgerRow> rows, Dictionary<string, string?> results)
    {
        var origin = OriginOf(repair, value);
        var row = origin is null ? null : rows.GetValueOrDefault(new(kind, origin));
        var delivery = new Parcel(kind, origin ?? new CanonicalKey("", repair.TargetKey), repair.TargetKey, row?.Delivered ?? SourcePosition.Start, null) { Forced = true, TargetId = row?.TargetId };
        if (value is null) return delivery;
        if (row!.Delivered is { } delivered && value.Position < delivered)
        {
            results[repair.TargetKey] = $"a newer version ({delivered}) was delivered meanwhile; compare again";
            return null;
        }
        if (target.KeyOf(kind, value.Key, value) is not { } key)
        {
            results[repair.TargetKey] = $"{target.Name} does not take this record";
            return null;
        }
        // What the ledger calls delivered may be what somebody removed: for creates the target itself is asked.
        return delivery with { TargetKey = key, Version = value.Position, Object = value, Exists = row is { Delivered: not null, Gone: false, TargetId: not null }, Attempted = value.Position };
    }

    static CanonicalKey? OriginOf(Repair repair, CanonicalObject? value) => value?.Key ?? repair.Origin;

    async Task SendAsync(List<Parcel> deliveries, Dictionary<RecordKey, LedgerRow> rows, Dictionary<string, string?> results, CancellationToken stop)
    {
        var courier = new Courier(target, _ledger, _gate);
        var known = deliveries.Where(d => rows.ContainsKey(new(kind, d.Key))).ToList();
        var accepted = await _ledger.IntendAsync(known, stop);
        foreach (var held in known.Where(d => !accepted.Contains(new(kind, d.Key)))) results[held.TargetKey] = "the sink is delivering this record, or a newer version; compare again";
        var open = deliveries.Except(known.Where(d => !accepted.Contains(new(kind, d.Key)))).ToList();
        for (var attempt = 1; open.Count > 0; attempt++)
        {
            while (_gate.Wait is { Ticks: > 0 } blocked) await Task.Delay(blocked, clock, stop);
            _gate.Enter();
            var outcomes = await courier.CarryAsync(kind, open, stop);
            var again = new List<Parcel>();
            var done = new List<Confirmation>();
            for (var i = 0; i < open.Count; i++)
            {
                var (delivery, outcome) = (open[i], outcomes[i]);
                if (outcome.Class == OutcomeClass.Throttled && outcome.RetryAfter is { } wanted) _gate.Pause(wanted);
                var mayHelp = outcome.Class is OutcomeClass.Retry or OutcomeClass.Throttled or OutcomeClass.Ambiguous or OutcomeClass.Conflict
                    || (outcome is { Class: OutcomeClass.Refused, OfWholeCall: true } && open.Count > 1);
                if (outcome.Class == OutcomeClass.Done) Confirm(delivery, outcome, rows, results, done);
                else if (mayHelp && attempt < Attempts) again.Add(delivery);
                else await GiveUpAsync(delivery, outcome, rows, results, stop);
            }
            await _ledger.CloseAsync(done, [], stop);
            open = await OneByOneAsync(again, open.Count, rows, results, stop);
            if (open.Count > 0) await Task.Delay(Backoff.Of(settings.Retry, attempt, null), clock, stop);
        }
    }

    // A call refused as a whole: each of its records goes alone.
    async Task<List<Parcel>> OneByOneAsync(List<Parcel> again, int sent, Dictionary<RecordKey, LedgerRow> rows, Dictionary<string, string?> results, CancellationToken stop)
    {
        if (again.Count <= 1 || again.Count < sent) return again;
        foreach (var delivery in again) await SendAsync([delivery], rows, results, stop);
        return [];
    }

    void Confirm(Parcel delivery, Outcome outcome, Dictionary<RecordKey, LedgerRow> rows, Dictionary<string, string?> results, List<Confirmation> done)
    {
        results[delivery.TargetKey] = null;
        if (rows.TryGetValue(new(kind, delivery.Key), out var row))
            done.Add(new(new(kind, delivery.Key), delivery.Version, row.DeliveredOffset, LedgerRow.FingerprintOf(delivery.Object), delivery.Object is null, delivery.TargetKey,
                outcome.TargetId ?? delivery.TargetId, HadLetters: row.Parked is not null));
    }

    async Task GiveUpAsync(Parcel delivery, Outcome outcome, Dictionary<RecordKey, LedgerRow> rows, Dictionary<string, string?> results, CancellationToken stop)
    {
        results[delivery.TargetKey] = outcome.Reason ?? $"{target.Name} did not take it";
        if (outcome.Class == OutcomeClass.Refused && rows.ContainsKey(new(kind, delivery.Key))) await _ledger.WithdrawAsync(new(kind, delivery.Key), stop);
    }
}
