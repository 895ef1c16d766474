using System.Globalization;
using CdcSync.Contract.Changes;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>A table the settings ask for.</summary>
readonly record struct WantedTable(uint Oid, string Schema, string Name, ReplicaIdentity Identity, bool HasKey, bool Published)
{
    public string FullName => $"{Schema}.{Name}";

    public string Quoted => $"{Sql.Identifier(Schema)}.{Sql.Identifier(Name)}";
}

/// <summary>Publication and slot of a source: found as they should be, or made, or an error that says how.</summary>
sealed class PostgresSlot(PostgresSettings settings, NpgsqlDataSource source)
{
    /// <summary>The tables that the settings name, partitions counted as their root.</summary>
    public async Task<List<WantedTable>> TablesAsync(CancellationToken stop)
    {
        const string sql = """
            select c.oid, n.nspname::text, c.relname::text, c.relreplident::text,
                   case c.relreplident when 'f' then true when 'i' then true when 'n' then false
                     else exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary) end,
                   exists (select from pg_publication f where f.pubname = $1 and f.puballtables) or exists (select from pg_publication_tables p where (p.pubname = $1 or p.pubname = $2 and c.relreplident in ('d', 'n') and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)) and p.schemaname = n.nspname and p.tablename = c.relname)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
              and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%'
            order by 2, 3
            """;
        var tables = new List<WantedTable>();
        await using var query = source.CreateCommand(sql);
        query.Parameters.Add(new() { Value = settings.PublicationName });
        query.Parameters.Add(new() { Value = settings.InsertPublicationName });
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            var table = new WantedTable(rows.GetFieldValue<uint>(0), rows.GetString(1), rows.GetString(2), (ReplicaIdentity)rows.GetString(3)[0], rows.GetBoolean(4), rows.GetBoolean(5));
            if (IsWanted(table.FullName)) tables.Add(table);
        }
        return tables;
    }

    /// <summary>Whether the settings name this table.</summary>
    public bool IsWanted(string table) => settings.Tables.Any(given => TableName.Matches(given, table)) && !settings.ExceptTables.Any(given => TableName.Matches(given, table));

    /// <summary>
    /// Makes sure that the tables are published. A table that cannot say which row changed goes to a second publication, of inserts only: in the first one the server
    /// would refuse the application's own updates of it.
    /// </summary>
    /// <exception cref="SourceException">They are not and this role may not change it; the message has the SQL.</exception>
    public async Task PublishAsync(IReadOnlyList<WantedTable> tables, CancellationToken stop)
    {
        foreach (var keyed in (bool[])[true, false])
        {
            var part = tables.Where(t => t.HasKey == keyed).ToList();
            var missing = part.Where(t => !t.Published).ToList();
            if (missing.Count == 0) continue;
            var name = keyed ? settings.PublicationName : settings.InsertPublicationName;
            var sql = await PublicationExistsAsync(name, stop) ? AddSql(name, missing) : CreateSql(name, missing, keyed);
            try
            {
                await using var command = source.CreateCommand(sql);
                await command.ExecuteNonQueryAsync(stop);
            }
            catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InsufficientPrivilege)
            {
                throw new SourceException($"{settings.Name}: the publication {name} lacks {missing.Count} of {part.Count} tables and this role may not change it ({refused.MessageText}). "
                    + $"Let the tables' owner run: {sql};", refused);
            }
        }
    }

    /// <summary>The publications there are.</summary>
    public async Task<IReadOnlyList<string>> PublicationsAsync(CancellationToken stop) =>
        await PublicationExistsAsync(settings.InsertPublicationName, stop)
            ? await PublicationExistsAsync(settings.PublicationName, stop) ? [settings.PublicationName, settings.InsertPublicationName] : [settings.InsertPublicationName]
            : [settings.PublicationName];

    /// <summary>The encoding to ask the server for: UTF-8, but what a SQL_ASCII database holds may be none, and then comes as it is.</summary>
    public async Task<string> EncodingAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("select case when current_setting('server_encoding') = 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end");
        return (string)(await query.ExecuteScalarAsync(stop))!;
    }

    /// <summary>SQL that makes a publication of these tables.</summary>
    public static string CreateSql(string publication, IReadOnlyList<WantedTable> tables, bool keyed) =>
        $"create publication {Sql.Identifier(publication)} for table {string.Join(", ", tables.Select(t => t.Quoted))} "
        + $"with (publish_via_partition_root = true{(keyed ? "" : ", publish = 'insert'")})";

    /// <summary>SQL that adds tables to a publication.</summary>
    public static string AddSql(string publication, IReadOnlyList<WantedTable> tables) =>
        $"alter publication {Sql.Identifier(publication)} add table {string.Join(", ", tables.Select(t => t.Quoted))}";

    async Task<bool> PublicationExistsAsync(string name, CancellationToken stop)
    {
        await using var query = source.CreateCommand("select exists (select from pg_publication where pubname = $1)");
        query.Parameters.Add(new() { Value = name });
        return (bool)(await query.ExecuteScalarAsync(stop))!;
    }

    /// <summary>A slot as the server shows it.</summary>
    public sealed record State(string? Plugin, string Database, bool IsOurs, bool Active, int? Pid, string? WalStatus, ulong? Confirmed, long? HeldBytes);

    public async Task<State?> ReadAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("""
            select plugin::text, coalesce(database::text, ''), database is not distinct from current_database(), active, active_pid, wal_status, confirmed_flush_lsn::text,
                   pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, confirmed_flush_lsn)::bigint
            from pg_replication_slots where slot_name = $1
            """);
        query.Parameters.Add(new() { Value = settings.SlotName });
        await using var row = await query.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop)) return null;
        return new State(row.IsDBNull(0) ? null : row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), row.IsDBNull(4) ? null : row.GetInt32(4),
            row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : Sql.Lsn(row.GetString(6)), row.IsDBNull(7) ? null : row.GetInt64(7));
    }

    /// <summary>
    /// The slot's confirmed place. A slot is made only for a source that never published anything: later, a missing or younger slot means that changes are gone.
    /// </summary>
    public async Task<ulong> OpenAsync(Bookmark? from, CancellationToken stop)
    {
        var slot = await ReadAsync(stop);
        if (slot is null && from is not null)
            throw new SourceException($"{settings.Name}: the replication slot {settings.SlotName} is gone, and with it the changes after {Sql.Lsn((ulong)from.Position.Commit)} that were not read yet. "
                + $"Nothing was made in its place. To go on, publish everything again: `cdcsync snapshot {settings.Name} --restart`");
        if (slot is null) return await CreateAsync(stop);
        if (slot.Plugin != "pgoutput" || !slot.IsOurs)
            throw new SourceException($"{settings.Name}: the slot {settings.SlotName} belongs to plugin {slot.Plugin ?? "(physical)"}, database '{slot.Database}', not to us. Set another 'slot', or drop it: {DropSql}");
        if (slot.WalStatus == "lost" || slot.Confirmed is null)
            throw new SourceException($"{settings.Name}: the server has given up the slot {settings.SlotName} (wal_status {slot.WalStatus}): it held more WAL than max_slot_wal_keep_size. "
                + $"The changes since are gone. Drop it ({DropSql}), raise max_slot_wal_keep_size, and publish everything again: `cdcsync snapshot {settings.Name} --restart`");
        // We confirm a place only when the log has it; (commit, end) is confirmed as commit + 1.
        if (from is not null && slot.Confirmed > ConfirmedLsn(from.Position))
            throw new SourceException($"{settings.Name}: the slot {settings.SlotName} stands at {Sql.Lsn(slot.Confirmed.Value)}, after {Sql.Lsn((ulong)from.Position.Commit)} where the log ends: "
                + $"somebody made it anew or read from it, and what lies between is gone. Publish everything again: `cdcsync snapshot {settings.Name} --restart`");
        return slot.Confirmed.Value;
    }

    /// <summary>The LSN that may be confirmed when everything up to the place is durable.</summary>
    public static ulong ConfirmedLsn(SourcePosition place) => (ulong)place.Commit + (place.Change == UInt128.MaxValue && place.Commit != 0 ? 1UL : 0);

    public string DropSql => $"select pg_drop_replication_slot('{settings.SlotName}')";

    async Task<ulong> CreateAsync(CancellationToken stop)
    {
        await using var command = source.CreateCommand("select lsn::text from pg_create_logical_replication_slot($1, 'pgoutput')");
        command.Parameters.Add(new() { Value = settings.SlotName });
        command.CommandTimeout = 0;   // waits for every transaction now open
        try
        {
            return Sql.Lsn((string)(await command.ExecuteScalarAsync(stop))!);
        }
        catch (PostgresException refused) when (PostgresErrors.Explain(refused, settings) is { } explained)
        {
            throw new SourceException(explained, refused);
        }
    }
}

/// <summary>SQL text.</summary>
static class Sql
{
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public static string Lsn(ulong lsn) => string.Create(CultureInfo.InvariantCulture, $"{lsn >> 32:X}/{lsn & uint.MaxValue:X}");

    public static ulong Lsn(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return ulong.Parse(text.AsSpan(0, slash), NumberStyles.AllowHexSpecifier) << 32 | ulong.Parse(text.AsSpan(slash + 1), NumberStyles.AllowHexSpecifier);
    }
}
