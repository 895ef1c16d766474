using CdcSync.Capture.Care;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>What a chunk saw: <paramref name="Seen"/> says it of a transaction, and every transaction it saw was committed before <paramref name="Lsn"/>.</summary>
sealed record ChunkFence(ulong Lsn, Func<long, bool> Seen);

/// <summary>What is known of a chunk before its rows are there; set by its reader, looked at by the stream.</summary>
sealed class ChunkTicket
{
    volatile ChunkFence? _fence;
    ulong _flushed = ulong.MaxValue;

    public ChunkFence? Fence { get => _fence; set => _fence = value; }

    /// <summary>How far the log was on disk when all that the chunk saw was.</summary>
    public ulong Flushed { get => Volatile.Read(ref _flushed); set => Volatile.Write(ref _flushed, value); }
}

/// <summary>Rows of one table in key order, as of one moment.</summary>
/// <param name="Rows">The rows; empty when there are none left.</param>
/// <param name="Asked">Where the snapshot stands with them.</param>
/// <param name="IsLast">No rows are left.</param>
/// <param name="HasKey">False for a table that cannot be read in chunks; it has no rows then.</param>
sealed record Chunk(ChangeBatch Rows, AskedSnapshot Asked, bool IsLast, bool HasKey = true);

/// <summary>
/// Reads chunks on a connection of its own, each in a short read-only transaction. The table is locked against being rewritten before the transaction takes its view:
/// PostgreSQL shows an older view an empty table after that.
/// </summary>
sealed class PostgresChunks(PostgresSettings settings, NpgsqlDataSource source, LoadBudget load) : IAsyncDisposable
{
    const long CountedBytes = 32 << 20;
    readonly PostgresCatalog _catalog = new(source);
    NpgsqlConnection? _connection;
    (string Name, string? Key, string Fingerprint, PostgresTable Table, PostgresKey? By)? _known;
    int _limit = load.Rows(settings.SnapshotChunkRows);

    /// <summary>Reads on from where the snapshot stands. The ticket has the fence before the rows are there.</summary>
    public async Task<Chunk> ReadAsync(AskedSnapshot asked, ChunkTicket ticket, CancellationToken stop)
    {
        try
        {
            var connection = _connection ??= await source.OpenConnectionAsync(stop);
            var chunk = await ReadAsync(connection, asked, ticket, stop);
            await ExecuteAsync(connection, "commit", stop);
            return chunk;
        }
        catch
        {
            if (_connection is { } broken) await broken.DisposeAsync();
            _connection = null;
            throw;
        }
    }

    /// <summary>How far the server's log is on disk; what was committed before now is in it, asynchronous commits a moment later.</summary>
    public async Task FlushedAsync(ChunkTicket ticket, CancellationToken stop)
    {
        await using var query = source.CreateCommand("select pg_current_wal_flush_lsn()::text");
        ticket.Flushed = Sql.Lsn((string)(await query.ExecuteScalarAsync(stop))!);
    }

    async Task<Chunk> ReadAsync(NpgsqlConnection connection, AskedSnapshot asked, ChunkTicket ticket, CancellationToken stop)
    {
        var name = asked.Tables[0];
        var dot = name.Name.IndexOf('.', StringComparison.Ordinal);
        var quoted = $"{Sql.Identifier(name.Name[..dot])}.{Sql.Identifier(name.Name[(dot + 1)..])}";
        await ExecuteAsync(connection, $"""
            begin isolation level repeatable read read only; set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0;
            set local enable_seqscan = off; set local enable_bitmapscan = off; set local max_parallel_workers_per_gather = 0;
            lock table {quoted} in access share mode
            """, stop);
        var (takenAt, oid, fingerprint, lsn) = await TakeAsync(connection, quoted, ticket, stop);
        if (_known is not { } known || (known.Name, known.Key, known.Fingerprint) != (name.Name, name.Key, fingerprint))
        {
            _catalog.Forget();
            var (identity, columns) = await PostgresCatalog.RelationAsync(connection, oid, stop);
            var table = await _catalog.TableAsync(oid, name.Name[..dot], name.Name[(dot + 1)..], identity, columns, stop);
            known = (name.Name, name.Key, fingerprint, table, await PostgresKey.OfAsync(connection, table, name.Key, stop));
            _known = known;
        }
        if (known.By is not { } key) return new Chunk(new ChangeBatch(0), asked, IsLast: true, HasKey: false);
        if (asked.Chunk == 0) asked = await BeginAsync(connection, asked, quoted, oid, key, stop);
        if (asked.MaxKey is null) return new Chunk(new ChangeBatch(0), asked, IsLast: true);
        return await RowsAsync(connection, asked, known.Table, key, quoted, takenAt, lsn, stop);
    }

