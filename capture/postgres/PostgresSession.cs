using System.Threading.Channels;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// One connection's worth of a source: prepare, stream up to where the snapshot was taken, publish the rows that were never published, stream on. The same way for the
/// first snapshot, for one cut short, for a table that was added and for one asked for as blocking. Other rows asked for are read beside the stream.
/// </summary>
sealed class PostgresSession(
    PostgresSettings settings, NpgsqlDataSource source, NpgsqlDataSource rows, ISignalInbox? inbox, ChannelWriter<ChangeBatch> output, ILogger log, TimeProvider clock, PostgresSource owner, Bookmark? from) : IAsyncDisposable
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    readonly PostgresSlot _slot = new(settings, source);
    readonly PostgresCatalog _catalog = new(source, settings.Records);
    readonly RecentTransactions _recent = new();
    SnapshotBook _book = new(settings.Name, settings.Prefix, from?.State, log, clock);
    PostgresIncremental? _beside;
    SignalQueue? _signals;
    List<WantedTable> _tables = [];
    IReadOnlyList<string> _names = [];
    (ulong Lsn, Task Task)? _reach;
    bool _held, _complete;
    long _heartbeatAt = clock.GetTimestamp();

    /// <summary>Where the next session goes on: the end of what was handed on.</summary>
    public Bookmark? Bookmark { get; private set; } = from;

    /// <summary>How many batches this session handed on.</summary>
    public long HandedOn { get; private set; }

    /// <summary>Runs until stopped; ends only when the settings want the snapshot alone.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        owner.Report(SourceState.Connecting);
        _tables = await _slot.TablesAsync(stop);
        if (_tables.Count == 0)
            throw new SourceException($"{settings.Name}: no table matches {string.Join(", ", settings.Tables)}. Check 'tables', and that the connection's database is the right one");
        await _slot.PublishAsync(_tables, stop);
        _names = [.. _tables.Select(t => t.FullName)];
        var confirmed = await OpenSlotAsync(stop);
        var start = Bookmark?.Position ?? new SourcePosition(confirmed, 0);
        if (Bookmark is null) await HandOnAsync(new ChangeBatch(0) { End = start }, stop);
        await using var wal = await WalStream.OpenAsync(settings, (ulong)start.Commit, await _slot.PublicationsAsync(stop), await _slot.EncodingAsync(stop), clock, stop);
        var decoder = new PgOutputDecoder(start) { TellsEmpty = settings.Records.Transactions, PassedOver = settings.Records.Transactions ? owner.PassedOver : null };
        _beside = new PostgresIncremental(settings, rows, owner.Load, _recent, log, clock);
        _signals = new SignalQueue(inbox, settings.Name, _book.Progress.Signal ?? 0, log, clock, stop);
        while (true)
        {
            await SnapshotAsync(wal, decoder, stop);
            if (_complete) await HandOnAsync(new ChangeBatch(0) { End = Bookmark!.Position }, stop);
            if (settings.Snapshot == SnapshotMode.InitialOnly) return;
            owner.Report(SourceState.Streaming);
            Log.Streaming(log, settings.Name, Bookmark!.Position);
            await StreamAsync(wal, decoder, until: null, stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_beside is not null) await _beside.DisposeAsync();
        if (_signals is not null) await _signals.DisposeAsync();
    }

    async Task<ulong> OpenSlotAsync(CancellationToken stop)
    {
        try
        {
            return await _slot.OpenAsync(Bookmark, stop);
        }
        catch (SourceException lost) when (lost.IsPlaceLost && settings.Snapshot == SnapshotMode.WhenNeeded)
        {
            Log.SnapshotNeeded(log, settings.Name, lost.Message);
            await _slot.DropAsync(stop);
            (Bookmark, _book) = (null, new SnapshotBook(settings.Name, settings.Prefix, (SnapshotProgress.Nothing with { Signal = _book.Progress.Signal }).Write(), log, clock));
            return await _slot.OpenAsync(null, stop);
        }
    }

    // The first snapshot as far as it is missing, then those that are to hold the stream.
    async Task SnapshotAsync(WalStream wal, PgOutputDecoder decoder, CancellationToken stop)
    {
        if (!_complete)
        {
            var missing = settings.Snapshot == SnapshotMode.Never ? [] : _tables.Where(t => !_book.Progress.Done.Contains(t.FullName) && _slot.IsFirstRead(t.FullName))
                .OrderBy(t => t.FullName == _book.Progress.Table ? 0 : 1).Select(t => (new AskedTable(t.FullName), t)).ToList();
            if (missing.Count > 0) await PassAsync(missing, "", wal, decoder, stop);
            _complete = true;
        }
        while (_book.Blocking is { } asked)
        {
            var found = asked.Tables.Where(t => _names.Contains(t.Name)).Select(t => (t, _tables.Single(w => w.FullName == t.Name))).ToList();
            if (found.Count > 0) await PassAsync(found, asked.Id, wal, decoder, stop);
            if (_book.Blocking is { } left && left.Id == asked.Id) _book.Set(_book.Progress.WithCurrent(null));    // tables that are gone
        }
        _book.End();
        owner.Report(snapshot: null);
    }

    async Task PassAsync(List<(AskedTable Asked, WantedTable Wanted)> tables, string id, WalStream wal, PgOutputDecoder decoder, CancellationToken stop)
    {
        owner.Report(SourceState.Snapshot);
        Log.SnapshotStarts(log, settings.Name, tables.Count);
        var progress = _book.Progress;
        var (last, count) = id.Length > 0 ? (progress.Current!.LastKey, progress.Current.LastKey is null ? (long?)null : progress.Current.Rows)
            : progress.Table == tables[0].Asked.Name ? (progress.LastKey, progress.Rows ?? 0) : (null, null);
        await using var snapshot = await PostgresSnapshot.OpenAsync(settings, rows, owner.Load, stop);
        await StreamAsync(wal, decoder, snapshot.Lsn, stop);
        await new PostgresPass(snapshot, tables, id, _book, settings, log).ReadAsync(last, count, _catalog, step => StepAsync(step, id, wal, stop), stop);
        Log.SnapshotDone(log, settings.Name, new SourcePosition(snapshot.Lsn, 0));
    }

    async Task StepAsync(PassStep step, string id, WalStream wal, CancellationToken stop)
    {
        var progress = _book.Progress;
        var table = step.Table.Name;
        if (id.Length == 0) _book.Set(step.IsDone ? progress.Finish(table) : progress with { Table = table, LastKey = step.LastKey, Rows = step.TableRows });
        else if (progress.Current is { } current) _book.Set(progress.WithCurrent(step.IsDone ? current.Next() : current with { LastKey = step.LastKey, Rows = step.TableRows }));
        _book.RowsRead(id.Length == 0 ? "initial" : id, table, step.Rows.Count, step.TableRows, step.Total, step.TablesLeft);
        owner.Report(_book.Status);
        wal.Confirm(owner.Acknowledged);
        await HandOnAsync(step.Rows, stop);
    }

    // Reads until stopped, until every commit before `until` has been handed on, or until the stream is to wait for a snapshot.
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
                        var received = wal.Received;
                        if (until is null && batch.Count == 0 && !decoder.InTransaction && !parked.IsCompleted && await BesideAsync(received, stop)) return;
                        (batch, tick) = await IdleAsync(wal, decoder, parked, batch, timer, tick, until, stop);
                        if (!parked.IsCompleted && until <= wal.Received && !decoder.InTransaction && batch.Count == 0) return;
                        continue;
                    }
                    if (!await move) throw new IOException("The server ended the replication stream");
                    _held = true;
                }
                if (wal.Message[0] == (byte)'B')
                {
                    var commit = PgOutputDecoder.CommitOf(wal.Message);
                    if (until is null ? IsSomethingBeside(commit) : commit >= until)
                    {
                        batch = await CloseAsync(batch, decoder, stop);
                        if (until is not null || await BesideAsync(commit, stop)) return;
                    }
                    // A batch that ends between transactions is durable by itself: fill none so far that each next one is cut.
                    else if (batch.Count >= settings.BatchChanges / 4 * 3 || batch.Bytes >= settings.BatchBytes / 4 * 3) batch = await CloseAsync(batch, decoder, stop);
                }
                if (wal.Message[0] == (byte)'R') await DefineAsync(wal, decoder, stop);
                else if (!decoder.TryDecode(wal.Message, wal.Lsn, batch, settings.BatchChanges))
                {
                    batch = await CloseAsync(batch, decoder, stop);
                    continue;
                }
                if (wal.Message[0] == (byte)'B') _recent.Add(decoder.Transaction);
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
        if (until is null && batch.Count == 0 && !decoder.InTransaction) await Task.WhenAny(move, tick, _signals!.Arrives, await BesideAsync(wal, stop) ?? move);
        else await Task.WhenAny(move, tick, room);
        if (!tick.IsCompleted) return (batch, tick);
        await tick;
        if (batch.Count == 0 && !decoder.InTransaction && !move.IsCompleted) await HeartbeatAsync(wal.Received, until, stop);
        return (batch, timer.WaitForNextTickAsync(stop).AsTask());
    }

    // What an idle stream waits for besides: rows being read, or the server saying that it has sent all that they saw.
    async ValueTask<Task?> BesideAsync(WalStream wal, CancellationToken stop)
    {
        if (_beside!.Waiting is { } waiting) return waiting;
        if (_beside.Fence is not { } fence) return null;
        if (_reach?.Lsn != fence) _reach = (fence, await wal.ReachAsync(fence, stop));
        return _reach.Value.Task;
    }

    bool IsSomethingBeside(ulong reached) => !_signals!.IsEmpty || _book.Blocking is not null
        || (_beside!.IsReading ? !ReferenceEquals(_beside.Asked, _book.Incremental) || _beside.IsReady(reached) : _book.Incremental is not null && _beside.MayBegin);

    // Between two transactions, with nothing held back: signals, and a chunk that is due. True when the stream is to wait for a snapshot.
    async ValueTask<bool> BesideAsync(ulong reached, CancellationToken stop)
    {
        if (!IsSomethingBeside(reached)) return false;
        if (!_signals!.IsEmpty)
        {
            while (_signals.TryTake(out var signal)) _book.Take(signal!.Signal, signal.Number, _names);
            await HandOnAsync(new ChangeBatch(0) { End = Bookmark!.Position }, stop);
        }
        if (_beside!.IsReading && !ReferenceEquals(_beside.Asked, _book.Incremental)) await _beside.AbandonAsync();
        if (_beside.IsReading && _beside.IsReady(reached)) await HandOnChunkAsync(stop);
        if (!_beside.IsReading && _book.Incremental is { } asked && _beside.MayBegin) _beside.Begin(asked, stop);
        owner.Report(_book.Status);
        return _book.Blocking is not null;
    }

    async Task HandOnChunkAsync(CancellationToken stop)
    {
        var (asked, fence) = (_beside!.Asked!, _beside.Fence!.Value);
        var batch = new ChangeBatch(0);
        try
        {
            if (await _beside.TakeAsync() is not { } chunk) return;
            batch = chunk.Rows;
            if (chunk.HasKey) _book.ChunkRead(chunk.Asked, (int)(chunk.Asked.Rows - asked.Rows), chunk.IsLast, settings.SnapshotChunkRows);
            else _book.ReadInOnePass(asked);
        }
        catch (PostgresException refused)
        {
            _book.LeaveOut(asked, refused.SqlState is PostgresErrorCodes.UndefinedTable ? "UNKNOWN_SCHEMA" : "SQL_EXCEPTION", refused.MessageText);
        }
        // All that was committed before the fence has been handed on.
        batch.End = Bookmark!.Position.Commit >= fence ? Bookmark.Position : new SourcePosition(fence, 0);
        await HandOnAsync(batch, stop);
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
        owner.Report(SourceState.Streaming, committedAt: decoder.CommittedAt);
        _beside!.Note(batch);
        if (settings.Signals.Table is { } signals) TakeSignals(batch, signals);
        await HandOnAsync(batch, stop);
        return new ChangeBatch(settings.BatchBytes);
    }

    // A row of the signal table takes effect with the batch that it is in: both are durable, or neither.
    void TakeSignals(ChangeBatch batch, string table)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var change = batch[i];
            if (change.Operation != Operation.Create || change.Table.FullName != table) continue;
            _book.Take(SignalRow.Of(change), null, _names);
        }
    }

    async Task HandOnAsync(ChangeBatch batch, CancellationToken stop)
    {
        _book.Stamp(batch);
        batch.IsSnapshotDone = _complete;
        // Also of an empty one: a connection made again stands where the lost one was, which may be inside a transaction.
        batch.EndsTransaction = batch.End.Change == 0 || batch.End.Change == UInt128.MaxValue;
        var bookmark = new Bookmark(batch.End, batch.State);
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
        var table = await _catalog.TableAsync(oid, schema, name, identity, columns, stop);
        owner.Note(table);
        decoder.Define(oid, table);
    }
}
