using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>The server and its settings.</summary>
sealed class ServerChecks(PostgresSettings settings, NpgsqlDataSource source, PostgresSlot.State? slot, Findings findings)
{
    const long Megabyte = 1 << 20;

    public async Task RunAsync(CancellationToken stop)
    {
        await SettingsAsync(stop);
        await WalAsync(stop);
        await OpenTransactionsAsync(stop);
    }

    async Task SettingsAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select current_setting('server_version'), current_setting('server_version_num')::int, current_setting('wal_level'),
                   current_setting('max_replication_slots')::int, (select count(*) from pg_replication_slots), current_setting('max_wal_senders')::int, (select count(*) from pg_stat_replication),
                   pg_is_in_recovery(), (select setting::bigint from pg_settings where name = 'wal_sender_timeout'), (select setting::bigint * 1024 from pg_settings where name = 'logical_decoding_work_mem'),
                   current_setting('server_encoding'), current_setting('hot_standby_feedback') = 'on'
            """);
        await using var row = await query.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        var version = row.GetInt32(1);
        findings.Check(version >= 140000, $"PostgreSQL {row.GetString(0)}", "Version 14 or later is needed");
        findings.Check(row.GetString(2) == "logical", $"wal_level is {row.GetString(2)}", "alter system set wal_level = 'logical'; -- then restart the server");
        // One for good, one while existing rows are read.
        var (slots, senders) = (row.GetInt32(3) - row.GetInt64(4), row.GetInt32(5) - row.GetInt64(6));
        var (needSlots, needSenders) = (slot is null ? 2 : 1, slot is { Active: true } ? 1 : 2);
        findings.Check(slots >= needSlots, $"{slots} replication slots free, {needSlots} needed", $"alter system set max_replication_slots = {row.GetInt32(3) + 10}; -- then restart the server, or drop slots nobody reads");
        findings.Check(senders >= needSenders, $"{senders} WAL senders free, {needSenders} needed", $"alter system set max_wal_senders = {row.GetInt32(5) + 10}; -- then restart the server");
        if (row.GetBoolean(7)) Standby(version, row.GetBoolean(11));
        if (row.GetInt64(8) is > 0 and < 10_000)
            findings.Warn($"wal_sender_timeout is {row.GetInt64(8)} ms: connections may be cut under load", "alter system set wal_sender_timeout = '60s'; select pg_reload_conf();");
        if (row.GetInt64(9) < 16 * Megabyte)
            findings.Warn($"logical_decoding_work_mem is {Findings.Size(row.GetInt64(9))}: transactions larger than that are spooled to the server's disk while they are decoded", "alter system set logical_decoding_work_mem = '64MB'; select pg_reload_conf();");
        if (row.GetString(10) == "SQL_ASCII")
            findings.Warn("The database's encoding is SQL_ASCII: it may hold text in any encoding; what is not UTF-8 arrives with U+FFFD and a header that says so", "Mend the text at the source, or in a mapping with convert_from(column::bytea, 'LATIN1')");
        else findings.Pass($"The database's encoding is {row.GetString(10)}");
    }

    void Standby(int version, bool feedback)
    {
        if (version < 160000)
        {
            findings.Fail("The server is a standby; before version 16 it cannot decode", "Point 'connection' at the primary");
            return;
        }
        findings.Warn("The server is a standby: making a slot waits for the primary's next checkpoint record, and a promotion ends the slot's use", "On the primary, when it waits: select pg_log_standby_snapshot();");
        if (!feedback) findings.Fail("hot_standby_feedback is off: the primary's vacuum would invalidate the slot", "alter system set hot_standby_feedback = on; select pg_reload_conf();");
    }

    // What the server keeps while we are away, for how long that lasts at its usual rate, and what the disk must have free.
    async Task WalAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select (select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size'),
                   (select (wal_bytes / nullif(extract(epoch from now() - stats_reset), 0))::double precision from pg_stat_wal where now() - stats_reset > interval '10 minutes'),
                   has_function_privilege('pg_ls_waldir()', 'execute')
            """);
        long? keep;
        double? rate;
        bool mayList;
        await using (var row = await query.ExecuteReaderAsync(stop))
        {
            await row.ReadAsync(stop);
            keep = row.IsDBNull(0) || row.GetInt64(0) < 0 ? null : row.GetInt64(0) * Megabyte;
            rate = row.IsDBNull(1) ? null : row.GetDouble(1);
            mayList = row.GetBoolean(2);
        }
        var usual = rate is > 0 ? $" At the usual {Findings.Size(rate.Value * 3600)} an hour" : "";
        if (keep is null)
            findings.Warn($"max_slot_wal_keep_size is unlimited: while CdcSync is down the server keeps all WAL for it, until the disk is full.{(usual.Length > 0 ? $"{usual} that is {Findings.Size(rate!.Value * 86400)} a day" : "")}",
                "alter system set max_slot_wal_keep_size = '50GB'; select pg_reload_conf(); -- less than what the disk of pg_wal has free");
        else if (rate is > 0 && keep / rate < 86400)
            findings.Warn($"The server keeps {Findings.Size(keep.Value)} of WAL for an absent reader.{usual} CdcSync may be away for {keep.Value / rate.Value / 3600:0.0} hours before it must read everything anew",
                "Raise max_slot_wal_keep_size, if the disk of pg_wal allows");
        else findings.Pass($"The server keeps {Findings.Size(keep.Value)} of WAL for an absent reader{(usual.Length > 0 ? $":{usual.ToLowerInvariant()} that is {keep.Value / rate!.Value / 3600:0} hours" : "")}; the disk of pg_wal must have it free, which SQL cannot tell");
        if (!mayList) return;
        await using var size = source.CreateCommand("select coalesce(sum(size), 0)::bigint from pg_ls_waldir()");
        findings.Pass($"pg_wal now holds {Findings.Size((long)(await size.ExecuteScalarAsync(stop))!)}");
    }

    // Slots and snapshots begin when every transaction now open has ended.
    async Task OpenTransactionsAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select 'transaction of backend ' || pid || coalesce(' (' || usename || ')', ''), extract(epoch from now() - xact_start)::bigint, 'select pg_terminate_backend(' || pid || '); -- or wait for it'
            from pg_stat_activity where backend_xid is not null and xact_start < now() - interval '10 minutes' and pid <> pg_backend_pid()
            union all select 'prepared transaction ' || gid, extract(epoch from now() - prepared)::bigint, 'rollback prepared ' || quote_literal(gid) || '; -- or commit prepared'
            from pg_prepared_xacts where prepared < now() - interval '10 minutes' order by 2 desc limit 5
            """);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            findings.Warn($"{settings.Name}: a {rows.GetString(0)} is open for {rows.GetInt64(1) / 60} minutes: making a slot and reading existing rows wait for its end", rows.GetString(2));
    }
}
