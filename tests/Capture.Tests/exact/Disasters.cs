using CdcSync.Demo;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests.Exact;

/// <summary>Everything that can break beside the worker itself: the wires, the source, the log's servers. One at a time.</summary>
sealed class Disasters(PrivatePostgres source, TcpCut sourceWire, PrivatePostgres? store, TcpCut? storeWire, TestKafkaCluster? kafka) : IAsyncDisposable
{
    Task _reviving = Task.CompletedTask;

    /// <summary>How often each happened.</summary>
    public SortedDictionary<string, int> Struck { get; } = new(StringComparer.Ordinal);

    /// <summary>Something breaks, and comes back at once or soon.</summary>
#pragma warning disable CA5394 // Random enough.
    public async Task StrikeAsync(CancellationToken stop)
    {
        switch (Random.Shared.Next(6))
        {
            case 0 or 1:
                Note("connections to the source cut");
                sourceWire.Cut();
                break;
            case 2:
                Note("source crashed and started");
                await CrashAsync(source, stop);
                break;
            case 3 or 4 when storeWire is not null:
                Note("connections to the log cut");
                storeWire.Cut();
                break;
            case 5 when store is not null:
                Note("log's database crashed and started");
                await CrashAsync(store, stop);
                break;
            case 3 or 4 or 5 when _reviving.IsCompleted:
                await _reviving;
                Note("broker killed and started");
                await kafka!.KillAsync(Random.Shared.Next(1, 4), stop);
                _reviving = ReviveAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(3000)), stop);
                break;
            default:
                break;
        }
    }
#pragma warning restore CA5394

    /// <summary>All is well again.</summary>
    public Task HealAsync() => _reviving;

    async Task ReviveAsync(TimeSpan after, CancellationToken stop)
    {
        await Task.Delay(after, stop);
        await kafka!.StartNodesAsync(stop);
    }

    static async Task CrashAsync(PrivatePostgres server, CancellationToken stop)
    {
        await server.StopAsync("immediate", stop);
        await server.RestartAsync(stop);
    }

    void Note(string what) => Struck[what] = Struck.GetValueOrDefault(what) + 1;

    public async ValueTask DisposeAsync() => await _reviving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
