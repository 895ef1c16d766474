using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture;

/// <summary>How every kind of source hands on what it reads, and waits for a lost connection.</summary>
static class SourceReading
{
    /// <summary>
    /// The batches that <paramref name="read"/> writes, one ahead of the consumer. It runs until it returns or throws, which ends the batches likewise, or until the consumer leaves,
    /// which stops it; batches left then are disposed.
    /// </summary>
    public static async IAsyncEnumerable<ChangeBatch> RunAsync(Func<ChannelWriter<ChangeBatch>, CancellationToken, Task> read, [EnumeratorCancellation] CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var batches = Channel.CreateBounded<ChangeBatch>(new BoundedChannelOptions(1) { SingleReader = true });
        var reading = CompleteAsync(read, batches.Writer, ended.Token);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(stop)) yield return batch;
            await reading;
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (batches.Reader.TryRead(out var left)) left.Dispose();
        }
    }

    static async Task CompleteAsync(Func<ChannelWriter<ChangeBatch>, CancellationToken, Task> read, ChannelWriter<ChangeBatch> output, CancellationToken stop)
    {
        try
        {
            await read(output, stop);
            output.TryComplete();
        }
        catch (Exception final)
        {
            output.TryComplete(final);
            throw;
        }
    }

    /// <summary>How long to wait before connecting again: doubles from 0.1 s to 30 s, and is shaken so that sources do not all come at once.</summary>
    /// <param name="attempt">Counts from 1 since the source last gave something.</param>
    public static TimeSpan Pause(int attempt) => TimeSpan.FromMilliseconds(Math.Min(30_000, 100 * Math.Pow(2, Math.Min(attempt, 9))) * (0.5 + Random.Shared.NextDouble() / 2));
}
