using Polly;
using Polly.CircuitBreaker;

namespace CdcSync.Sinks.Delivery;

/// <summary>When a target may be called: not while it asked for a pause, not while its breaker is open (then one call probes it), not faster than its rate.</summary>
internal sealed class TargetGate
{
    readonly TimeProvider _clock;
    readonly ResiliencePipeline<IReadOnlyList<Outcome>> _breaker;
    readonly CircuitBreakerStateProvider _state = new();
    readonly double _perSecond, _burst;
    readonly TimeSpan _longestPause;
    double _tokens;
    long _filled;
    DateTimeOffset _pausedUntil, _openUntil;

    public TargetGate(SinkSettings settings, TimeProvider clock, Action<bool>? changed = null)
    {
        _clock = clock;
        (_perSecond, _burst, _tokens, _filled) = ((double)settings.CallsPerSecond, settings.CallBurst, settings.CallBurst, clock.GetTimestamp());
        _longestPause = settings.Retry.LongestPause;
        var breaker = settings.Breaker;
        _breaker = new ResiliencePipelineBuilder<IReadOnlyList<Outcome>> { TimeProvider = clock }.AddCircuitBreaker(new()
        {
            FailureRatio = (double)breaker.FailureRatio,
            MinimumThroughput = breaker.Calls,
            SamplingDuration = breaker.Window,
            BreakDuration = breaker.Pause,
            StateProvider = _state,
            ShouldHandle = answer => ValueTask.FromResult(answer.Outcome.Result is { Count: > 0 } all && all.All(o => o.Class is OutcomeClass.Retry or OutcomeClass.Ambiguous)),
            OnOpened = opened =>
            {
                _openUntil = clock.GetUtcNow() + opened.BreakDuration;
                changed?.Invoke(true);
                return ValueTask.CompletedTask;
            },
            OnClosed = _ =>
            {
                changed?.Invoke(false);
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    /// <summary><c>closed</c>, <c>open</c> or <c>half_open</c>.</summary>
    public string Breaker => _state.CircuitState switch { CircuitState.Closed => "closed", CircuitState.Open when _clock.GetUtcNow() < _openUntil => "open", _ => "half_open" };

    /// <summary>Until when the target asked to be left alone; null when it did not.</summary>
    public DateTimeOffset? PausedUntil => _pausedUntil > _clock.GetUtcNow() ? _pausedUntil : null;

    /// <summary>True when only a single record may go, to see whether the target is back.</summary>
    public bool ProbesOnly => _state.CircuitState != CircuitState.Closed;

    /// <summary>How long until a call may go; nothing when one may go now.</summary>
    public TimeSpan Wait
    {
        get
        {
            var now = _clock.GetUtcNow();
            var closed = _state.CircuitState == CircuitState.Closed ? default : _openUntil;
            var blocked = (_pausedUntil > closed ? _pausedUntil : closed) - now;
            if (blocked > TimeSpan.Zero) return blocked;
            if (_perSecond <= 0) return TimeSpan.Zero;
            Refill();
            return _tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / _perSecond);
        }
    }

    /// <summary>Takes the right to one call.</summary>
    public void Enter() => _tokens -= _perSecond > 0 ? 1 : 0;

    /// <summary>The target wants to be left alone for so long; we obey up to the longest pause.</summary>
    public void Pause(TimeSpan wanted)
    {
        var until = _clock.GetUtcNow() + (wanted < _longestPause ? wanted : _longestPause);
        if (until > _pausedUntil) _pausedUntil = until;
    }

    /// <summary>Makes a call under the breaker's eyes.</summary>
    public async Task<IReadOnlyList<Outcome>> CallAsync(int records, Func<CancellationToken, Task<IReadOnlyList<Outcome>>> call, CancellationToken stop)
    {
        try
        {
            return await _breaker.ExecuteAsync(static async (make, token) => await make(token), call, stop);
        }
        catch (BrokenCircuitException)
        {
            return [.. Enumerable.Repeat(new Outcome(OutcomeClass.Throttled, "the target is failing; waiting for it to come back") { OfWholeCall = true, RetryAfter = TimeSpan.Zero }, records)];
        }
    }

    void Refill()
    {
        var now = _clock.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + _clock.GetElapsedTime(_filled, now).TotalSeconds * _perSecond);
        _filled = now;
    }
}
