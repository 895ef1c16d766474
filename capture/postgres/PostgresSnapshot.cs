using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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
    readonly LogicalReplicationConnection _exporter;
    readonly NpgsqlConnection _reader;
    readonly long _takenAt;

    PostgresSnapshot(LogicalReplicationConnection exporter, NpgsqlConnection reader, ulong lsn, long takenAt) =>
        (_exporter, _reader, Lsn, _takenAt) = (exporter, reader, lsn, takenAt);

    /// <summary>The place.</summary>
    public ulong Lsn { get; }

    /// <summary>Waits until all transactions now open have ended, as every logical slot does.</summary>
    public static async Task<PostgresSnapshot> OpenAsync(PostgresSettings settings, NpgsqlDataSource source, CancellationToken stop)
    {
        var exporter = new LogicalReplicationConnection(
            new NpgsqlConnectionStringBuilder(settings.Connection) { ApplicationName = "cdcsync", CommandTimeout = 0 }.ConnectionString);
        NpgsqlConnection? reader = null;
        try
        {
            await exporter.Open(stop);
            var name = $"cdcsync_snapshot_{Guid.NewGuid():n}";
            var slot = await exporter.CreatePgOutputReplicationSlot(name, temporarySlot: true, slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export, cancellationToken: stop);
            reader = await source.OpenConnectionAsync(stop);
            await using var begin = new NpgsqlCommand(
                $"begin isolation level repeatable read read only; set transaction snapshot {Sql.Literal(slot.SnapshotName!)}; "
                + "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = 0; "
                + "select (extract(epoch from clock_timestamp()) * 1000000)::bigint, "
                + "set_config('client_encoding', case when current_setting('server_encoding') = 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end, true)", reader);
            var takenAt = (long)(await begin.ExecuteScalarAsync(stop))!;
            return new PostgresSnapshot(exporter, reader, (ulong)slot.ConsistentPoint, takenAt);
        }
        catch
        {
            if (reader is not null) await reader.DisposeAsync();
            await exporter.DisposeAsync();
            throw;
        }
    }

    /// <summary>The table as a relation message would describe it.</summary>
    public async Task<PostgresTable> DescribeAsync(WantedTable wanted, PostgresCatalog catalog, CancellationToken stop)
    {
        var (identity, columns) = await PostgresCatalog.RelationAsync(_reader, wanted.Oid, stop);
        return await catalog.TableAsync(wanted.Oid, wanted.Schema, wanted.Name, identity, columns, stop);
    }

    /// <summary>The rows in key order, after <paramref name="after"/>, in batches; the caller sets what is to be remembered.</summary>
    public async IAsyncEnumerable<ChangeBatch> ReadAsync(
        WantedTable wanted, PostgresTable table, IReadOnlyList<string>? after, PostgresSettings settings, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var copy = await _reader.BeginRawBinaryCopyAsync(CopySql(wanted, table, after), stop);
        using var rows = new CopyReader(copy);
        var position = new SourcePosition(Lsn, 0);
        var batch = new ChangeBatch(settings.BatchBytes);
        try
        {
            while (await rows.MoveAsync(stop))
            {
                var change = new Change(table, Operation.Read, position, 0, _takenAt, Lsn, default, default);
                if (batch.Count < settings.BatchChanges && batch.TryAppend(change, default, rows.Row)) continue;
                var full = batch;
                batch = new ChangeBatch(settings.BatchBytes);
                batch.TryAppend(change, default, rows.Row);
                full.End = position;
                yield return full;
            }
            batch.End = position;
            var last = batch;
            batch = null;
            yield return last;
        }
        finally
        {
            batch?.Dispose();
        }
    }

    static string CopySql(WantedTable wanted, PostgresTable table, IReadOnlyList<string>? after)
    {
        var columns = string.Join(", ", table.PostgresColumns.Select(c => c.Type.IsKnown ? Sql.Identifier(c.Name) : $"null::text as {Sql.Identifier(c.Name)}"));
        var key = table.Key.Select(k => table.PostgresColumns[k]).ToList();
        var keys = string.Join(", ", key.Select(k => Sql.Identifier(k.Name)));
        var where = after is null ? "" : $" where ({keys}) > ({string.Join(", ", after.Select((text, i) => $"{Sql.Literal(text)}::{key[i].Type.Name}"))})";
        var order = key.Count == 0 ? "" : $" order by {keys}";
        return $"copy (select {columns} from {wanted.Quoted}{where}{order}) to stdout (format binary)";
    }

    /// <summary>The key of a row as the server's text, to go on after it.</summary>
    public static IReadOnlyList<string>? KeyOf(PostgresTable table, RowImage row)
    {
        if (table.Key.Count == 0) return null;
        return [.. table.Key.Select(k =>
        {
            row.Cell(k, out var cell);
            return PgText.Of(table.PostgresColumns[k].Type, cell.Span);
        })];
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _exporter.DisposeAsync();
    }
}

/// <summary>Rows of COPY's binary format as row images.</summary>
sealed class CopyReader(Stream copy) : IDisposable
{
    byte[] _buffer = new byte[128 * 1024];
    byte[] _row = new byte[16 * 1024];
    int _start, _end, _length;
    bool _started;

    /// <summary>The row moved to; valid until the next move.</summary>
    public ReadOnlySpan<byte> Row => _row.AsSpan(0, _length);

    public async ValueTask<bool> MoveAsync(CancellationToken stop)
    {
        if (!_started)
        {
            await NeedAsync(19, stop);
            _start += 19;
            _started = true;
        }
        var need = 2;
        while (true)
        {
            if (_end - _start < need) await NeedAsync(need, stop);
            if (BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_start)) < 0) return false;
            if (TryRow(out need)) return true;
        }
    }

    bool TryRow(out int need)
    {
        var input = _buffer.AsSpan(_start, _end - _start);
        var count = BinaryPrimitives.ReadInt16BigEndian(input);
        var at = 2;
        _length = 0;
        for (; count > 0; count--)
        {
            need = at + 4;
            if (input.Length < need) return false;
            var length = BinaryPrimitives.ReadInt32BigEndian(input[at..]);
            var size = length < 0 ? 4 : 4 + length;
            need = at + size;
            if (input.Length < need) return false;
            if (_row.Length < _length + size + 1) Array.Resize(ref _row, Math.Max(_row.Length * 2, _length + size + 1));
            if (length < 0)
            {
                _row[_length++] = (byte)CellKind.Null;
            }
            else
            {
                _row[_length++] = (byte)CellKind.Binary;
                input.Slice(at, size).CopyTo(_row.AsSpan(_length));
                _length += size;
            }
            at += size;
        }
        _start += at;
        need = 0;
        return true;
    }

    async ValueTask NeedAsync(int size, CancellationToken stop)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_buffer.Length < size) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, size));
        while (_end < size)
        {
            var read = await copy.ReadAsync(_buffer.AsMemory(_end), stop);
            if (read == 0) throw new IOException("The server ended COPY inside a row");
            _end += read;
        }
    }

    public void Dispose() => copy.Dispose();
}
