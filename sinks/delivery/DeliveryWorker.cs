using CdcSync.Contract.Settings;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Sinks.Delivery;

/// <summary>
/// Brings one target up to date and keeps it so. One loop owns all state: it takes records in, sends what may go, settles what came back, and moves the log's place past
/// what is settled. Killed anywhere, it goes on from there: what was not settled is read again, and the ledger says what the target has.
/// </summary>
public sealed class DeliveryWorker(
    SinkSettings settings, ITarget target, IEventLog log, CanonicalRecords records, NpgsqlDataSource store, ILogger logger, TimeProvider clock)
{
    static readonly TimeSpan ReadWait = TimeSpan.FromSeconds(1), ReportEvery = TimeSpan.FromMilliseconds(900), Grace = TimeSpan.FromSeconds(8);

    /// <summary>Runs until <paramref name="stop"/>; then calls in flight may end, for some seconds.</summary>
    /// <param name="stop">Ends reading.</param>
    /// <param name="abort">Also gives up the calls in flight.</param>
    /// <exception cref="SettingsException">The target refuses us altogether, or is not told how to take an object: nothing is lost, but it needs a person.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort = default)
    {
        settings.Validate();
        foreach (var kind in settings.Kinds) _ = target.LimitsOf(kind);
        using var hard = CancellationTokenSource.CreateLinkedTokenSource(abort);
        await using var grace = stop.Register(() => hard.CancelAfter(Grace));
        await using var reader = await log.OpenReaderAsync(settings.Group, [.. settings.Topics], stop);
        var run = new Run(settings, target, reader, records, store, logger, clock);
        Log.SinkStarted(logger, settings.Name, string.Join(", ", settings.Topics));
        try
        {
            await run.LoopAsync(stop, hard.Token);
        }
        finally
        {
            Log.SinkStopped(logger, settings.Name, run.Counts.Delivered, run.Counts.Calls, run.Counts.Coalesced, run.Counts.Stale);
        }
    }

    sealed class Run
    {
        readonly SinkSettings _settings;
        readonly ITarget _target;
        readonly ILogReader _reader;
        readonly TimeProvider _clock;
        readonly Ledger _ledger;
        readonly WaitingSet _waiting;
        readonly OffsetTracker _offsets = new();
        readonly TargetGate _gate;
        readonly Settling _settling;
        readonly Intake _intake;
        readonly Courier _courier;
        readonly DeadLetters _letters;
        readonly DeliveryStatuses _statuses;
        readonly List<(Consignment Call, Task<IReadOnlyList<Outcome>> Answer)> _calls = [];
        Task<IReadOnlyList<LogRecord>>? _read;
        bool _caughtUp;
        long? _reported;

        public Run(SinkSettings settings, ITarget target, ILogReader reader, CanonicalRecords records, NpgsqlDataSource store, ILogger logger, TimeProvider clock)
        {
            (_settings, _target, _reader, _clock) = (settings, target, reader, clock);
            Counts = new DeliveryCounts(settings.Name);
            _ledger = new Ledger(store, settings.Name, "worker");
            _waiting = new WaitingSet(target);
            _gate = new TargetGate(settings, clock, opened =>
            {
                if (opened) Log.BreakerOpened(logger, settings.Name);
                else Log.BreakerClosed(logger, settings.Name);
            });
            _settling = new Settling(settings, _ledger, _waiting, _offsets, _gate, Counts, logger, clock);
            _intake = new Intake(settings, target, records, _ledger, _waiting, _offsets, _settling, Counts, logger, clock);
            _courier = new Courier(target, _ledger, _gate);
            _letters = new DeadLetters(store);
            _statuses = new DeliveryStatuses(store);
        }

        public DeliveryCounts Counts { get; }

        public async Task LoopAsync(CancellationToken stop, CancellationToken abort)
        {
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(abort);
            try
            {
                await TurnsAsync(stop, giveUp.Token);
                await DrainAsync(giveUp.Token);
            }
            finally
            {
                // No call may outlive the loop: the next one would not know of it.
                await giveUp.CancelAsync();
                await Task.WhenAll(_calls.Select(c => c.Answer)).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            if (_settling.StopReason is { } reason)
            {
                await _statuses.ReportAsync(Status(reason), abort);
                throw new SettingsException("target", $"{reason}. The sink '{_settings.Name}' has stopped and nothing is lost; put it right and start it again");
            }
            stop.ThrowIfCancellationRequested();
        }

        async Task TurnsAsync(CancellationToken stop, CancellationToken abort)
        {
            try
            {
                while (!stop.IsCancellationRequested && _settling.StopReason is null) await TurnAsync(stop, abort);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested && !abort.IsCancellationRequested)
            {
                // Reading ended; what is in flight is settled next.
            }
        }

        async Task TurnAsync(CancellationToken stop, CancellationToken abort)
        {
            _waiting.Wake(_clock.GetUtcNow());
            await SendAsync(abort);
            if (_waiting.Count < _settings.MaxWaiting) _read ??= _reader.ReadAsync(Math.Min(1000, _settings.MaxWaiting), ReadWait, stop);
            await SomethingAsync(stop);
            foreach (var (call, answer) in _calls.Where(c => c.Answer.IsCompleted).ToList())
            {
                _calls.RemoveAll(c => c.Call == call);
                _waiting.Return(call);
                _settling.Apply(call, await answer);
            }
            if (_read is { IsCompleted: true } read)
            {
                _read = null;
                var got = await read;
                _caughtUp = got.Count == 0 && _waiting.Count == 0;
                await _intake.TakeAsync(got, abort);
            }
            await _settling.FlushAsync(abort);
            // Between reads only: a reader is not asked for two things at a time.
            if (_read is null) await AtRestAsync(abort);
        }

        async Task AtRestAsync(CancellationToken abort)
        {
            if (_offsets.Moved is { Count: > 0 } moved)
            {
                await _reader.CommitAsync(moved, abort);
                _offsets.Committed(moved);
            }
            if (_reported is { } last && _clock.GetElapsedTime(last) < ReportEvery) return;
            _reported = _clock.GetTimestamp();
            await _statuses.ReportAsync(Status(null), abort);
            var letters = await _letters.ToReplayAsync(_settings.Name, _settling.Letters, 100, abort);
            foreach (var letter in letters) _settling.Letters.Add(letter.Letter);
            await _intake.TakeAsync(letters, abort);
        }

        // Forms every call that may go now, notes all their intents in one write, then lets them go.
        async Task SendAsync(CancellationToken abort)
        {
            var calls = new List<Consignment>();
            var unsent = new List<KeyLane>();
            while (_gate.Wait == TimeSpan.Zero)
            {
                var probing = _gate.ProbesOnly;
                if (probing && _calls.Count + calls.Count > 0) break;
                if (_waiting.Take(probing ? 1 : int.MaxValue, unsent) is not { } call) break;
                _gate.Enter();
                calls.Add(call);
            }
            foreach (var lane in unsent) _settling.WithoutCall(lane);
            if (unsent.Count > 0) await _settling.FlushAsync(abort);
            if (calls.Count == 0) return;
            var accepted = await _ledger.IntendAsync([.. calls.SelectMany(c => c.Parcels).Select(p => p.Parcel)], abort);
            foreach (var call in calls) await LetGoAsync(call, accepted, abort);
        }

        async Task LetGoAsync(Consignment call, HashSet<RecordKey> accepted, CancellationToken abort)
        {
            foreach (var (lane, delivery) in call.Parcels.Where(p => accepted.Contains(p.Lane.Key)))
                lane.Row = lane.Row with { Intent = delivery.Version, IntentKey = delivery.TargetKey };
            if (call.Parcels.All(p => accepted.Contains(p.Lane.Key)))
            {
                Counts.Call();
                _calls.Add((call, _courier.CarryAsync(call.Kind, [.. call.Parcels.Select(p => p.Parcel)], abort)));
                return;
            }
            // A repair is at one of the keys, or was: look again, all of them, in a moment.
            _waiting.Return(call);
            var rows = await _ledger.ReadAsync([.. call.Parcels.Select(p => p.Lane.Key)], abort);
            foreach (var (lane, _) in call.Parcels)
            {
                lane.Row = rows[lane.Key];
                var head = lane.Head;
                if (lane.Row.Covers(head.Record.Version, head.Fingerprint, head.Place?.Offset)) _settling.Overtaken(lane);
                else _waiting.Rest(lane, _clock.GetUtcNow() + TimeSpan.FromMilliseconds(accepted.Contains(lane.Key) ? 0 : 500));
            }
        }

        async Task SomethingAsync(CancellationToken stop)
        {
            var pending = new List<Task>(_calls.Count + 2);
            pending.AddRange(_calls.Select(c => c.Answer));
            if (_read is not null) pending.Add(_read);
            if (pending.Exists(p => p.IsCompleted)) return;
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var until = ReportEvery;
            if (_waiting.NextWake is { } wake && wake - _clock.GetUtcNow() is var rest && rest < until) until = rest;
            if (_waiting.HasReady && _gate.Wait is var blocked && blocked > TimeSpan.Zero && blocked < until) until = blocked;
            pending.Add(Task.Delay(until > TimeSpan.FromMilliseconds(1) ? until : TimeSpan.FromMilliseconds(1), _clock, enough.Token));
            await Task.WhenAny(pending);
            await enough.CancelAsync();
        }

        // Calls in flight may end; what they brought is made durable, and the log's place with it.
        async Task DrainAsync(CancellationToken abort)
        {
            foreach (var (call, answer) in _calls)
            {
                var outcomes = await answer;
                _waiting.Return(call);
                _settling.Apply(call, outcomes);
            }
            _calls.Clear();
            await _settling.FlushAsync(abort);
            if (_read is not null)
            {
                try
                {
                    await _read;   // read and not taken in: read again next time
                }
                catch (OperationCanceledException)
                {
                    // That was its end.
                }
            }
            if (_offsets.Moved is { Count: > 0 } moved) await _reader.CommitAsync(moved, abort);
        }

        DeliveryStatus Status(string? problem) => new(
            _settings.Name, default, _caughtUp && _waiting.Count == 0, _waiting.Count, _calls.Count, _waiting.Oldest, Counts.Delivered, Counts.Stale, Counts.Coalesced, Counts.Calls,
            _gate.Breaker, _gate.PausedUntil, problem, Parked: 0);
    }
}
