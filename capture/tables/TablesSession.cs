using System.Threading.Channels;
using CdcSync.Contract.Changes;
using CdcSync.Capture.Postgres;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Tables;

/// <summary>
/// One connection's worth of polling. A round asks where the source stands and publishes everything that became visible up to there, table by table. Between rounds a
/// chunk of existing rows is read; the next round tells which of them have changed meanwhile, and the others are published: no lock, no long transaction, no gap.
/// </summary>
sealed class TablesSession(TablesSettings settings, ChannelWriter<ChangeBatch> output, ILogger log, TimeProvider clock, TablesSource owner, Bookmark? from) : IDisposable
{
    readonly TablesState _resumed = TablesState.Parse(from?.State);
    readonly BatchFill _fill = new(settings, from?.Position ?? default);
    readonly List<string> _done = [.. TablesState.Parse(from?.State).Done ?? []];
    IReadOnlyList<TableWay> _ways = [];
    TableChunks? _chunks;
    Moment _from, _now;
    Moment? _to;
    TableWay? _at;
    bool _complete, _isCut = TablesState.Parse(from?.State).To is not null;
    string? _written = from?.State;
    SourcePosition _spentAt;
    long _spentTime;
    List<(TableWay Way, string Condition)> _spent = [];
    long _beatAt = clock.GetTimestamp();

    /// <summary>Where the next session goes on: the end of what was handed on.</summary>
    public Bookmark? Bookmark { get; private set; } = from;