    static async Task<(long TakenAt, uint Oid, string Fingerprint, ulong Lsn)> TakeAsync(NpgsqlConnection connection, string quoted, ChunkTicket ticket, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand($"""
            select pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text, (extract(epoch from clock_timestamp()) * 1000000)::bigint,
                   set_config('client_encoding', case when current_setting('server_encoding') = 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end, true), c.oid,
                   c.relreplident::text || (select md5(string_agg(concat_ws(',', attnum, attname, atttypid, atttypmod, attnotnull, attisdropped), ';' order by attnum)) from pg_attribute where attrelid = c.oid and attnum > 0)
                     || (select coalesce(string_agg(indexrelid::text, ',' order by indexrelid), '') from pg_index where indrelid = c.oid and indisunique and indisvalid)
            from pg_class c where c.oid = {Sql.Literal(quoted)}::regclass
            """, connection);
        await using var row = await query.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop)) throw new IOException($"{quoted} was replaced while it was about to be read");
        var lsn = Sql.Lsn(row.GetString(1));
        ticket.Fence = new ChunkFence(lsn, Visibility.Seen(row.GetString(0)));
        return (row.GetInt64(2), row.GetFieldValue<uint>(4), row.GetString(5), lsn);
    }

    // The greatest key is fixed at the start: rows that come behind it are in the stream, and reading ends.
    static async Task<AskedSnapshot> BeginAsync(NpgsqlConnection connection, AskedSnapshot asked, string quoted, uint oid, PostgresKey key, CancellationToken stop)
    {
        var where = asked.Tables[0].Filter is { } filter ? $" where ({filter}\n)" : "";
        var size = await PostgresSizes.OfAsync(connection, oid, stop);
        long? total = where.Length > 0 ? null : size.Rows;
        if (size.Bytes <= CountedBytes) total = await CountAsync(connection, $"select count(*) from {quoted}{where}", stop);
        await using var query = Alone(connection, $"select {key.Texts} from {quoted}{where} order by {key.Descending} limit 1");
        await using var row = await query.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop)) return asked with { Total = 0 };
        var greatest = new string[row.FieldCount];
        for (var i = 0; i < greatest.Length; i++) greatest[i] = row.GetString(i);
        return asked with { MaxKey = greatest, Total = total };
    }

    async Task<Chunk> RowsAsync(NpgsqlConnection connection, AskedSnapshot asked, PostgresTable table, PostgresKey key, string quoted, long takenAt, ulong lsn, CancellationToken stop)
    {
        var batch = new ChangeBatch(load.Bytes(settings.BatchBytes));
        try
        {
            var select = $"{PostgresSnapshot.SelectSql(quoted, table, key.Between(asked.LastKey, asked.MaxKey), asked.Tables[0].Filter)} order by {key.Columns} limit {_limit}";
            if (asked.Tables[0].Filter is not null)
            {
                await using var alone = Alone(connection, select);
                await using var described = await alone.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly, stop);
            }
            await using var copy = await connection.BeginRawBinaryCopyAsync($"copy ({select}) to stdout (format binary)", stop);
            using var rows = new CopyReader(copy);
            var change = new Change(table, Operation.Read, new SourcePosition(lsn, 0), 0, takenAt, 0, default, default) { Mark = ReadMark.Incremental };
            var cut = false;
            while (!cut && await rows.MoveAsync(stop)) cut = !batch.TryAppend(change, default, rows.Row);
            var last = batch.Count == 0 ? asked.LastKey : key.Of(batch[batch.Count - 1].After);
            var isLast = !cut && batch.Count < _limit || last is not null && last.SequenceEqual(asked.MaxKey!);
            // As many as fit into a batch: what is read beyond is read for nothing.
            _limit = cut ? Math.Max(1, batch.Count) : (int)Math.Min(load.Rows(settings.SnapshotChunkRows), _limit * 2L);
            load.Spend(batch.Count, batch.Bytes);
            return new Chunk(batch, asked with { Chunk = asked.Chunk + 1, LastKey = last, Rows = asked.Rows + batch.Count }, isLast);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    static async Task<long?> CountAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var query = Alone(connection, sql);
        return (long?)await query.ExecuteScalarAsync(stop);
    }

    /// <summary>
    /// A query with a filter in it, which is somebody's SQL: sent so that the server takes one statement only. What it accepts like this may stand inside COPY's parentheses too.
    /// </summary>
    public static NpgsqlBatch Alone(NpgsqlConnection connection, string select) => new(connection) { BatchCommands = { new NpgsqlBatchCommand(select) } };

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
    }
}

/// <summary>How large a table is, its partitions together.</summary>
static class PostgresSizes
{
    public static async Task<(long Bytes, long Rows)> OfAsync(NpgsqlConnection connection, uint oid, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("""
            select coalesce(sum(pg_table_size(c.oid)), 0)::bigint, coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
            from pg_class c where c.relkind in ('r', 'm') and (c.oid = $1 or c.oid in (select relid from pg_partition_tree($1)))
            """, connection);
        query.Parameters.Add(new() { Value = oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid });
        await using var row = await query.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return (row.GetInt64(0), row.GetInt64(1));
    }
}
