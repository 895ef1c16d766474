using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>
/// Carries out what signals ask for, between two looks at the change tables. Incremental: a chunk is read, the stream goes on until the capture job has passed its moment, and
/// what the stream has not overtaken goes out. Blocking: the tables are read as the first snapshot reads them, and the stream waits.
/// </summary>
sealed class SqlServerSignals(SqlServerConnections connections, DatabaseStream stream, SqlServerSnapshot snapshot, SnapshotFence fence, BatchWriter writer, SnapshotBook book, SignalQueue queue, SqlServerSource owner, ILogger log)
{
    readonly SqlServerSettings _settings = connections.Settings;

    /// <summary>Takes the rows of the signal table out of a batch: what they ask for is durable with it, or neither is.</summary>
    public void Take(ChangeBatch batch)
    {
        for (var i = 0; _settings.Signals.Table is not null && i < batch.Count; i++)
            if (batch[i] is { Operation: Operation.Create } row && row.Table.FullName == _settings.Signals.Table && SignalRow.Of(row) is var signal) book.Take(signal, null, stream.Names);
    }

    /// <summary>Does the next piece; false when there is nothing to do.</summary>
    public async Task<bool> StepAsync(SqlConnection control, CancellationToken stop)
    {
        if (!queue.IsEmpty)
        {
            while (queue.TryTake(out var signal)) book.Take(signal!.Signal, signal.Number, stream.Names);
            await writer.HandOnAsync(writer.Place, true, stop);
        }
        owner.Report(book.Status);
        if (book.Blocking is { } blocking) await PassAsync(control, blocking, stop);
        else if (book.Incremental is { } asked && owner.Load.MayRead(stop)) await ChunkAsync(control, asked, stop);
        else return false;
        owner.Report(book.Status);
        return true;
    }

    async Task ChunkAsync(SqlConnection control, AskedSnapshot asked, CancellationToken stop)
    {
        var wanted = asked.Tables[0];
        var table = TableOf(wanted.Name);
        if (table is null || (wanted.Key is { } surrogate && table.Find(surrogate) < 0))
        {
            book.LeaveOut(asked, "UNKNOWN_SCHEMA", table is null ? "it is not captured any more" : $"it has no captured column '{wanted.Key}' to read by");
            await writer.HandOnAsync(writer.Place, true, stop);
            return;
        }
        IReadOnlyList<int> key = wanted.Key is null ? table.Key : [table.Find(wanted.Key)];
        if (key.Count == 0)
        {
            book.ReadInOnePass(asked);
            await writer.HandOnAsync(writer.Place, true, stop);
            return;
        }
        try
        {
            await ReadAsync(control, asked, new TableRows(table, key, asked.LastKey, asked.MaxKey, wanted.Filter), stop);
        }
        catch (SqlException refused) when (SqlServerErrors.IsStatement(refused))
        {
            book.LeaveOut(asked, "SQL_EXCEPTION", refused.Message);
            await writer.HandOnAsync(writer.Place, true, stop);
        }
    }

    async Task ReadAsync(SqlConnection control, AskedSnapshot asked, TableRows rows, CancellationToken stop)
    {
        var measured = asked;
        if (asked.MaxKey is null)
        {
            await using var measuring = await connections.OpenAsync(stop);
            var (last, total) = await rows.MeasureAsync(connections, measuring, stop);
            (rows, measured) = (rows with { UpTo = last }, asked with { MaxKey = last, Total = total });
        }
        if (measured.MaxKey is not null) await PublishAsync(control, asked, measured, rows, stop);
        else
        {
            book.ChunkRead(measured, 0, isLast: true, _settings.ChunkRows);
            await writer.HandOnAsync(writer.Place, true, stop);
        }
    }

