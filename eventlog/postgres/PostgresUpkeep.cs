using Microsoft.Extensions.Logging;
using Npgsql;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>What one round of maintenance removed.</summary>
/// <param name="Expired">Records older than their topic's retention.</param>
/// <param name="Compacted">Records superseded by a newer one of their key.</param>
/// <param name="Tombstones">Tombstones that had stayed long enough.</param>
public readonly record struct UpkeepResult(long Expired, long Compacted, long Tombstones);

/// <summary>
/// Retention and compaction. Only removes: what is left keeps its offset, so order never changes and readers only meet holes. Short transactions that never touch
/// the heads of partitions, so appends do not wait for it.
/// </summary>
sealed class PostgresUpkeep(NpgsqlDataSource store, PostgresLogSettings settings, ILogger logger, TimeProvider clock)
{
    internal const long LockKey = 0x43646353_00000001;

    public async Task RunAsync(CancellationToken stop)
    {
        using var tick = new PeriodicTimer(settings.MaintenanceInterval, clock);
        while (await tick.WaitForNextTickAsync(stop))
        {
            try
            {
                await OnceAsync(stop);
            }
            catch (Exception failed) when (PostgresLogErrors.IsStore(failed) || failed is EventLogException)
            {
                Log.MaintenanceFailed(logger, settings.MaintenanceInterval, failed.Message);
            }
        }
    }

    public async Task<UpkeepResult> OnceAsync(CancellationToken stop)
    {
        await using var connection = await StoreSession.OpenAsync(store, "maintenance", stop);
        if (!await ScalarAsync<bool>(connection, $"select pg_try_advisory_lock({LockKey})", stop)) return default;
        try
        {
            var result = default(UpkeepResult);
            foreach (var partition in await PartitionsAsync(connection, stop))
            {
                if (partition.Retention is { } keep) result = result with { Expired = result.Expired + await ExpireAsync(connection, partition.Id, keep, stop) };
                if (!partition.Compact) continue;
                var compaction = new PartitionCompaction(connection, partition.Id, settings, clock);
                result = result with
                {
                    Compacted = result.Compacted + await compaction.RemoveSupersededAsync(stop),
                    Tombstones = result.Tombstones + await compaction.RemoveTombstonesAsync(stop),
                };
            }
            LogMeter.Removed("retention", result.Expired);
            LogMeter.Removed("compaction", result.Compacted + result.Tombstones);
            if (result != default) Log.Maintained(logger, result.Expired, result.Compacted, result.Tombstones);
            return result;
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open) await ScalarAsync<bool>(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    static async Task<List<(int Id, bool Compact, TimeSpan? Retention)>> PartitionsAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand(
            "select p.id, t.compact, t.retention from log.topic t join log.partition p on p.topic = t.id where t.compact or t.retention is not null order by p.id", connection);
        var partitions = new List<(int, bool, TimeSpan?)>();
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) partitions.Add((rows.GetInt32(0), rows.GetBoolean(1), rows.IsDBNull(2) ? null : rows.GetFieldValue<TimeSpan>(2)));
        return partitions;
    }

    // From the oldest offset on, up to the first record that is young enough: what is left has no hole at its beginning but one.
    async Task<long> ExpireAsync(NpgsqlConnection connection, int partition, TimeSpan keep, CancellationToken stop)
    {
        var before = clock.GetUtcNow().Subtract(keep).ToUnixTimeMilliseconds();
        var removed = 0L;
        while (true)
        {
            await using var expire = new NpgsqlCommand("""
                with oldest as (
                    select r."offset", r.ts from log.upkeep u join log.record r on r.partition = u.partition and r."offset" >= u.first
                    where u.partition = $1 order by r."offset" limit $3),
                reach as (select coalesce(min("offset") filter (where ts >= $2), max("offset") + 1) as first, count(*) as looked from oldest),
                gone as (delete from log.record r using reach where r.partition = $1 and r."offset" < reach.first returning 1),
                moved as (update log.upkeep u set first = reach.first, clean = greatest(u.clean, reach.first) from reach where u.partition = $1 and reach.first > u.first)
                select (select count(*) from gone), (select looked from reach)
                """, connection) { Parameters = { Value(partition), Value(before), Value(settings.MaintenanceChunk) }, CommandTimeout = 300 };
            await using var row = await expire.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            removed += row.GetInt64(0);
            if (row.GetInt64(0) < settings.MaintenanceChunk) return removed;
        }
    }

    internal static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken stop, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        command.Parameters.AddRange(parameters);
        return (T)(await command.ExecuteScalarAsync(stop))!;
    }
}
