using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Snapshot;

/// <summary>Signals from outside, waiting for the source to stand between two batches.</summary>
sealed class SignalQueue : IAsyncDisposable
{
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    readonly Channel<NumberedSignal> _waiting = Channel.CreateBounded<NumberedSignal>(16);
    readonly CancellationTokenSource _end;
    readonly Task _reading;
    Task<bool>? _next;

    /// <param name="inbox">Where they come from; null for nowhere.</param>
    /// <param name="source">Name of the source, for logs.</param>
    /// <param name="after">The last one that was carried out.</param>
    /// <param name="log">Says when the inbox cannot be read.</param>
    /// <param name="clock">Time.</param>
    /// <param name="stop">Ends it.</param>
    public SignalQueue(ISignalInbox? inbox, string source, long after, ILogger log, TimeProvider clock, CancellationToken stop)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _reading = inbox is null ? Task.CompletedTask : ReadAsync(inbox, source, after, log, clock, _end.Token);
    }

    /// <summary>Ends when one is there.</summary>
    public Task Arrives => _next is { IsCompleted: false } ? _next : _next = _waiting.Reader.WaitToReadAsync(_end.Token).AsTask();

    public bool IsEmpty => !_waiting.Reader.TryPeek(out _);

    public bool TryTake(out NumberedSignal? signal) => _waiting.Reader.TryRead(out signal);

    async Task ReadAsync(ISignalInbox inbox, string source, long after, ILogger log, TimeProvider clock, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await foreach (var signal in inbox.ReadAsync(after, stop))
                {
                    await _waiting.Writer.WriteAsync(signal, stop);
                    after = signal.Number;
                }
                return;
            }
            catch (Exception lost) when (lost is DbException or IOException or TimeoutException && !stop.IsCancellationRequested)
            {
                Log.InboxUnavailable(log, source, lost.Message);
                await Task.Delay(Retry, clock, stop);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_next is { } next) await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }
}
