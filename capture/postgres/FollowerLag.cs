using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>How far the server's standbys are behind, and our own stream.</summary>
static class FollowerLag
{
    /// <summary>Bytes of log of the furthest one; 0 without any. A role that may not see the others' connections sees only standbys that have a slot.</summary>
    /// <param name="source">The server.</param>
    /// <param name="slot">Our slot.</param>
    /// <param name="withOwn">Whether it counts: not while the stream stands still for the snapshot.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<long> ReadAsync(NpgsqlDataSource source, string slot, bool withOwn, CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            with here as (select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end as lsn)
            select coalesce(max(greatest(pg_wal_lsn_diff(here.lsn, follower.lsn), 0)), 0)::bigint
            from here, (
              select replay_lsn as lsn from pg_stat_replication r where not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')
              union all select restart_lsn from pg_replication_slots where slot_type = 'physical' and active
              union all select confirmed_flush_lsn from pg_replication_slots where slot_name = $1 and $2) follower
            """);
        query.CommandTimeout = 10;
        query.Parameters.Add(new() { Value = slot });
        query.Parameters.Add(new() { Value = withOwn });
        return await query.ExecuteScalarAsync(stop) as long? ?? 0;
    }
}
