using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>What a slot keeps back at one moment.</summary>
/// <param name="Written">Where the server's log ends.</param>
/// <param name="KeptFrom">From where it is kept; null for a slot that is lost.</param>
/// <param name="WalStatus"><c>reserved</c>, <c>extended</c>, <c>unreserved</c> (lost at the next checkpoint) or <c>lost</c>.</param>
/// <param name="SafeBytes">What may be written before the slot is in danger; null without <c>max_slot_wal_keep_size</c>.</param>
/// <param name="IsRead">A process reads it.</param>
/// <param name="DataFolder">Where the server's files are, if this role may know.</param>
sealed record SlotHold(ulong Written, ulong? KeptFrom, string WalStatus, long? SafeBytes, bool IsRead, string? DataFolder)
{
    public long HeldBytes => KeptFrom is { } from && from < Written ? (long)(Written - from) : 0;

    /// <summary>Null when there is no such slot.</summary>
    public static async Task<SlotHold?> ReadAsync(NpgsqlDataSource source, string slot, CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text, restart_lsn::text, coalesce(wal_status, ''), safe_wal_size, active,
                   (select setting from pg_settings where name = 'data_directory')
            from pg_replication_slots where slot_name = $1
            """);
        query.CommandTimeout = 10;
        query.Parameters.Add(new() { Value = slot });
        await using var row = await query.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop)) return null;
        return new SlotHold(Sql.Lsn(row.GetString(0)), row.IsDBNull(1) ? null : Sql.Lsn(row.GetString(1)), row.GetString(2), row.IsDBNull(3) ? null : row.GetInt64(3), row.GetBoolean(4), row.IsDBNull(5) ? null : row.GetString(5));
    }
}