    async Task PublishAsync(SqlConnection control, AskedSnapshot asked, AskedSnapshot measured, TableRows rows, CancellationToken stop)
    {
        var (chunk, moment, isLast) = await snapshot.ChunkAsync(rows, stop);
        var dirty = new DirtyKeys(t => t.FullName == rows.Table.FullName, rows.Table.Key.Count > 0 ? null : rows.Key);
        // What a signal changes meanwhile is looked at first: the chunk is read again, or not at all.
        if (chunk.Count > 0 && !await fence.PassAsync(control, moment, dirty, () => !queue.IsEmpty || !ReferenceEquals(book.Incremental, asked), stop)) return;
        for (var i = 0; i < chunk.Count; i++)
        {
            if (dirty.Settle(rows.Table, chunk[i]) is not { IsEmpty: false } settled) continue;
            await writer.AddAsync(rows.Table, ReadMark.Incremental, settled.ToArray(), fence.Micros(moment), stop);
            var so = measured with { LastKey = rows.KeyOf(chunk[i]), Rows = measured.Rows + i + 1 };
            writer.Progress = state =>
            {
                book.Set(book.Progress.WithCurrent(so));
                return state;
            };
        }
        writer.Progress = null;
        book.ChunkRead(measured with { LastKey = chunk.Count == 0 ? measured.LastKey : rows.KeyOf(chunk[^1]), Chunk = measured.Chunk + 1, Rows = measured.Rows + chunk.Count }, chunk.Count, isLast, _settings.ChunkRows);
        await writer.HandOnAsync(writer.Place, true, stop);
    }

    async Task PassAsync(SqlConnection control, AskedSnapshot asked, CancellationToken stop)
    {
        owner.Report(SourceState.Snapshot);
        foreach (var gone in asked.Tables.Where(t => TableOf(t.Name) is null)) Log.TableLeftOut(log, _settings.Name, asked.Id, gone.Name, "it is not captured any more");
        var there = asked.Tables.Where(t => TableOf(t.Name) is not null).ToList();
        var names = there.ConvertAll(t => t.Name);
        if (asked.LastKey is null) book.Told.AddRange(book.Notices.InitialStarted(asked.Id, names));
        Log.SnapshotStarts(log, $"{_settings.Name}/{connections.Database}", there.Count);
        try
        {
            await snapshot.ReadAsync(control, there.ConvertAll(t => Reading(asked, t, there)), _settings.SnapshotIsolation, isFirst: asked.LastKey is null, stop);
            book.Told.Add(book.Notices.InitialCompleted(asked.Id));
        }
        catch (SqlException refused) when (SqlServerErrors.IsStatement(refused) && book.Blocking is { } now)
        {
            writer.Progress = null;
            Log.TableLeftOut(log, _settings.Name, now.Id, now.Tables[0].Name, refused.Message);
            book.Set(book.Progress.WithCurrent(now.Next()));
            await writer.HandOnAsync(writer.Place, true, stop);
            return;
        }
        if (book.Blocking is { } left && left.Id == asked.Id) book.Set(book.Progress.WithCurrent(null));     // tables that are gone
        book.End();
        await writer.HandOnAsync(writer.Place, true, stop);
        owner.Report(SourceState.Streaming);
    }

    TableReading Reading(AskedSnapshot asked, AskedTable wanted, List<AskedTable> all)
    {
        var table = TableOf(wanted.Name)!;
        var at = all.IndexOf(wanted);
        var (after, before) = at == 0 && table.Key.Count > 0 ? (asked.LastKey, asked.Rows) : (null, 0);
        var rows = new TableRows(table, table.Key, after, UpTo: null, wanted.Filter);
        // A row of the signal table may have stopped it meanwhile: then nothing of it is remembered any more.
        void Stands(AskedSnapshot? now)
        {
            if (book.Blocking?.Id == asked.Id) book.Set(book.Progress.WithCurrent(now));
        }
        AskedSnapshot So(long count, IReadOnlyList<string>? last) => new(asked.Id, Blocking: true, all[at..]) { LastKey = last, Rows = before + count };
        return new TableReading(rows, ReadMark.Row, (state, row, count) =>
        {
            Stands(So(count, rows.KeyOf(row)));
            return state;
        }, async (count, end) =>
        {
            book.Told.Add(book.Notices.InitialTableRead(asked.Id, wanted.Name, before + count, [.. all.Select(t => t.Name)]));
            Stands(So(count, null).Next());
            book.RowsRead(asked.Id, wanted.Name, count, before + count, null, all.Count - 1 - at);
            await writer.HandOnAsync(writer.Place, true, end);
        });
    }

    SqlServerTable? TableOf(string name) => stream.Tables.FirstOrDefault(t => t.Collection == name);
}
