using System.Collections.Concurrent;

namespace CdcSync.EventLog.Kafka;

/// <summary>
/// A thread of its own for calls that block: librdkafka's transactions and its consumer wait inside. Calls run one after the other, so a client is never used by two.
/// </summary>
sealed class CallThread : IAsyncDisposable
{
    readonly BlockingCollection<Action> _calls = [];
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It takes no more calls.</summary>
    public bool IsDisposed => _calls.IsAddingCompleted;

    public CallThread(string name) => new Thread(Run) { IsBackground = true, Name = name }.Start();

    public Task<T> CallAsync<T>(Func<T> call, CancellationToken stop)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add(() => Answer(call, result, stop), CancellationToken.None);
        return result.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_calls.IsAddingCompleted) _calls.CompleteAdding();
        await _ended.Task;
    }

    static void Answer<T>(Func<T> call, TaskCompletionSource<T> result, CancellationToken stop)
    {
        try
        {
            stop.ThrowIfCancellationRequested();
            result.TrySetResult(call());
        }
        catch (OperationCanceledException stopped)
        {
            result.TrySetCanceled(stopped.CancellationToken);
        }
        catch (Exception failed)
        {
            result.TrySetException(failed);     // travels to who called
        }
    }

    void Run()
    {
        foreach (var call in _calls.GetConsumingEnumerable()) call();
        _ended.SetResult();
    }
}
