using Npgsql;

namespace CdcSync.Sinks.Delivery;

/// <summary>How a sink is doing, as it said last.</summary>
/// <param name="Target">Its name.</param>
/// <param name="SeenAt">When it said so; old when it does not run.</param>
/// <param name="CaughtUp">Nothing in the log was unread, and nothing waited.</param>
/// <param name="Waiting">Records read and not settled.</param>
/// <param name="InFlight">Calls at that moment.</param>
/// <param name="OldestWaitingAt">When the oldest waiting record was read.</param>
/// <param name="Delivered">Confirmed since it started.</param>
/// <param name="Stale">Dropped as stale or doubled since it started.</param>
/// <param name="Coalesced">Made worthless by later versions since it started.</param>
/// <param name="Calls">Calls since it started.</param>
/// <param name="Breaker"><c>closed</c>, <c>open</c> or <c>half_open</c>.</param>
/// <param name="PausedUntil">Until when the target asked to be left alone.</param>
/// <param name="Problem">Why it stopped; null while it runs.</param>
/// <param name="Parked">Open dead letters.</param>
public sealed record DeliveryStatus(
    string Target, DateTimeOffset SeenAt, bool CaughtUp, long Waiting, int InFlight, DateTimeOffset? OldestWaitingAt, long Delivered, long Stale, long Coalesced, long Calls,
    string Breaker, DateTimeOffset? PausedUntil, string? Problem, long Parked);

/// <summary>Where sinks say how they are doing, for other processes to read.</summary>
public sealed class DeliveryStatuses(NpgsqlDataSource store)
{
    /// <summary>All sinks that ever ran, by name.</summary>
    public async Task<IReadOnlyList<DeliveryStatus>> ListAsync(CancellationToken stop)
    {
        await using var command = store.CreateCommand("""
            select target, seen_at, caught_up, waiting, in_flight, oldest_waiting_at, delivered, stale, coalesced, calls, breaker, paused_until, problem,
                (select count(*) from delivery.dead_letter d where d.target = s.target and state in ('parked', 'replay'))
            from delivery.status s order by target
            """);
        var found = new List<DeliveryStatus>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            found.Add(new(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1), row.GetBoolean(2), row.GetInt64(3), row.GetInt32(4), Time(row, 5), row.GetInt64(6), row.GetInt64(7),
                row.GetInt64(8), row.GetInt64(9), row.GetString(10), Time(row, 11), row.IsDBNull(12) ? null : row.GetString(12), row.GetInt64(13)));
        return found;
    }

    internal async Task ReportAsync(DeliveryStatus status, CancellationToken stop)
    {
        await using var command = store.CreateCommand("""
            insert into delivery.status (target, caught_up, waiting, in_flight, oldest_waiting_at, delivered, stale, coalesced, calls, breaker, paused_until, problem)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            on conflict (target) do update set seen_at = now(), caught_up = $2, waiting = $3, in_flight = $4, oldest_waiting_at = $5, delivered = $6, stale = $7, coalesced = $8, calls = $9,
                breaker = $10, paused_until = $11, problem = $12
            """);
        foreach (var value in new object?[]
        {
            status.Target, status.CaughtUp, status.Waiting, status.InFlight, status.OldestWaitingAt?.ToUniversalTime(), status.Delivered, status.Stale, status.Coalesced, status.Calls,
            status.Breaker, status.PausedUntil?.ToUniversalTime(), status.Problem,
        }) command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(stop);
    }

    static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
