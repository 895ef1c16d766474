using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using Npgsql;

namespace CdcSync.Sinks.Delivery;

/// <summary>Where the records of one object are on their way to one target, out of the ledger and the dead letters.</summary>
public sealed class DeliveryTraces(NpgsqlDataSource store, string target, CanonicalKind kind, TimeProvider clock) : IDeliveryTraces
{
    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<CanonicalKey, DeliveryTrace>> TraceAsync(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop)
    {
        await using var command = store.CreateCommand("""
            select l.source, l.id, l.seen, l.delivered, l.delivered_at,
                (select class || ': ' || reason from delivery.dead_letter d
                 where d.target = l.target and d.object = l.object and d.source = l.source and d.id = l.id and state in ('parked', 'replay') order by version limit 1)
            from delivery.ledger l join unnest($2::text[], $3::text[], $4::text[]) r(o, s, i) on l.target = $1 and l.object = o and l.source = s and l.id = i
            """);
        Ledger.AddKeys(command.Parameters, target, keys.Select(k => new RecordKey(kind, k)));
        var traces = new Dictionary<CanonicalKey, DeliveryTrace>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            traces[new CanonicalKey(row.GetString(0), row.GetString(1))] = new DeliveryTrace(
                Ledger.Version(row, 2), Ledger.Version(row, 3), row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4));
        return traces;
    }

    /// <summary>
    /// Waits until the sink has read and settled everything that was in the log when this was called. False when it did not within <paramref name="patience"/>: it is
    /// behind, or not running; then what differs may still be on its way.
    /// </summary>
    public async Task<bool> CaughtUpAsync(TimeSpan patience, CancellationToken stop)
    {
        var from = await StoreTimeAsync(stop);
        var started = clock.GetTimestamp();
        while (true)
        {
            // The sink says "caught up" right after a read that waited a second and found nothing; it must have begun after we were called.
            await using (var command = store.CreateCommand("select caught_up and seen_at - interval '1 second' >= $2 from delivery.status where target = $1"))
            {
                command.Parameters.Add(new() { Value = target });
                command.Parameters.Add(new() { Value = from });
                if (await command.ExecuteScalarAsync(stop) is true) return true;
            }
            if (clock.GetElapsedTime(started) > patience) return false;
            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, stop);
        }
    }

    async Task<DateTime> StoreTimeAsync(CancellationToken stop)
    {
        await using var command = store.CreateCommand("select now()");
        return (DateTime)(await command.ExecuteScalarAsync(stop))!;
    }
}
