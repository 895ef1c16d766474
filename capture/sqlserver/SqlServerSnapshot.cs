using CdcSync.Capture.Care;
using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>A table to be read, and what is remembered of it.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Mark">What its rows are; first and last ones are told apart only among <see cref="ReadMark.Row"/>.</param>
/// <param name="Progress">What the state says once a row is handed on; with how many were published by then.</param>
/// <param name="DoneAsync">The table is complete.</param>
sealed record TableReading(TableRows Rows, ReadMark Mark, Func<DatabaseState, byte[], int, DatabaseState> Progress, Func<int, CancellationToken, Task> DoneAsync);

/// <summary>
/// Publishes the rows that are there so that they fit the stream, without writing to the source. Rows are read at a moment; the stream goes on until the capture job has read
/// the log beyond that moment; rows whose keys it told of meanwhile are left out, or completed with the large values it left out. What remains is the truth at the stream's place.
/// </summary>
sealed class SqlServerSnapshot(SqlServerConnections connections, DatabaseStream stream, BatchWriter writer, SnapshotFence fence, LoadBudget load, ILogger log)
{
    readonly SqlServerSettings _settings = connections.Settings;

    /// <summary>What was never published, or is to be published again.</summary>
    public async Task RunAsync(SqlConnection control, SqlServerSource owner, CancellationToken stop)
    {
        var tables = stream.Tables.Where(t => !writer.State.Done.Contains(t.FullName)).OrderBy(t => t.FullName == writer.State.Table ? 0 : 1).ThenBy(t => t.FullName, StringComparer.Ordinal).ToList();
        if (tables.Count == 0) return;
        owner.Report(SourceState.Snapshot);
        Log.SnapshotStarts(log, $"{_settings.Name}/{connections.Database}", tables.Count);
        var isFirst = writer.State is { Done.Count: 0, Table: null };
        await ReadAsync(control, tables.ConvertAll(First), writer.State.Again ? SnapshotIsolation.Chunks : _settings.SnapshotIsolation, isFirst, stop);
        writer.State = writer.State with { Again = false };
        load.Begin();
        Log.SnapshotDone(log, $"{_settings.Name}/{connections.Database}", writer.Place);
    }

    TableReading First(SqlServerTable table)
    {
        var rows = new TableRows(table, table.Key, writer.State.Table == table.FullName && writer.State.LastKey?.Count == table.Key.Count && table.Key.Count > 0 ? writer.State.LastKey : null);
        return new TableReading(rows, writer.State.Again ? ReadMark.Incremental : ReadMark.Row, (state, row, _) => state with { Table = table.FullName, LastKey = rows.KeyOf(row) }, async (_, end) =>
        {
            writer.State = writer.State with { Done = [.. writer.State.Done, table.FullName], Table = null, LastKey = null };
            await writer.HandOnAsync(writer.Place, true, end);
        });
    }

    /// <summary>Reads tables one after the other.</summary>
    /// <param name="control">Where the stream asks.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="isolation">How they are read.</param>
    /// <param name="isFirst">The first row is the first of all.</param>
    /// <param name="stop">Gives up.</param>
    public async Task ReadAsync(SqlConnection control, List<TableReading> tables, SnapshotIsolation isolation, bool isFirst, CancellationToken stop)
    {
        switch (isolation)
        {
            case SnapshotIsolation.Snapshot:
                await AtOnceAsync(control, tables, 0, tables.Count, "set transaction isolation level snapshot; begin transaction;", isolation, isFirst, stop);
                break;
            case SnapshotIsolation.Locks:
                var begin = $"set transaction isolation level read committed; set lock_timeout {(int)_settings.LockTimeout.TotalMilliseconds}; begin transaction;";
                for (var i = 0; i < tables.Count; i++) await AtOnceAsync(control, tables, i, i + 1, begin, isolation, isFirst, stop);
                break;
            default:
                for (var i = 0; i < tables.Count; i++) await ChunksAsync(control, tables, i, isFirst, stop);
                break;
        }
    }

