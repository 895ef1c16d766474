using System.Threading.Channels;
using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// One connection's worth of a source: prepare, stream up to where the snapshot was taken, publish the rows that were never published, stream on. The same way for the
/// first snapshot, for one cut short, and for a table that was added.
/// </summary>
sealed class PostgresSession(
    PostgresSettings settings, NpgsqlDataSource source, ChannelWriter<ChangeBatch> output, ILogger log, TimeProvider clock, PostgresSource owner, Bookmark? from)
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    readonly PostgresSlot _slot = new(settings, source);
    readonly PostgresCatalog _catalog = new(source, settings.Records);
    SnapshotProgress _progress = SnapshotProgress.Parse(from?.State);
    string? _state = from?.State;
    bool _held, _complete;
    long _heartbeatAt = clock.GetTimestamp();

    /// <summary>Where the next session goes on: the end of what was handed on.</summary>
    public Bookmark? Bookmark { get; private set; } = from;

    /// <summary>How many batches this session handed on.</summary>
    public long HandedOn { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        owner.Report(SourceState.Connecting);
        var tables = await _slot.TablesAsync(stop);
        if (tables.Count == 0)
            throw new SourceException($"{settings.Name}: no table matches {string.Join(", ", settings.Tables)}. Check 'tables', and that the connection's database is the right one");
        await _slot.PublishAsync(tables, stop);
        var confirmed = await _slot.OpenAsync(Bookmark, stop);
        var start = Bookmark?.Position ?? new SourcePosition(confirmed, 0);
        if (Bookmark is null) await HandOnAsync(new ChangeBatch(0) { End = start }, stop);
        await using var wal = await WalStream.OpenAsync(settings, (ulong)start.Commit, await _slot.PublicationsAsync(stop), await _slot.EncodingAsync(stop), clock, stop);
        var decoder = new PgOutputDecoder(start) { TellsEmpty = settings.Records.Transactions, PassedOver = settings.Records.Transactions ? owner.PassOver : null };
        await SnapshotAsync(tables, wal, decoder, stop);
        if (_complete) await HandOnAsync(new ChangeBatch(0) { End = Bookmark!.Position }, stop);
        owner.Report(SourceState.Streaming);
        Log.Streaming(log, settings.Name, Bookmark!.Position);
        await StreamAsync(wal, decoder, until: null, stop);
    }

    async Task SnapshotAsync(List<WantedTable> tables, WalStream wal, PgOutputDecoder decoder, CancellationToken stop)
    {
        if (settings.Snapshot == SnapshotMode.Never) return;
        var missing = tables.Where(t => !_progress.Done.Contains(t.FullName)).ToList();
        _complete = missing.Count == 0;
        if (_complete) return;
        owner.Report(SourceState.Snapshot);
        Log.SnapshotStarts(log, settings.Name, missing.Count);
        await using var snapshot = await PostgresSnapshot.OpenAsync(settings, source, stop);
        await StreamAsync(wal, decoder, snapshot.Lsn, stop);
        foreach (var wanted in missing.OrderBy(t => t.FullName == _progress.Table ? 0 : 1)) await SnapshotTableAsync(snapshot, wanted, wal, stop);
        _complete = true;
        Log.SnapshotDone(log, settings.Name, new SourcePosition(snapshot.Lsn, 0));
    }

    async Task SnapshotTableAsync(PostgresSnapshot snapshot, WantedTable wanted, WalStream wal, CancellationToken stop)
    {
        var table = await snapshot.DescribeAsync(wanted, _catalog, stop);
        var after = _progress.Table == wanted.FullName && _progress.LastKey?.Count == table.Key.Count ? _progress.LastKey : null;
        ChangeBatch? waiting = null;
        try
        {
            await foreach (var batch in snapshot.ReadAsync(wanted, table, after, settings, stop))
            {
                // One behind, so that the last batch is the one that says the table is done.
                if (waiting is not null) await HandOnRowsAsync(waiting, table, done: false, wal, stop);
                waiting = batch;
            }
            await HandOnRowsAsync(waiting!, table, done: true, wal, stop);
            waiting = null;
        }
        finally
        {
            waiting?.Dispose();
        }
    }

    async Task HandOnRowsAsync(ChangeBatch batch, PostgresTable table, bool done, WalStream wal, CancellationToken stop)
    {
        _progress = done ? _progress.Finish(table.FullName)
            : _progress with { Table = table.FullName, LastKey = PostgresSnapshot.KeyOf(table, batch[batch.Count - 1].After) };
        _state = _progress.Write();
        wal.Confirm(owner.Acknowledged);
        await HandOnAsync(batch, stop);
    }

    // Reads until stopped, or until every commit before `until` has been handed on.
    async Task StreamAsync(WalStream wal, PgOutputDecoder decoder, ulong? until, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        var tick = timer.WaitForNextTickAsync(stop).AsTask();
        var batch = new ChangeBatch(settings.BatchBytes);
        try
        {
            while (true)
            {
                if (!_held)
                {
                    var move = wal.MoveAsync();
                    if (!move.IsCompleted)
                    {
                        var parked = wal.Park(move);
                        (batch, tick) = await IdleAsync(wal, decoder, parked, batch, timer, tick, until, stop);
                        if (!parked.IsCompleted && until <= wal.Received && !decoder.InTransaction && batch.Count == 0) return;
                        continue;
                    }
                    if (!await move) throw new IOException("The server ended the replication stream");
                    _held = true;
                }
                if (until is not null && wal.Message[0] == (byte)'B' && PgOutputDecoder.CommitOf(wal.Message) >= until)
                {
                    batch = await CloseAsync(batch, decoder, stop);
                    return;
                }
                if (wal.Message[0] == (byte)'R') await DefineAsync(wal, decoder, stop);
                else if (!decoder.TryDecode(wal.Message, wal.Lsn, batch, settings.BatchChanges))
                {
                    batch = await CloseAsync(batch, decoder, stop);
                    continue;
                }
                _held = false;
            }
        }
        finally
        {
            batch.Dispose();
        }
    }

    // Nothing waits on the connection: hand on what there is, as soon as the worker takes it, and say how far we are.
    async Task<(ChangeBatch, Task<bool>)> IdleAsync(
        WalStream wal, PgOutputDecoder decoder, Task move, ChangeBatch batch, PeriodicTimer timer, Task<bool> tick, ulong? until, CancellationToken stop)
    {
        var room = move;
        if (batch.Count > 0 && !decoder.InTransaction)
        {
            var writable = output.WaitToWriteAsync(stop);
            if (writable.IsCompleted) return (await CloseAsync(batch, decoder, stop), tick);
            room = writable.AsTask();
        }
        wal.Confirm(owner.Acknowledged);
        await Task.WhenAny(move, tick, room);
        if (!tick.IsCompleted) return (batch, tick);
        await tick;
        if (batch.Count == 0 && !decoder.InTransaction && !move.IsCompleted) await HeartbeatAsync(wal.Received, until, stop);
        return (batch, timer.WaitForNextTickAsync(stop).AsTask());
    }

    // All that was received has been handed on: what the server sent past without a change for us is ours to confirm, once the log has our place.
    async Task HeartbeatAsync(ulong received, ulong? until, CancellationToken stop)
    {
        if (until is null && clock.GetElapsedTime(_heartbeatAt) < settings.HeartbeatInterval) return;
        owner.Report(until is null ? SourceState.Streaming : SourceState.Snapshot, lag: (long)(received - Math.Min(received, owner.Acknowledged)));
        var place = new SourcePosition(Math.Min(received, until ?? received), 0);
        _heartbeatAt = clock.GetTimestamp();
        if (place > Bookmark!.Position) await HandOnAsync(new ChangeBatch(0) { End = place }, stop);
    }

    async Task<ChangeBatch> CloseAsync(ChangeBatch batch, PgOutputDecoder decoder, CancellationToken stop)
    {
        if (batch.Count == 0) return batch;
        batch.End = decoder.Place;
        batch.EndsTransaction = !decoder.InTransaction;
        owner.Report(SourceState.Streaming, committedAt: decoder.CommittedAt);
        await HandOnAsync(batch, stop);
        return new ChangeBatch(settings.BatchBytes);
    }

    async Task HandOnAsync(ChangeBatch batch, CancellationToken stop)
    {
        (batch.State, batch.IsSnapshotDone) = (_state, _complete);
        var bookmark = new Bookmark(batch.End, _state);
        await output.WriteAsync(batch, stop);
        (Bookmark, HandedOn) = (bookmark, HandedOn + 1);
    }

    async Task DefineAsync(WalStream wal, PgOutputDecoder decoder, CancellationToken stop)
    {
        var (oid, schema, name, identity, columns) = PgOutputDecoder.Relation(wal.Message);
        if (!_slot.IsWanted($"{schema}.{name}"))
        {
            decoder.Define(oid, null);
            return;
        }
        _catalog.Forget();
        decoder.Define(oid, await _catalog.TableAsync(oid, schema, name, identity, columns, stop));
    }
}
