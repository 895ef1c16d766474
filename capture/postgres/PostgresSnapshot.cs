using System.Runtime.CompilerServices;
using CdcSync.Capture.Snapshot;
using CdcSync.Capture.Care;
using CdcSync.Contract.Changes;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// The rows of tables at one place of the log. A temporary slot exports the snapshot and says the place: commits before it are in the rows, commits from it on are not.
/// </summary>
sealed class PostgresSnapshot : IAsyncDisposable
{
    // Below, a table is read as it lies and published at once; it need not be gone on with.
    const long SmallBytes = 512 << 10;
    readonly PostgresSettings _settings;
    readonly NpgsqlDataSource _source;
    readonly LoadBudget _load;
    readonly LogicalReplicationConnection _exporter;
    readonly NpgsqlConnection _reader;
    readonly string _name;
    readonly long _takenAt, _transaction;

    PostgresSnapshot(PostgresSettings settings, NpgsqlDataSource source, LoadBudget load, LogicalReplicationConnection exporter, NpgsqlConnection reader, string name, ulong lsn, long takenAt, long transaction)
    {
        (_settings, _source, _load, _exporter, _reader) = (settings, source, load, exporter, reader);
        (_name, Lsn, _takenAt, _transaction) = (name, lsn, takenAt, transaction);
    }

    /// <summary>The place.</summary>
    public ulong Lsn { get; }

    /// <summary>Waits until all transactions now open have ended, as every logical slot does.</summary>
    public static async Task<PostgresSnapshot> OpenAsync(PostgresSettings settings, NpgsqlDataSource source, LoadBudget load, CancellationToken stop)
    {
        var exporter = new LogicalReplicationConnection(
            new NpgsqlConnectionStringBuilder(settings.Connection) { ApplicationName = "cdcsync", CommandTimeout = 0 }.ConnectionString);
        NpgsqlConnection? reader = null;
        try
        {
            await exporter.Open(stop);
            var name = $"cdcsync_snapshot_{Guid.NewGuid():n}";
            var slot = await exporter.CreatePgOutputReplicationSlot(name, temporarySlot: true, slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export, cancellationToken: stop);
            reader = await ReaderAsync(source, slot.SnapshotName!, stop);
            await using var query = new NpgsqlCommand(
                "select (extract(epoch from clock_timestamp()) * 1000000)::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint & 4294967295", reader);
            await using var row = await query.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            return new PostgresSnapshot(settings, source, load, exporter, reader, slot.SnapshotName!, (ulong)slot.ConsistentPoint, row.GetInt64(0), row.GetInt64(1));
        }
        catch
        {
            if (reader is not null) await reader.DisposeAsync();
            await exporter.DisposeAsync();
            throw;
        }
    }

