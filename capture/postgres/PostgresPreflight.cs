using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Looks at everything a source needs, and changes nothing.</summary>
sealed class PostgresPreflight(PostgresSettings settings, NpgsqlDataSource source)
{
    readonly List<PreflightResult> _results = [];
    readonly PostgresSlot _slot = new(settings, source);

    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop)
    {
        try
        {
            await ServerAsync(stop);
            await TablesAsync(stop);
            await SlotAsync(stop);
        }
        catch (NpgsqlException refused)
        {
            Add(PreflightLevel.Fail, $"{settings.Name}: {refused.Message}", "Check 'connection', the server, and pg_hba.conf");
        }
        return _results;
    }

    async Task ServerAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select current_setting('server_version'), current_setting('server_version_num')::int, current_setting('wal_level'),
                   (select rolreplication or rolsuper from pg_roles where rolname = current_user), current_user::text,
                   current_setting('max_replication_slots')::int - (select count(*) from pg_replication_slots), current_setting('max_wal_senders')::int - (select count(*) from pg_stat_replication),
                   current_setting('max_slot_wal_keep_size', true), pg_is_in_recovery(), (select setting::bigint from pg_settings where name = 'wal_sender_timeout')
            """);
        await using var row = await query.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        var version = row.GetInt32(1);
        Check(version >= 140000, $"PostgreSQL {row.GetString(0)}", "Version 14 or later is needed");
        Check(row.GetString(2) == "logical", $"wal_level is {row.GetString(2)}", "alter system set wal_level = 'logical'; -- then restart the server");
        Check(row.GetBoolean(3), $"Role {row.GetString(4)} may {(row.GetBoolean(3) ? "" : "not ")}replicate", $"alter role {Sql.Identifier(row.GetString(4))} replication;");
        Check(row.GetInt64(5) >= 2, $"{row.GetInt64(5)} replication slots free, 2 needed", "alter system set max_replication_slots = 20; -- then restart the server, or drop slots nobody reads");
        Check(row.GetInt64(6) >= 2, $"{row.GetInt64(6)} WAL senders free, 2 needed", "alter system set max_wal_senders = 20; -- then restart the server");
        if (row.GetString(7) == "-1")
            Add(PreflightLevel.Warn, "max_slot_wal_keep_size is unlimited: while CdcSync is down the server keeps all WAL for it", "alter system set max_slot_wal_keep_size = '50GB'; select pg_reload_conf();");
        if (row.GetBoolean(8) && version < 160000) Add(PreflightLevel.Fail, "The server is a standby; before version 16 it cannot decode", "Point 'connection' at the primary");
        if (row.GetInt64(9) is > 0 and < 10_000)
            Add(PreflightLevel.Warn, $"wal_sender_timeout is {row.GetInt64(9)} ms: connections may be cut under load", "alter system set wal_sender_timeout = '60s'; select pg_reload_conf();");
    }

    async Task TablesAsync(CancellationToken stop)
    {
        var tables = await _slot.TablesAsync(stop);
        if (tables.Count == 0)
        {
            Add(PreflightLevel.Fail, $"No table matches {string.Join(", ", settings.Tables)}", "Check 'tables', and that the connection's database is the right one");
            return;
        }
        Add(PreflightLevel.Pass, $"{tables.Count} tables match");
        foreach (var table in tables.Where(t => !t.HasKey))
            Add(PreflightLevel.Warn, $"{table.FullName} has no primary key and no replica identity: its inserts come, updates and deletes do not", $"alter table {table.Quoted} replica identity full;");
        foreach (var keyed in (bool[])[true, false])
        {
            var missing = tables.Where(t => t.HasKey == keyed && !t.Published).ToList();
            if (missing.Count > 0)
                Add(PreflightLevel.Warn, $"{missing.Count} tables are not published yet; `run` publishes them if the role owns them, else let their owner run the fix",
                    PostgresSlot.CreateSql(keyed ? settings.PublicationName : settings.InsertPublicationName, missing, keyed) + ";");
        }
        await using var query = source.CreateCommand("select t.oid from unnest($1::oid[]) t(oid) where not has_table_privilege(t.oid, 'select')");
        query.Parameters.Add(new() { Value = tables.Select(t => t.Oid).ToArray(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Oid });
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            var table = tables.First(t => t.Oid == rows.GetFieldValue<uint>(0));
            Add(PreflightLevel.Fail, $"The role may not read {table.FullName}", $"grant select on {table.Quoted} to {Sql.Identifier(new NpgsqlConnectionStringBuilder(settings.Connection).Username ?? "role")};");
        }
    }

    async Task SlotAsync(CancellationToken stop)
    {
        var slot = await _slot.ReadAsync(stop);
        if (slot is null) Add(PreflightLevel.Pass, $"The slot {settings.SlotName} is not there yet; `run` makes it");
        else if (slot.Plugin != "pgoutput" || !slot.IsOurs) Add(PreflightLevel.Fail, $"The slot {settings.SlotName} belongs to plugin {slot.Plugin}, database '{slot.Database}'", "Set another 'slot'");
        else if (slot.WalStatus == "lost") Add(PreflightLevel.Fail, $"The slot {settings.SlotName} is lost: its WAL is gone", _slot.DropSql + ";");
        else if (slot.Active) Add(PreflightLevel.Warn, $"The slot {settings.SlotName} is being read by backend {slot.Pid}", "That is another CdcSync, or ours running");
        else Add(PreflightLevel.Pass, $"The slot {settings.SlotName} holds {slot.HeldBytes / 1048576.0:0.0} MiB of WAL");
    }

    void Check(bool holds, string what, string fix) => Add(holds ? PreflightLevel.Pass : PreflightLevel.Fail, what, holds ? null : fix);

    void Add(PreflightLevel level, string what, string? fix = null) => _results.Add(new PreflightResult(level, what, fix));
}
