using System.Runtime.CompilerServices;
using CdcSync.Capture.Snapshot;

namespace CdcSync.Capture.Tests;

/// <summary>Signals from outside, in memory; they stay, as after a process that ended before it said it had them.</summary>
public sealed class MemorySignals : ISignalInbox
{
    readonly Lock _lock = new();
    readonly List<NumberedSignal> _signals = [];

    public void Send(string id, string type, string? data = null)
    {
        lock (_lock) _signals.Add(new NumberedSignal(_signals.Count + 1, new Signal(id, type, data)));
    }

    public async IAsyncEnumerable<NumberedSignal> ReadAsync(long after, [EnumeratorCancellation] CancellationToken stop)
    {
        while (true)
        {
            List<NumberedSignal> next;
            lock (_lock) next = [.. _signals.Where(s => s.Number > after)];
            foreach (var signal in next)
            {
                yield return signal;
                after = signal.Number;
            }
            await Task.Delay(20, stop);
        }
    }
}
