using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Care;

/// <summary>Knows at any time what is wanted to wait of a source. While the wishes cannot be read, the last ones known hold.</summary>
sealed class PauseWatch : IAsyncDisposable
{
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    readonly CancellationTokenSource _end;
    readonly Task _reading;
    readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile IReadOnlyList<Pause> _now = [];
    volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="wishes">Where they come from; null for a source that nobody can pause.</param>
    /// <param name="source">Name of the source, for logs.</param>
    /// <param name="log">Says when they cannot be read.</param>
    /// <param name="clock">Time.</param>
    /// <param name="stop">Ends it.</param>
    public PauseWatch(IPauseWishes? wishes, string source, ILogger log, TimeProvider clock, CancellationToken stop)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (wishes is null) _known.SetResult();
        _reading = wishes is null ? Task.CompletedTask : ReadAsync(wishes, source, log, clock, _end.Token);
    }

    /// <summary>Tables that are to wait.</summary>
    public IEnumerable<string> Tables => _now.Where(p => p.Table is not null).Select(p => p.Table!);

    /// <summary>The wish that the whole source waits; null when it need not.</summary>
    public Pause? Source => _now.FirstOrDefault(p => p.Table is null);

    /// <summary>The wish for a table.</summary>
    public Pause? Of(string table) => _now.FirstOrDefault(p => p.Table == table);

    /// <summary>Ends with the next change. Take it before looking.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Waits until the wishes are known: a source that is to wait must not be read first.</summary>
    public Task KnownAsync(CancellationToken stop) => _known.Task.WaitAsync(stop);

    async Task ReadAsync(IPauseWishes wishes, string source, ILogger log, TimeProvider clock, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await foreach (var now in wishes.ReadAsync(stop))
                {
                    _now = now;
                    _known.TrySetResult();
                    var changed = _changed;
                    _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    changed.TrySetResult();
                }
                return;
            }
            catch (Exception lost) when (lost is DbException or IOException or TimeoutException && !stop.IsCancellationRequested)
            {
                Log.PausesUnknown(log, source, lost.Message);
                await Task.Delay(Retry, clock, stop);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }
}
