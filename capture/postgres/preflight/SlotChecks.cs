using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Our slot, and others' that hold the server's log.</summary>
sealed class SlotChecks(PostgresSettings settings, NpgsqlDataSource source, PostgresSlot.State? slot, Findings findings)
{
    string Drop => $"select pg_drop_replication_slot({Sql.Literal(settings.SlotName)}); -- then: cdcsync snapshot {settings.Name} --restart";

    public async Task RunAsync(CancellationToken stop)
    {
        if (slot is null) findings.Pass($"The slot {settings.SlotName} is not there yet; `run` makes it");
        else if (slot.Plugin != "pgoutput" || !slot.IsOurs) findings.Fail($"The slot {settings.SlotName} belongs to plugin {slot.Plugin ?? "(physical)"}, database '{slot.Database}'", "Set another 'slot'");
        else if (slot.WalStatus == "lost") findings.Fail($"The slot {settings.SlotName} is lost: the server gave its WAL up, and the changes since are gone", Drop);
        else await OwnAsync(slot, stop);
        await OthersAsync(stop);
    }

    async Task OwnAsync(PostgresSlot.State own, CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn)::bigint, safe_wal_size, two_phase,
                   to_jsonb(s) ->> 'invalidation_reason', coalesce((to_jsonb(s) ->> 'failover')::boolean, false), current_setting('server_version_num')::int,
                   exists (select from pg_replication_slots p where p.slot_type = 'physical'), coalesce((select spill_bytes from pg_stat_replication_slots r where r.slot_name = s.slot_name), 0)
            from pg_replication_slots s where slot_name = $1
            """);
        query.Parameters.Add(new() { Value = settings.SlotName });
        await using var row = await query.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop)) return;
        var held = row.IsDBNull(0) ? 0 : row.GetInt64(0);
        var safe = row.IsDBNull(1) ? (long?)null : row.GetInt64(1);
        if (!row.IsDBNull(3)) findings.Fail($"The slot {settings.SlotName} is invalid ({row.GetString(3)}): the changes since are gone", Drop);
        else if (own.WalStatus == "unreserved") findings.Fail($"The slot {settings.SlotName} holds {Findings.Size(held)} and is lost at the next checkpoint", "Start `cdcsync run` at once, and raise max_slot_wal_keep_size: alter system set max_slot_wal_keep_size = '100GB'; select pg_reload_conf();");
        else if (safe is { } left && left < held) findings.Warn($"The slot {settings.SlotName} holds {Findings.Size(held)} of WAL; after {Findings.Size(left)} more it is lost", "Start `cdcsync run`, or raise max_slot_wal_keep_size");
        else findings.Pass($"The slot {settings.SlotName} holds {Findings.Size(held)} of WAL");
        if (own.Active) findings.Warn($"The slot {settings.SlotName} is being read by backend {own.Pid}", "That is another CdcSync, or ours running");
        if (row.GetBoolean(2)) findings.Warn($"The slot {settings.SlotName} was made with two_phase: prepared transactions arrive before they commit", "Drop it and let `run` make it");
        if (row.GetInt64(7) > 1 << 30) findings.Warn($"Decoding for {settings.SlotName} has spooled {Findings.Size(row.GetInt64(7))} to the server's disk", "alter system set logical_decoding_work_mem = '256MB'; select pg_reload_conf();");
        if (!row.GetBoolean(6)) return;
        if (row.GetInt32(5) < 170000) findings.Warn("The server has standbys, and before version 17 a slot does not go over to them: after a promotion it is missing", $"After a promotion: cdcsync snapshot {settings.Name} --restart");
        else if (!row.GetBoolean(4)) findings.Warn($"The slot {settings.SlotName} is not a failover slot: after a promotion it is missing", $"Over a replication connection: ALTER_REPLICATION_SLOT {settings.SlotName} (FAILOVER true); and sync_replication_slots = on at the standby");
    }

    async Task OthersAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select slot_name::text, coalesce(plugin::text, slot_type), coalesce(wal_status, ''), pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn)::bigint
            from pg_replication_slots where slot_name <> $1 and not active and not temporary order by 4 desc nulls last limit 10
            """);
        query.Parameters.Add(new() { Value = settings.SlotName });
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            findings.Warn($"Nobody reads the slot {rows.GetString(0)} ({rows.GetString(1)}){(rows.IsDBNull(3) || rows.GetString(2) == "lost" ? ", which is lost" : $": it holds {Findings.Size(rows.GetInt64(3))} of WAL")}",
                $"If it is not needed any more: select pg_drop_replication_slot({Sql.Literal(rows.GetString(0))});");
    }
}
