using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Care;

/// <summary>
/// What the snapshots of a source may cost it, shared by all who read: a bucket that holds a second's worth. Who has read pays, and waits until the bucket is no longer in debt.
/// </summary>
/// <param name="source">Name of the source.</param>
/// <param name="settings">The limits.</param>
/// <param name="log">Says that standbys are waited for.</param>
/// <param name="clock">Time.</param>
/// <param name="lag">Bytes of log that the furthest of the source's followers is behind; null for a source that has none.</param>
public sealed class LoadBudget(string source, LoadSettings settings, ILogger log, TimeProvider clock, Func<CancellationToken, Task<long>>? lag = null)
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1), TooShort = TimeSpan.FromMilliseconds(20), Together = TimeSpan.FromSeconds(10);
    readonly Lock _lock = new();
    readonly bool _isFree = settings.RowsPerSecond is null && settings.BytesPerSecond is null && (settings.ReplicationLag is null || lag is null);
    long _paidAt = long.MinValue, _lookedAt;
    string _dearest = "rows";
    Task<long>? _look;
    long? _seen;
    (long At, string Why)? _refused;
    TimeSpan _waited;
    string? _waitsFor;
    (string For, long Began, DateTimeOffset Since, long Last)? _spell;
    bool _isBehind, _isBlind;

    /// <summary>How long readers have waited since <see cref="Begin"/>, added up; and what for, if one does now: <c>rows</c>, <c>bytes</c>, <c>replication_lag</c>.</summary>
    public (TimeSpan Waited, string? WaitsFor) Waits
    {
        get
        {
            lock (_lock) return (_waited, _waitsFor);
        }
    }

    /// <summary>The limit that holds a snapshot back, and since when; null when none does. Who waits, reads a little and waits again has waited all the time.</summary>
    public BudgetWait? Wait
    {
        get
        {
            lock (_lock)
                return _spell is { } spell && (_waitsFor is not null && _refused is null || clock.GetElapsedTime(spell.Last) < Together)
                    ? new BudgetWait(SettingOf(spell.For), LimitOf(spell.For), spell.Since, clock.GetElapsedTime(spell.Began)) : null;
        }
    }

    /// <summary>A snapshot begins, or is over: it counts from zero.</summary>
    public void Begin()
    {
        lock (_lock) (_waited, _waitsFor, _refused, _spell) = (TimeSpan.Zero, null, null, null);
    }

    /// <summary>How many may read side by side.</summary>
    public int Readers(int wanted) => Math.Min(wanted, settings.Connections ?? wanted);

    /// <summary>Rows to read in one go: a second's worth at most.</summary>
    public int Rows(int wanted) => Math.Min(wanted, settings.RowsPerSecond ?? wanted);

    /// <summary>Bytes to read in one go.</summary>
    public int Bytes(int wanted) => (int)Math.Min(wanted, Math.Max(4096, settings.BytesPerSecond ?? wanted));

    /// <summary>Pays for what was read, and waits until more may be.</summary>
    public ValueTask SpendAsync(int rows, long bytes, CancellationToken stop)
    {
        if (_isFree) return ValueTask.CompletedTask;
        var debt = Spend(rows, bytes);
        return debt < TooShort && (lag is null || settings.ReplicationLag is null || IsFresh()) ? ValueTask.CompletedTask : WaitAsync(debt, stop);
    }

    /// <summary>Pays for what was read.</summary>
    /// <returns>How long until more may be read.</returns>
    public TimeSpan Spend(int rows, long bytes)
    {
        if (_isFree) return TimeSpan.Zero;
        lock (_lock)
        {
            var (forRows, forBytes) = (rows / (double)(settings.RowsPerSecond ?? int.MaxValue), bytes / (double)(settings.BytesPerSecond ?? long.MaxValue));
            _dearest = forRows >= forBytes ? "rows" : "bytes";
            var now = clock.GetTimestamp();
            _paidAt = Math.Max(_paidAt, now - clock.TimestampFrequency) + (long)(Math.Max(forRows, forBytes) * clock.TimestampFrequency);
            return _paidAt <= now ? TimeSpan.Zero : clock.GetElapsedTime(now, _paidAt);
        }
    }

    /// <summary>Whether more may be read now, for who has other things to do meanwhile.</summary>
    public bool MayRead(CancellationToken stop)
    {
        if (_isFree) return true;
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var why = _paidAt > now ? _dearest : IsTooFar(Glance(stop)) ? "replication_lag" : null;
            if (why is not null) Note(why);
            if (why is null == _refused is null) return why is null;
            if (_refused is { } since) Count(since.Why, clock.GetElapsedTime(since.At, now));
            (_refused, _waitsFor) = (why is null ? null : (now, why), why);
            return why is null;
        }
    }

    async ValueTask WaitAsync(TimeSpan debt, CancellationToken stop)
    {
        if (debt >= TooShort) await WaitAsync(_dearest, debt, stop);
        if (settings.ReplicationLag is null || lag is null) return;
        while (IsTooFar(await LookAsync(stop))) await WaitAsync("replication_lag", Look, stop);
    }

    async Task WaitAsync(string why, TimeSpan time, CancellationToken stop)
    {
        var at = clock.GetTimestamp();
        lock (_lock)
        {
            _waitsFor = why;
            Note(why);
        }
        try
        {
            await Task.Delay(time, clock, stop);
        }
        finally
        {
            lock (_lock)
            {
                _waitsFor = null;
                Note(why);
                Count(why, clock.GetElapsedTime(at));
                if (stop.IsCancellationRequested) _spell = null;    // whoever waited is no more
            }
        }
    }

    // Waits for one limit with little time between them are one.
    void Note(string why)
    {
        var now = clock.GetTimestamp();
        _spell = _spell is { } spell && spell.For == why && clock.GetElapsedTime(spell.Last, now) < Together ? spell with { Last = now } : (why, now, clock.GetUtcNow(), now);
    }

    static string SettingOf(string why) => why switch { "rows" => "rows_per_second", "bytes" => "bytes_per_second", _ => why };

    long LimitOf(string why) => why switch { "rows" => settings.RowsPerSecond ?? 0, "bytes" => settings.BytesPerSecond ?? 0, _ => settings.ReplicationLag ?? 0 };

    void Count(string why, TimeSpan time)
    {
        _waited += time;
        CaptureMetrics.SnapshotWaited(source, why, time);
    }

    bool IsFresh()
    {
        lock (_lock) return _look is { IsCompletedSuccessfully: true } && !_isBehind && clock.GetElapsedTime(_lookedAt) < Look;
    }

    // Somebody's look is everybody's, for a second.
    Task<long> LookAsync(CancellationToken stop)
    {
        lock (_lock)
        {
            if (_look is { IsCompleted: false } || _look is { IsCompletedSuccessfully: true } && clock.GetElapsedTime(_lookedAt) < Look) return _look;
            _lookedAt = clock.GetTimestamp();
            return _look = MeasureAsync(stop);
        }
    }

    // What the last look found, while the next one is under way; too far before the first.
    long Glance(CancellationToken stop)
    {
        if (lag is null || settings.ReplicationLag is null) return 0;
        _ = LookAsync(stop);
        return _seen ?? long.MaxValue;
    }

    bool IsTooFar(long behind)
    {
        var isTooFar = behind > settings.ReplicationLag;
        if (behind == long.MaxValue || isTooFar == _isBehind) return isTooFar;
        _isBehind = isTooFar;
        if (isTooFar) Log.SnapshotWaits(log, source, behind.ToString("n0", CultureInfo.InvariantCulture), settings.ReplicationLag!.Value.ToString("n0", CultureInfo.InvariantCulture));
        return isTooFar;
    }

    async Task<long> MeasureAsync(CancellationToken stop)
    {
        try
        {
            var behind = await lag!(stop);
            _isBlind = false;
            lock (_lock) _seen = behind;
            return behind;
        }
        catch (Exception unseen) when (unseen is DbException or IOException or TimeoutException && !stop.IsCancellationRequested)
        {
            if (!_isBlind) Log.LagUnseen(log, source, unseen.Message);
            _isBlind = true;
            lock (_lock) _seen = 0;
            return 0;
        }
    }
}

/// <summary>A limit of the load budget that holds a snapshot back.</summary>
/// <param name="Limit">Its name under <c>load</c>: <c>rows_per_second</c>, <c>bytes_per_second</c> or <c>replication_lag</c>.</param>
/// <param name="Value">What it is set to.</param>
/// <param name="Since">Since when.</param>
/// <param name="For">For how long.</param>
public sealed record BudgetWait(string Limit, long Value, DateTimeOffset Since, TimeSpan For);
