using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>
/// Publishes the rows that are there so that they fit the stream, without writing to the source. Rows are read at a moment; the stream goes on until the capture job has read
/// the log beyond that moment; rows whose keys it told of meanwhile are left out, or completed with the large values it left out. What remains is the truth at the stream's place.
/// </summary>
sealed class SqlServerSnapshot(SqlServerConnections connections, DatabaseStream stream, BatchWriter writer, ILogger log, TimeProvider clock)
{
    /// <summary>Marks rows published again while the stream goes on: Debezium's <c>source.snapshot = incremental</c>.</summary>
    public const ulong Incremental = 1;

    readonly SqlServerSettings _settings = connections.Settings;
    readonly ServerClock _time = new(connections.Settings);

    public async Task RunAsync(SqlConnection control, SqlServerSource owner, CancellationToken stop)
    {
        var tables = stream.Catalog.Instances.Values.Where(i => stream.Catalog.IsWanted(i.Table)).GroupBy(i => i.Table.FullName, (_, same) => same.MaxBy(i => i.ObjectId)!.Table)
            .Where(t => !writer.State.Done.Contains(t.FullName)).OrderBy(t => t.FullName == writer.State.Table ? 0 : 1).ThenBy(t => t.FullName, StringComparer.Ordinal).ToList();
        if (tables.Count == 0) return;
        owner.Report(SourceState.Snapshot);
        Log.SnapshotStarts(log, $"{_settings.Name}/{connections.Database}", tables.Count);
        switch (writer.State.Again ? SnapshotIsolation.Chunks : _settings.SnapshotIsolation)
        {
            case SnapshotIsolation.Snapshot:
                await AtOnceAsync(control, tables, "set transaction isolation level snapshot; begin transaction;", stop);
                break;
            case SnapshotIsolation.Locks:
                var begin = $"set transaction isolation level read committed; set lock_timeout {(int)_settings.LockTimeout.TotalMilliseconds}; begin transaction;";
                foreach (var table in tables) await AtOnceAsync(control, [table], begin, stop);
                break;
            default:
                foreach (var table in tables) await ChunksAsync(control, table, stop);
                break;
        }
        writer.State = writer.State with { Again = false };
        Log.SnapshotDone(log, $"{_settings.Name}/{connections.Database}", writer.Place);
    }

    async Task AtOnceAsync(SqlConnection control, List<SqlServerTable> tables, string begin, CancellationToken stop)
    {
        await using var reading = await connections.OpenAsync(stop, pooled: false);
        await connections.ExecuteAsync(reading, begin, stop);
        if (_settings.SnapshotIsolation == SnapshotIsolation.Locks)
            foreach (var table in tables) await connections.ExecuteAsync(reading, Statements.Of("lock", ("table", table.Quoted)), stop);
        var moment = await MomentAsync(reading, stop);
        var dirty = new DirtyKeys(t => tables.Exists(o => o.FullName == t.FullName));
        await FenceAsync(control, moment, dirty, stop);
        foreach (var table in tables)
        {
            await using var rows = await RowsAsync(reading, table, ResumeKey(table), top: "", stop);
            var images = new RowReader(table);
            while (await SqlServerConnections.MoveAsync(rows, stop))
            {
                images.Clear();
                images.Append(rows, 0, default);
                await PublishAsync(table, images.Bytes.ToArray(), dirty, _time.Micros(moment), 0, stop);
            }
            await FinishAsync(table, stop);
        }
        await connections.ExecuteAsync(reading, "rollback transaction;", stop);
    }

    async Task ChunksAsync(SqlConnection control, SqlServerTable table, CancellationToken stop)
    {
        for (var after = ResumeKey(table); ;)
        {
            var rows = new List<byte[]>();
            DateTime moment;
            await using (var reading = await connections.OpenAsync(stop))
            {
                await using (var found = await RowsAsync(reading, table, after, table.Key.Count == 0 ? "" : $"top ({_settings.ChunkRows}) ", stop))
                {
                    var images = new RowReader(table);
                    while (await SqlServerConnections.MoveAsync(found, stop))
                    {
                        images.Clear();
                        images.Append(found, 0, default);
                        rows.Add(images.Bytes.ToArray());
                    }
                }
                moment = await MomentAsync(reading, stop);
            }
            var dirty = new DirtyKeys(t => t.FullName == table.FullName);
            if (rows.Count > 0) await FenceAsync(control, moment, dirty, stop);
            foreach (var row in rows) await PublishAsync(table, row, dirty, _time.Micros(moment), writer.State.Again ? Incremental : 0, stop);
            if (rows.Count < _settings.ChunkRows || table.Key.Count == 0) break;
            after = KeyOf(table, rows[^1]);
            await writer.HandOnAsync(writer.Place, true, stop);
        }
        await FinishAsync(table, stop);
    }

