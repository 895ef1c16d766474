using System.Data.Common;
using System.Net.Sockets;
using CdcSync.Capture.Care;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture;

/// <summary>
/// The way of a source's changes into the log: raw records, canonical records and the place in the source, in one transaction of the log; then the source may forget.
/// While an append is made durable the next is encoded; batches of existing rows that come meanwhile go into the log together.
/// </summary>
/// <param name="source">Where changes come from.</param>
/// <param name="log">Where records go; the producer is the source's name.</param>
/// <param name="mapper">Makes canonical records; null for raw records only.</param>
/// <param name="logger">Says what happens.</param>
/// <param name="clock">Time.</param>
public sealed class CaptureWorker(IChangeSource source, IEventLog log, ICanonicalMapper? mapper, ILogger logger, TimeProvider clock)
{
    MappingStage? _stage;
    Bookmark? _durable;
    bool _progressed;
    (long At, int Changes, int Records)? _parts;      // of a transaction of the source that has not ended
    (IReadOnlyList<string> Mapped, IReadOnlyList<StoppedMapping> Stopped, IReadOnlyList<HeldTable> Held, string? Source, string Text)? _state;
    volatile Pause? _paused;
    Func<IReadOnlyList<HeldTable>> _held = static () => [];

    /// <summary>How long a mapping that cannot go on stands still before it is tried again; longer each time, up to five minutes. Default 10 s.</summary>
    public TimeSpan MappingPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a transaction of the source may take on its way and still be seen in the log all at once, whatever its size. A longer one is cut: what has come of it is seen before the rest.
    /// Default 5 min; Kafka itself gives up after 10.
    /// </summary>
    public TimeSpan WholeTransactions { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Held records that are given out in one append, at most, when a table goes on. Default 10,000.</summary>
    public int HeldPiece { get; init; } = 10_000;

    /// <summary>How often a source that waits is asked whether it still has what follows on our place. Default 1 min.</summary>
    public TimeSpan PausedLook { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What somebody wants to wait; null where nobody can.</summary>
    public IPauseWishes? Pauses { get; init; }

    /// <summary>The tables that wait, or are given out, as a bookmark says.</summary>
    public static IReadOnlyList<HeldTable> HeldIn(Bookmark? bookmark) => WorkerState.Parse(bookmark?.State).Held;

    /// <summary>The mappings that stand still, as a bookmark says.</summary>
    public static IReadOnlyList<StoppedMapping> StoppedIn(Bookmark? bookmark) => WorkerState.Parse(bookmark?.State).Stopped;

    /// <summary>The mappings that stand still.</summary>
    public IReadOnlyList<StoppedMapping> Stopped => _stage?.Stopped ?? [];

    /// <summary>Where the source stands.</summary>
    public SourceStatus Status => _paused is null ? source.Status with { Waits = source.Load?.Wait } : source.Status with { State = SourceState.Paused, Error = null };

    /// <summary>
    /// Runs until stopped. A log that cannot be reached, a full store or a registry that is down is tried again with a fresh writer, from its bookmark.
    /// </summary>
    /// <exception cref="FencedException">Another process captures this source.</exception>
    /// <exception cref="SourceException">The source needs a person.</exception>
    /// <exception cref="SchemaRegistryException">The registry refused a schema.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var wishes = new PauseWatch(Pauses, source.Name, logger, clock, stop);
        await using var holds = new TableHolds(source.Name, wishes, log, logger, clock) { Piece = HeldPiece };
        _held = () => holds.State;
        for (var attempt = 0; ; attempt++)
        {
            _progressed = false;
            await WaitAsync(wishes, stop);
            using var pausing = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var watching = CancelWhenPausedAsync(wishes, pausing);
            try
            {
                await using var writer = await log.OpenWriterAsync(source.Name, stop);
                await LoadAsync(writer.Bookmark, holds, stop);
                await PumpAsync(writer, holds, pausing.Token);
                return;     // a source that has an end has come to it
            }
            catch (Exception cut) when (cut is not FencedException && pausing.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                attempt = -1;   // what was in flight is read again
            }
            catch (Exception lost) when (!stop.IsCancellationRequested && MayPass(lost))
            {
                if (_progressed) attempt = 0;
                var delay = TimeSpan.FromMilliseconds(Math.Min(30_000, 200 << Math.Min(attempt, 8)) * (0.5 + Random.Shared.NextDouble() / 2));
                Log.LogUnavailable(logger, source.Name, lost.Message, delay);
                await Task.Delay(delay, clock, stop);
            }
            finally
            {
                await pausing.CancelAsync();
                await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task LoadAsync(Bookmark? bookmark, TableHolds holds, CancellationToken stop)
    {
        var (state, mapped, stopped, held) = WorkerState.Parse(bookmark?.State);
        _durable = bookmark is not null && bookmark.Position != SourcePosition.Start ? bookmark with { State = state } : null;
        if (mapper is not null) _stage ??= new MappingStage(source.Name, mapper, MappingPause, logger, clock);
        _stage?.Load(mapped, stopped);
        await holds.LoadAsync(held, stop);
    }

    async Task WaitAsync(PauseWatch wishes, CancellationToken stop)
    {
        await wishes.KnownAsync(stop);
        PreflightLevel? seen = PreflightLevel.Pass;
        while (true)
        {
            var changed = wishes.Changed;
            if (wishes.Source is not { } wish) break;
            if (_paused is null)
            {
                Log.SourceWaits(logger, source.Name, wish.At, wish.By, wish.Why ?? "-");
                CaptureMetrics.Paused(source.Name, null, true);
            }
            _paused = wish;
            await Task.WhenAny(changed, Task.Delay(PausedLook, clock, stop));
            stop.ThrowIfCancellationRequested();
            if (!changed.IsCompleted) seen = await LookAsync(seen, stop);
        }
        if (_paused is null) return;
        _paused = null;
        Log.SourceGoesOn(logger, source.Name);
        CaptureMetrics.Paused(source.Name, null, false);
    }

    // What the source forgets while it waits; said when it gets worse. Null: it could not be seen.
    async Task<PreflightLevel?> LookAsync(PreflightLevel? before, CancellationToken stop)
    {
        try
        {
            var worst = (await SourceCatalog.CheckPlaceAsync(log, source, stop)).MaxBy(f => f.Level);
            if (worst is not null && worst.Level > (before ?? PreflightLevel.Pass)) Log.PausedTooLong(logger, source.Name, worst.What, worst.Fix ?? $"cdcsync resume {source.Name}");
            return worst?.Level ?? PreflightLevel.Pass;
        }
        catch (Exception unseen) when (!stop.IsCancellationRequested && unseen is DbException or EventLogException or SocketException or TimeoutException or IOException)
        {
            if (before is not null) Log.RetentionBlind(logger, source.Name, unseen.Message);
            return null;
        }
    }

    static async Task CancelWhenPausedAsync(PauseWatch wishes, CancellationTokenSource pausing)
    {
        while (true)
        {
            var changed = wishes.Changed;
            if (wishes.Source is not null) break;
            await changed.WaitAsync(pausing.Token);
        }
        await pausing.CancelAsync();
    }

    static bool MayPass(Exception error) => error switch
    {
        FencedException => false,
        EventLogException => true,
        SchemaRegistryException refused => refused.Code >= 50000 || refused.Code is >= 500 and < 600 || refused.InnerException is HttpRequestException or SocketException,
        HttpRequestException or SocketException or TimeoutException => true,
        DbException database => database.IsTransient,
        _ => false,
    };

    async Task PumpAsync(ILogWriter writer, TableHolds holds, CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _parts = null;
        Append filling = new(), other = new();
        Task append = Task.CompletedTask, read = Task.CompletedTask;
        var isWhole = true;
        await using var batches = source.ReadAsync(_durable, failed.Token).GetAsyncEnumerator(failed.Token);
        try
        {
            for (var more = true; more;)
            {
                // The stream fills a batch until somebody takes it: asked too early, it hands on crumbs. Existing rows come in full batches.
                if (filling.IsFull || filling is { IsEmpty: false, EndsWithRows: false }) await FlushAsync();
                var next = batches.MoveNextAsync().AsTask();
                read = next;
                if (!filling.IsEmpty && (await Task.WhenAny(append, next) == append || next.IsFaulted)) await FlushAsync();
                for (var changed = holds.Changed; MaySettle() || !next.IsCompleted; changed = holds.Changed)
                {
                    if (MaySettle()) await SettleAsync();
                    else await Task.WhenAny(next, changed);
                    if (next.IsCompleted) break;
                }
                if (more = await next) await TakeAsync(batches.Current);
            }
            if (!filling.IsEmpty) await FlushAsync();
        }
        catch (OperationCanceledException) when (append.IsFaulted)
        {
            // Reading was stopped because the append failed: that is the error to show.
        }
        finally
        {
            await read.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await append;
        }

        // A transaction is held whole, or not at all.
        bool MaySettle() => _durable is not null && isWhole && holds.IsDue;

        async Task FlushAsync()
        {
            await append;
            append = AppendAsync(writer, filling, failed);
            (filling, other) = (other, filling);
            filling.Clear();
        }

        // Between two batches, with all that was encoded in the log.
        async Task SettleAsync()
        {
            try
            {
                if (!filling.IsEmpty) await FlushAsync();
                await append;
                other.Clear();
                var goesOn = await holds.SettleAsync(other.Records, failed.Token);
                if (goesOn is not null) _stage?.MapAgain(goesOn);
                await writer.AppendAsync(other.Records, _durable! with { State = StateText(_durable.State) }, failed.Token);
                _progressed = true;
                other.Clear();
                if (goesOn is not null) await holds.ForgetAsync(goesOn, failed.Token);
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
        }

        async Task TakeAsync(ChangeBatch batch)
        {
            using var _ = batch;
            isWhole = batch.EndsTransaction;
            var before = filling.Records.Count;
            holds.Guard(filling.Records);
            await source.WriteRawAsync(batch, filling.Records, failed.Token);
            holds.Count(filling.Records, before);
            await MapAsync(batch, holds, filling.Records, failed.Token);
            if (batch.MapsAgain) _stage?.MapAgain();
            filling.Add(batch);
            if (_stage is null || !batch.IsSnapshotDone || !batch.EndsTransaction || !_stage.Due().Any()) return;
            await FlushAsync();
            await append;
            await SnapshotMappingsAsync(writer, _stage, new Bookmark(batch.End, batch.State), other.Records, failed.Token);
            other.Clear();
        }
    }

    /// <summary>The records of one or several batches, and where they end.</summary>
    sealed class Append
    {
        const int Full = 4 << 20;
        int _changes;
        long _committedAt;

        public LogBatch Records { get; } = new();

        public Bookmark? Place { get; private set; }

        public bool IsEmpty => Place is null;

        public bool IsFull => Records.Bytes >= Full;

        /// <summary>The last batch was existing rows.</summary>
        public bool EndsWithRows { get; private set; }

        /// <summary>False when a transaction of the source goes on in the next batch.</summary>
        public bool EndsTransaction { get; private set; }

        public (int Count, long LastCommittedAt) Changes => (_changes, _committedAt);

        public void Add(ChangeBatch batch)
        {
            Place = new Bookmark(batch.End, batch.State);
            _changes += batch.Count;
            EndsTransaction = batch.EndsTransaction;
            EndsWithRows = batch.Count > 0 && batch[batch.Count - 1].Operation == Operation.Read;
            if (batch.Count > 0) _committedAt = batch[batch.Count - 1].CommittedAt;
        }

        public void Clear()
        {
            Records.Clear();
            (Place, _changes, _committedAt) = (null, 0, 0);
        }
    }

    async Task AppendAsync(ILogWriter writer, Append append, CancellationTokenSource failed)
    {
        var (place, (changes, committedAt)) = (append.Place!, append.Changes);
        var (began, changesBefore, recordsBefore) = _parts ?? (clock.GetTimestamp(), 0, 0);
        var isLate = !append.EndsTransaction && clock.GetElapsedTime(began) > WholeTransactions;
        try
        {
            if (!append.EndsTransaction && !isLate)
            {
                await writer.AppendPartAsync(append.Records, failed.Token);
                _parts = (began, changesBefore + changes, recordsBefore + append.Records.Count);
                return;
            }
            if (isLate) Log.TransactionCut(logger, source.Name, place.Position, WholeTransactions);
            await writer.AppendAsync(append.Records, place with { State = StateText(place.State) }, failed.Token);
            _parts = null;
            _durable = place;
            _progressed = true;
            source.Acknowledge(place.Position);
            CaptureMetrics.Appended(source.Name, changesBefore + changes, recordsBefore + append.Records.Count, committedAt == 0 ? null : clock.GetUtcNow() - DateTimeOffset.UnixEpoch.AddMicroseconds(committedAt));
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }

    async ValueTask MapAsync(ChangeBatch batch, TableHolds holds, LogBatch output, CancellationToken stop)
    {
        if (_stage is null || batch.Count == 0) return;
        var seen = holds.Seen(batch);
        try
        {
            if (seen.Count > 0) await _stage.MapAsync(seen, output, stop);
        }
        finally
        {
            if (seen != batch) seen.Dispose();
        }
    }

    // The same text for every batch of a stream: not written anew a thousand times a second.
    string StateText(string? source)
    {
        var (mapped, stopped, held) = (_stage?.Mapped ?? [], _stage?.Stopped ?? [], _held());
        if (_state is { } last && ReferenceEquals(last.Source, source) && ReferenceEquals(last.Mapped, mapped) && ReferenceEquals(last.Stopped, stopped) && ReferenceEquals(last.Held, held)) return last.Text;
        var text = WorkerState.Write(source, mapped, stopped, held);
        _state = (mapped, stopped, held, source, text);
        return text;
    }

    // The rows are out and the stream waits: what the mappings' queries return now is at least as new as the place, and each later change brings a later version.
    async Task SnapshotMappingsAsync(ILogWriter writer, MappingStage stage, Bookmark place, LogBatch output, CancellationToken stop)
    {
        foreach (var mapping in stage.Due().ToList())
        {
            var count = 0L;
            output.Clear();
            try
            {
                await foreach (var added in mapper!.SnapshotAsync(mapping, place.Position, log, output, stop))
                {
                    count += added;
                    await writer.AppendAsync(output, place with { State = StateText(place.State) }, stop);
                    if (source.Load is { } load) await load.SpendAsync(added, output.Bytes, stop);
                    output.Clear();
                }
                stage.Done(mapping, count);
            }
            catch (Mapping.MappingException cannot)
            {
                output.Clear();
                stage.Stop(mapping, cannot.Message);
            }
            await writer.AppendAsync(output, place with { State = StateText(place.State) }, stop);
        }
    }
}