    async Task AtOnceAsync(SqlConnection control, List<TableReading> tables, int from, int to, string begin, SnapshotIsolation isolation, bool isFirst, CancellationToken stop)
    {
        await using var reading = await connections.OpenAsync(stop, pooled: false);
        await connections.ExecuteAsync(reading, begin, stop);
        var hint = isolation == SnapshotIsolation.Locks ? "with (holdlock, tablock)" : "";
        if (isolation == SnapshotIsolation.Locks)
            foreach (var table in tables[from..to]) await connections.ExecuteAsync(reading, Statements.Of("lock", ("table", table.Rows.Table.Quoted)), stop);
        var moment = await fence.MomentAsync(reading, stop);
        var names = tables[from..to].Select(t => t.Rows.Table.FullName).ToHashSet(StringComparer.Ordinal);
        var dirty = new DirtyKeys(t => names.Contains(t.FullName));
        await fence.PassAsync(control, moment, dirty, giveUp: null, stop);
        for (var i = from; i < to; i++)
        {
            var (table, count) = (tables[i], 0);
            byte[]? held = null;
            await using (var rows = await table.Rows.OpenAsync(connections, reading, most: null, hint, stop))
            {
                var images = new RowReader(table.Rows.Table);
                while (await SqlServerConnections.MoveAsync(rows, stop))
                {
                    images.Clear();
                    images.Append(rows, 0, default);
                    await load.SpendAsync(1, images.Bytes.Length, stop);
                    var settled = dirty.Settle(table.Rows.Table, images.Bytes).ToArray();
                    if (settled.Length == 0) continue;
                    // One behind, so that the last row can say that it is.
                    if (held is not null) await PublishAsync(table, held, ++count, MarkOf(table, count == 1, isLast: false, i == 0 && isFirst, isEnd: false), fence.Micros(moment), stop);
                    held = settled;
                }
            }
            if (held is not null) await PublishAsync(table, held, ++count, MarkOf(table, count == 1, isLast: true, i == 0 && isFirst, await IsEndAsync(reading, tables, i, stop)), fence.Micros(moment), stop);
            await FinishAsync(table, count, stop);
        }
        await connections.ExecuteAsync(reading, "rollback transaction;", stop);
    }

    async Task ChunksAsync(SqlConnection control, List<TableReading> tables, int at, bool isFirst, CancellationToken stop)
    {
        var (table, count) = (tables[at], 0);
        for (var rows = table.Rows; ;)
        {
            await load.SpendAsync(0, 0, stop);
            var (chunk, moment, isLast) = await ChunkAsync(rows, stop);
            var dirty = new DirtyKeys(t => t.FullName == rows.Table.FullName);
            if (chunk.Count > 0) await fence.PassAsync(control, moment, dirty, giveUp: null, stop);
            var isEnd = isLast && table.Mark == ReadMark.Row && await IsEndAsync(null, tables, at, stop);
            for (var i = 0; i < chunk.Count; i++)
                if (dirty.Settle(rows.Table, chunk[i]) is { IsEmpty: false } settled)
                    await PublishAsync(table, settled.ToArray(), ++count, MarkOf(table, count == 1 && table.Rows.After is null, isLast && i == chunk.Count - 1, at == 0 && isFirst, isEnd), fence.Micros(moment), stop);
            if (isLast) break;
            rows = rows with { After = rows.KeyOf(chunk[^1]) };
            await writer.HandOnAsync(writer.Place, true, stop);
        }
        await FinishAsync(table, count, stop);
    }

    /// <summary>The next rows of a table, the moment they were read at, and whether they are the last.</summary>
    public async Task<(List<byte[]> Rows, DateTime Moment, bool IsLast)> ChunkAsync(TableRows rows, CancellationToken stop)
    {
        var (chunk, images) = (new List<byte[]>(), new RowReader(rows.Table));
        await using var reading = await connections.OpenAsync(stop);
        var isWhole = rows.Key.Count == 0;
        var most = load.Rows(_settings.ChunkRows);
        // One more than a chunk tells whether another follows.
        await using (var found = await rows.OpenAsync(connections, reading, isWhole ? null : most + 1, hint: "", stop))
            while (await SqlServerConnections.MoveAsync(found, stop))
            {
                images.Clear();
                images.Append(found, 0, default);
                chunk.Add(images.Bytes.ToArray());
            }
        var isLast = isWhole || chunk.Count <= most;
        load.Spend(chunk.Count, chunk.Sum(r => (long)r.Length));
        if (!isLast) chunk.RemoveAt(chunk.Count - 1);
        return (chunk, await fence.MomentAsync(reading, stop), isLast);
    }

    async Task PublishAsync(TableReading table, byte[] row, int count, ReadMark mark, long takenAt, CancellationToken stop)
    {
        await writer.AddAsync(table.Rows.Table, mark, row, takenAt, stop);
        // Only from here on: a full batch was handed on without this row.
        writer.Progress = state => table.Progress(state, row, count);
    }

    async Task FinishAsync(TableReading table, int count, CancellationToken stop)
    {
        writer.Progress = null;
        await table.DoneAsync(count, stop);
    }

    // As Debezium: the last of all before the first of all, these before the first and last of a table.
    static ReadMark MarkOf(TableReading table, bool isFirst, bool isLast, bool isBeginning, bool isEnd) => table.Mark != ReadMark.Row ? table.Mark
        : isLast && isEnd ? ReadMark.Last : isFirst && isBeginning ? ReadMark.First : isLast ? ReadMark.LastOfTable : isFirst ? ReadMark.FirstOfTable : ReadMark.Row;

    // Whether no table after it has rows.
    async Task<bool> IsEndAsync(SqlConnection? reading, List<TableReading> tables, int at, CancellationToken stop)
    {
        if (at == tables.Count - 1) return true;
        await using var own = reading is null ? await connections.OpenAsync(stop) : null;
        for (var i = at + 1; i < tables.Count; i++)
        {
            await using var rows = await tables[i].Rows.OpenAsync(connections, reading ?? own!, most: 1, hint: "", stop);
            if (await SqlServerConnections.MoveAsync(rows, stop)) return false;
        }
        return true;
    }
}