    async Task PublishAsync(SqlServerTable table, byte[] row, DirtyKeys dirty, long takenAt, ulong marker, CancellationToken stop)
    {
        var settled = dirty.Settle(table, row).ToArray();
        if (settled.Length > 0)
            await writer.AddAsync(new Change(table, Operation.Read, writer.Place, 0, takenAt, marker, default, default), [], settled, writer.Place, true, stop);
        // Only from here on: a full batch was handed on without this row.
        writer.Progress = state => state with { Table = table.FullName, LastKey = KeyOf(table, row) };
    }

    async Task FinishAsync(SqlServerTable table, CancellationToken stop)
    {
        writer.Progress = null;
        writer.State = writer.State with { Done = [.. writer.State.Done, table.FullName], Table = null, LastKey = null };
        await writer.HandOnAsync(writer.Place, true, stop);
    }

    IReadOnlyList<string>? ResumeKey(SqlServerTable table) =>
        writer.State.Table == table.FullName && writer.State.LastKey?.Count == table.Key.Count && table.Key.Count > 0 ? writer.State.LastKey : null;

    static List<string>? KeyOf(SqlServerTable table, byte[] row) => table.Key.Count == 0 ? null : [.. table.Key.Select(k =>
    {
        new RowImage(row).Cell(k, out var cell);
        return SqlServerValue.Text(table.SqlColumns[k].Type, cell.Span);
    })];

    Task<SqlDataReader> RowsAsync(SqlConnection connection, SqlServerTable table, IReadOnlyList<string>? after, string top, CancellationToken stop)
    {
        var key = table.Key.Select(k => table.SqlColumns[k]).ToList();
        var text = Statements.Of("rows", ("top ", top), ("columns", table.SelectList), ("table", table.Quoted),
            ("hint", _settings.SnapshotIsolation == SnapshotIsolation.Locks && !writer.State.Again ? "with (holdlock, tablock)" : ""), ("after", after is null ? "1 = 1" : After(key, 0)),
            ("order", key.Count == 0 ? "" : $"order by {string.Join(", ", key.Select(k => Statements.Quote(k.Name)))}"));
        return connections.ReadAsync(connection, text, stop, after is null ? [] : [.. key.Select((k, i) => SqlServerValue.Parameter($"@k{i}", k.Type, after[i]))]);
    }

    static string After(List<SqlServerColumn> key, int at)
    {
        var column = Statements.Quote(key[at].Name);
        return at == key.Count - 1 ? $"{column} > @k{at}" : $"({column} > @k{at} or ({column} = @k{at} and {After(key, at + 1)}))";
    }

    async Task<DateTime> MomentAsync(SqlConnection connection, CancellationToken stop)
    {
        await using var reader = await connections.ReadAsync(connection, Statements.Of("moment"), stop);
        await SqlServerConnections.MoveAsync(reader, stop);
        var moment = reader.GetDateTime(0);
        _time.OffsetMinutes = reader.GetInt32(1);
        return moment;
    }

    // Streams until the capture job has read the log beyond a moment.
    async Task FenceAsync(SqlConnection control, DateTime moment, DirtyKeys dirty, CancellationToken stop)
    {
        var scans = new ScanWatch(connections);
        var began = clock.GetTimestamp();
        for (var told = false; ;)
        {
            while (await stream.PollAsync(control, dirty, stop))
            {
            }
            if (await ReachedAsync(control, moment, scans, stop) is { } fence)
            {
                while (writer.Place.Commit < fence && await stream.PollAsync(control, dirty, stop, fence))
                {
                }
                return;
            }
            if (!told && clock.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
            {
                told = true;
                Log.CaptureJobWaits(log, _settings.Name, connections.Database);
            }
            await Task.Delay(_settings.PollInterval, clock, stop);
        }
    }

    async Task<UInt128?> ReachedAsync(SqlConnection control, DateTime moment, ScanWatch scans, CancellationToken stop)
    {
        var scanned = await scans.IsPastAsync(stop);
        await using var reader = await connections.ReadAsync(control, Statements.Of("fence"), stop, new SqlParameter("@moment", System.Data.SqlDbType.DateTime) { Value = moment });
        await SqlServerConnections.MoveAsync(reader, stop);
        var max = SqlServerConnections.LsnOf(reader, 0) ?? 0;
        var isPast = !reader.IsDBNull(1) && reader.GetBoolean(1);
        return isPast || scanned ? max : null;
    }
}