    /// <summary>How many batches this session handed on.</summary>
    public long HandedOn { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        owner.Report(SourceState.Connecting);
        await using var connection = await SourceConnection.OpenAsync(settings, clock, stop);
        _ways = await OpenWaysAsync(connection, stop);
        await StartAsync(connection, stop);
        var pause = settings.PollInterval;
        while (true)
        {
            var before = HandedOn;
            await RoundAsync(connection, stop);
            var reading = await SnapshotAsync(connection, stop);
            if (!reading) await CleanUpAsync(connection, stop);
            var changed = HandedOn > before;
            if (await HeartbeatAsync(connection, stop)) return;
            if (reading) continue;
            pause = changed || !_complete ? settings.PollInterval : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, settings.IdleInterval.Ticks));
            await Task.Delay(pause, clock, stop);
        }
    }

    async Task<IReadOnlyList<TableWay>> OpenWaysAsync(SourceConnection connection, CancellationToken stop)
    {
        var ways = new List<TableWay>();
        foreach (var watched in settings.Tables.OrderBy(t => t.Table, StringComparer.Ordinal))
        {
            var table = await PlainCatalog.DescribeAsync(connection, watched, log, stop);
            ways.Add(await TableWays.OpenAsync(settings, connection, watched, table, _resumed.Marks?.GetValueOrDefault(table.FullName), clock, log, stop));
        }
        return ways;
    }

    async Task StartAsync(SourceConnection connection, CancellationToken stop)
    {
        _now = await connection.ObserveAsync(stop);
        if (Bookmark is null || _resumed.From is null)
        {
            _from = _now;
            _fill.StartRound(_now.Micros);
            await HandOnAsync(_fill.Take(), stop);
        }
        else
        {
            _from = new Moment(0, _resumed.From);
            if (_resumed.To is { } to)
            {
                (_to, _at) = (new Moment(_now.Micros, to), _ways.FirstOrDefault(w => w.Table.FullName == _resumed.At));
                _at?.Last = _resumed.Last;      // what is written before the round goes on says it as well
            }
        }
        _complete = settings.Snapshot == SnapshotMode.Never || _ways.All(w => _done.Contains(w.Table.FullName));
        if (!_complete) Log.ChunksStart(log, settings.Name, _ways.Count(w => !_done.Contains(w.Table.FullName)));
        if (_ways.Count(w => !w.IsReady) is > 0 and var unsettled) Log.Settles(log, settings.Name, settings.Lag, unsettled);
        _chunks = new TableChunks(settings, connection, owner.Load, _resumed);
        _fill.Changed = _chunks.Changed;
        owner.Report(_complete ? SourceState.Streaming : SourceState.Snapshot);
        if (_complete) await HandOnAsync(_fill.Take(), stop);
        Log.Streaming(log, settings.Name, _fill.Place);
    }

    async Task RoundAsync(SourceConnection connection, CancellationToken stop, Moment? at = null)
    {
        if (_to is null)
        {
            _now = at ?? await connection.ObserveAsync(stop);
            _to = _now;
            _fill.StartRound(_now.Micros);
        }
        var (first, last) = (_ways.Index().FirstOrDefault(w => w.Item == _at).Index, _at?.Last);
        foreach (var way in _ways) way.Begin(_from, _to!.Value);
        _at?.Last = last;
        var fresh = await FreshAsync(connection, stop);
        for (var i = first; i < _ways.Count; i++)
        {
            if (!fresh.Contains(i) || IsReadWholeLater(_ways[i])) continue;
            _at = _ways[i];
            while (!await _at.ReadAsync(connection, _fill, stop))
                if (_fill.IsFull || _fill.Count >= settings.BatchRows) await HandOnAsync(_fill.Take(), stop);
        }
        (_from, _to, _at) = (_to!.Value, null, null);
        if (_fill.Count > 0 || _isCut) await HandOnAsync(_fill.Take(), stop);
    }

    // A table without key is read at one moment: what changed before is in its rows, and could not be told from them.
    bool IsReadWholeLater(TableWay way) => !_complete && way is WindowedChanges && way.Table.Key.Count == 0 && !_done.Contains(way.Table.FullName);

    // One cheap query says which tables have something new; none where the database itself has not moved.
    async Task<HashSet<int>> FreshAsync(SourceConnection connection, CancellationToken stop)
    {
        var fresh = new HashSet<int>();
        var statement = new Statement(connection.Dialect);
        var asked = 0;
        foreach (var (i, way) in _ways.Index())
        {
            if (way is WindowedChanges && _from.Open == _to!.Value.Open) continue;
            if (!connection.Dialect.CanAskAll || way.Peek(statement) is not { } peek)
            {
                fresh.Add(i);
                continue;
            }
            statement.Append(asked++ > 0 ? " union all " : "").Append($"select {i} where exists ({peek})");
        }
        if (asked == 0) return fresh;
        await using var command = connection.Command(statement);
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) fresh.Add(Convert.ToInt32(rows.GetValue(0), System.Globalization.CultureInfo.InvariantCulture));
        return fresh;
    }

    // True while there are rows to read at once.
    async Task<bool> SnapshotAsync(SourceConnection connection, CancellationToken stop)
    {
        if (_complete) return false;
        foreach (var batch in _chunks!.Publish(_fill, _now.Micros)) await HandOnAsync(batch, stop);
        if (_chunks.Finished is { } finished)
        {
            Log.ChunksDone(log, settings.Name, finished.Table, finished.Rows);
            _done.Add(finished.Table);
            _chunks.Finished = null;
            await HandOnAsync(_fill.Take(), stop);
        }
        var next = _ways.FirstOrDefault(w => !_done.Contains(w.Table.FullName) && w.IsReady && (_chunks.Table is null || _chunks.Table == w.Table.FullName))
            ?? _ways.FirstOrDefault(w => !_done.Contains(w.Table.FullName) && w.IsReady);
        if (next is not null && owner.Load.MayRead(stop))
        {
            if (next.Table.Key.Count > 0) await _chunks.ReadAsync(next, stop);
            else await ReadWholeAsync(connection, next, stop);
            return true;
        }
        _complete = _ways.All(w => _done.Contains(w.Table.FullName));
        if (!_complete) return false;
        owner.Load.Begin();
        Log.SnapshotDone(log, settings.Name, _fill.Place);
        owner.Report(SourceState.Streaming);
        await HandOnAsync(_fill.Take(), stop);
        return false;
    }

    // Without a key nothing says which of the rows have changed since: rows and changes are read at one moment.
    async Task ReadWholeAsync(SourceConnection connection, TableWay way, CancellationToken stop)
    {
        await connection.BeginAsync(stop);
        try
        {
            await RoundAsync(connection, stop, await connection.ObserveAsync(stop));
            var count = 0L;
            await foreach (var batch in _chunks!.ReadWholeAsync(way, _fill, _now.Micros, stop))
            {
                count += batch.Count;
                await HandOnAsync(batch, stop);
            }
            _done.Add(way.Table.FullName);
            await HandOnAsync(_fill.Take(), stop);
            Log.ChunksDone(log, settings.Name, way.Table.FullName, count);
        }
        finally
        {
            await connection.EndAsync();
        }
    }

    async Task CleanUpAsync(SourceConnection connection, CancellationToken stop)
    {
        if (!settings.CleanUp) return;
        // A round that found nothing adds nothing to the log, but shows that older transactions have ended.
        if (_spent.Count == 0 && (Bookmark!.Position != _spentAt || clock.GetElapsedTime(_spentTime) > settings.HeartbeatInterval))
        {
            (_spentAt, _spentTime) = (Bookmark.Position, clock.GetTimestamp());
            _spent = [.. _ways.Select(w => (Way: w, Condition: w.Spent(_from)!)).Where(s => s.Condition is not null)];
        }
        if (owner.Acknowledged < _spentAt) return;
        foreach (var one in _spent.ToList())
        {
            var rows = new ChangeRows(connection.Dialect, one.Way.Watched, one.Way.Table);
            var count = await connection.ExecuteAsync(new Statement(connection.Dialect).Append(connection.Dialect.Delete(rows.Quoted, rows.Id, one.Condition, settings.CleanUpRows)), stop);
            if (count > 0) Log.CleanedUp(log, settings.Name, one.Way.Table.FullName, count);
            if (count < settings.CleanUpRows) _spent.Remove(one);
        }
    }

    // True when columns have changed: the next session begins with them.
    async Task<bool> HeartbeatAsync(SourceConnection connection, CancellationToken stop)
    {
        if (clock.GetElapsedTime(_beatAt) < settings.HeartbeatInterval) return false;
        _beatAt = clock.GetTimestamp();
        if (State() != _written) await HandOnAsync(_fill.Take(), stop);
        foreach (var way in _ways)
        {
            var now = await TableWays.NarrowAsync(connection, way.Watched, await PlainCatalog.DescribeAsync(connection, way.Watched, null, stop), null, stop);
            if (now.Looks(way.Table)) continue;
            Log.ColumnsChanged(log, settings.Name, way.Table.FullName);
            return true;
        }
        return false;
    }

    string State() => new TablesState(_from.Open, _to?.Open, _at?.Table.FullName, _at?.Last,
        _ways.Where(w => w.Mark is not null).ToDictionary(w => w.Table.FullName, w => w.Mark!) is { Count: > 0 } marks ? marks : null,
        _done, _chunks?.Table, _chunks?.LastKey).Write();

    async Task HandOnAsync(ChangeBatch batch, CancellationToken stop)
    {
        // A round's end is the end of all transactions in it.
        _isCut = _to is not null;
        (batch.State, batch.IsSnapshotDone, batch.EndsTransaction) = (State(), _complete, !_isCut);
        var bookmark = new Bookmark(batch.End, batch.State);
        var last = batch.Count > 0 ? batch[batch.Count - 1].CommittedAt : (long?)null;
        await output.WriteAsync(batch, stop);
        (Bookmark, _written, HandedOn) = (bookmark, batch.State, HandedOn + 1);
        owner.Report(_complete ? SourceState.Streaming : SourceState.Snapshot, bookmark.Position, last);
    }

    public void Dispose() => _fill.Dispose();
}