    static async Task<NpgsqlConnection> ReaderAsync(NpgsqlDataSource source, string snapshot, CancellationToken stop)
    {
        var reader = await source.OpenConnectionAsync(stop);
        try
        {
            await using var begin = new NpgsqlCommand(
                $"begin isolation level repeatable read read only; set transaction snapshot {Sql.Literal(snapshot)}; "
                + "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = 0; set local max_parallel_workers_per_gather = 0; "
                + "select set_config('client_encoding', case when current_setting('server_encoding') = 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end, true)", reader);
            await begin.ExecuteNonQueryAsync(stop);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    /// <summary>The table as a relation message would describe it.</summary>
    public async Task<PostgresTable> DescribeAsync(WantedTable wanted, PostgresCatalog catalog, CancellationToken stop)
    {
        var (identity, columns) = await PostgresCatalog.RelationAsync(_reader, wanted.Oid, stop);
        return await catalog.TableAsync(wanted.Oid, wanted.Schema, wanted.Name, identity, columns, stop);
    }

    /// <summary>The key a table can be read by, and how large it is.</summary>
    public async Task<(PostgresKey? Key, long Bytes, long Rows)> MeasureAsync(PostgresTable table, string? column, CancellationToken stop)
    {
        var (bytes, rows) = await PostgresSizes.OfAsync(_reader, table.Oid, stop);
        return (await PostgresKey.OfAsync(_reader, table, column, stop), bytes, rows);
    }

    /// <summary>
    /// Keeps the table from being rewritten while it is read. One that was rewritten since the snapshot looks empty to it: then everything begins again with a new one.
    /// </summary>
    /// <exception cref="IOException">It was.</exception>
    public async Task LockAsync(WantedTable wanted, CancellationToken stop)
    {
        await ExecuteAsync($"lock table {wanted.Quoted} in access share mode", stop);
        await using var query = new NpgsqlCommand("""
            select coalesce(bool_and(c.relfilenode is not distinct from pg_relation_filenode(c.oid)), true)
            from pg_class c where c.relkind = 'r' and (c.oid = $1 or c.oid in (select relid from pg_partition_tree($1)))
            """, _reader);
        query.Parameters.Add(new() { Value = wanted.Oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid });
        if (await query.ExecuteScalarAsync(stop) is not true)
            throw new IOException($"{wanted.FullName} was rewritten while it was about to be read; its rows are read again from a later place");
    }

    /// <summary>Whether a table has rows; what the server says of a filter that is none.</summary>
    public async Task<bool> HasRowsAsync(string quoted, string? filter, CancellationToken stop)
    {
        // Behind a savepoint: a filter that the server refuses must not cost the view.
        await ExecuteAsync("savepoint filter", stop);
        try
        {
            await using var query = PostgresChunks.Alone(_reader, $"select exists (select from {quoted}{(filter is null ? "" : $" where ({filter}\n)")})");
            return await query.ExecuteScalarAsync(stop) is true;
        }
        catch (PostgresException)
        {
            await ExecuteAsync("rollback to savepoint filter", stop);
            throw;
        }
    }

    /// <summary>The rows in key order, after <paramref name="after"/>, in batches; the caller sets what is to be remembered. Without key as they lie.</summary>
    public IAsyncEnumerable<ChangeBatch> ReadAsync(string quoted, PostgresTable table, PostgresKey? key, IReadOnlyList<string>? after, string? filter, long bytes, long rows, CancellationToken stop)
    {
        if (key is null) return CopyAsync(_reader, table, SelectSql(quoted, table, null, filter), stop);
        if (after is null && bytes <= SmallBytes) return WholeAsync(quoted, table, filter, stop);
        var range = (int)Math.Clamp(rows == 0 ? 10_000 : 4L * _settings.BatchBytes / Math.Max(1, bytes / rows), 500, 100_000);
        if (_load.Readers(_settings.SnapshotReaders) == 1 || rows < 2L * range) return CopyAsync(_reader, table, SelectSql(quoted, table, key.Between(after, null), filter) + $" order by {key.Columns}", stop);
        return new ParallelRanges(
            _load.Readers(_settings.SnapshotReaders), connect => ReaderAsync(_source, _name, connect),
            (reader, from, upTo, end) => CopyAsync(reader, table, SelectSql(quoted, table, key.Between(from, upTo), filter) + $" order by {key.Columns}", end),
            from => $"select {key.Texts} from {quoted}{(key.Between(from, null) is { } behind ? $" where {behind}" : "")} order by {key.Columns} offset {range - 1} limit 1").ReadAsync(after, stop);
    }

    async Task ExecuteAsync(string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, _reader);
        await command.ExecuteNonQueryAsync(stop);
    }

    // One batch, so that it is published whole or not at all: in the order in which the rows lie there is no going on.
    async IAsyncEnumerable<ChangeBatch> WholeAsync(string quoted, PostgresTable table, string? filter, [EnumeratorCancellation] CancellationToken stop)
    {
        var whole = new ChangeBatch((int)SmallBytes) { End = new SourcePosition(Lsn, 0) };
        try
        {
            await foreach (var part in CopyAsync(_reader, table, SelectSql(quoted, table, null, filter), stop))
            {
                using var _ = part;
                for (var i = 0; i < part.Count; i++)
                {
                    var row = part[i];
                    if (whole.TryAppend(row, default, row.After.Cells.Span)) continue;
                    whole = Larger(whole);
                    whole.TryAppend(row, default, row.After.Cells.Span);
                }
            }
        }
        catch
        {
            whole.Dispose();
            throw;
        }
        if (whole.Count > 0) yield return whole;
        else whole.Dispose();
    }

    static ChangeBatch Larger(ChangeBatch full)
    {
        using var _ = full;
        var larger = new ChangeBatch(full.Bytes * 4 + (1 << 20)) { End = full.End };
        for (var i = 0; i < full.Count; i++) larger.TryAppend(full[i], default, full[i].After.Cells.Span);
        return larger;
    }

    async IAsyncEnumerable<ChangeBatch> CopyAsync(NpgsqlConnection reader, PostgresTable table, string select, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var copy = await reader.BeginRawBinaryCopyAsync($"copy ({select}) to stdout (format binary)", stop);
        using var rows = new CopyReader(copy);
        var change = new Change(table, Operation.Read, new SourcePosition(Lsn, 0), _transaction, _takenAt, Lsn, default, default);
        var (most, capacity) = (_load.Rows(_settings.BatchChanges), _load.Bytes(_settings.BatchBytes));
        var batch = new ChangeBatch(capacity) { End = change.Position };
        try
        {
            while (await rows.MoveAsync(stop))
            {
                await _load.SpendAsync(1, rows.Row.Length, stop);
                if (batch.Count < most && batch.TryAppend(change, default, rows.Row)) continue;
                var full = batch;
                batch = new ChangeBatch(capacity) { End = change.Position };
                batch.TryAppend(change, default, rows.Row);
                yield return full;
            }
            if (batch.Count == 0) yield break;
            var last = batch;
            batch = null;
            yield return last;
        }
        finally
        {
            batch?.Dispose();
        }
    }

    /// <summary>A table's rows as COPY is to send them; null for columns without reader.</summary>
    public static string SelectSql(string quoted, PostgresTable table, string? between, string? filter)
    {
        var columns = string.Join(", ", table.PostgresColumns.Select(c => c.Type.IsKnown ? Sql.Identifier(c.Name) : $"null::text as {Sql.Identifier(c.Name)}"));
        var conditions = string.Join(" and ", ((string?[])[between, filter is null ? null : $"({filter}\n)"]).Where(c => c is not null));
        return $"select {columns} from {quoted}{(conditions.Length > 0 ? $" where {conditions}" : "")}";
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _exporter.DisposeAsync();
    }
}
