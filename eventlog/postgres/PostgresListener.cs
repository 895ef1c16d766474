using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.EventLog.Postgres;

/// <summary>
/// The one listening connection of a log: an append's NOTIFY, in its transaction, names the partitions that grew. A lost connection is opened again, and then everybody
/// reads again, for what was notified in between was missed.
/// </summary>
sealed class PostgresListener(NpgsqlDataSource store, ILogger logger) : IAsyncDisposable
{
    public const string Channel = "cdcsync_log";
    const string Everything = "*";
    static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);
    static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(100), LongestDelay = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<WakeUp, bool> _sleepers = new();
    readonly CancellationTokenSource _stopped = new();
    readonly SemaphoreSlim _once = new(1, 1);
    Task? _listening;

    /// <summary>Partitions as an append's notification names them; too many for one notification are everything.</summary>
    public static string Payload(IEnumerable<int> partitions) => string.Join(',', partitions) is { Length: < 7900 } names ? names : Everything;

    /// <summary>From now on every append wakes it.</summary>
    public async Task AddAsync(WakeUp sleeper, CancellationToken stop)
    {
        await _once.WaitAsync(stop);
        try
        {
            if (_listening is null)
            {
                var connection = await ListenAsync(stop);
                _listening = RunAsync(connection);
            }
            _sleepers[sleeper] = true;
        }
        finally
        {
            _once.Release();
        }
    }

    public void Remove(WakeUp sleeper) => _sleepers.TryRemove(sleeper, out _);

    public async ValueTask DisposeAsync()
    {
        if (_stopped.IsCancellationRequested) return;
        await _stopped.CancelAsync();
        if (_listening is not null) await _listening;
        _once.Dispose();
    }

    async Task RunAsync(NpgsqlConnection first)
    {
        var delay = ShortestDelay;
        for (NpgsqlConnection? connection = first; !_stopped.IsCancellationRequested; connection = null)
        {
            try
            {
                if (connection is null)
                {
                    await Task.Delay(delay, _stopped.Token);
                    connection = await ListenAsync(_stopped.Token);
                    Wake(Everything);
                }
                delay = ShortestDelay;
                await using (connection) await HearAsync(connection);
            }
            catch (Exception lost) when (PostgresLogErrors.IsStore(lost) || lost is EventLogException or OperationCanceledException)
            {
                if (_stopped.IsCancellationRequested) return;
                Log.ListenerLost(logger, lost.Message, delay);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LongestDelay.Ticks));
            }
        }
    }

    async Task HearAsync(NpgsqlConnection connection)
    {
        connection.Notification += (_, notice) => Wake(notice.Payload);
        while (true)
        {
            if (await connection.WaitAsync(Silence, _stopped.Token)) continue;
            // A connection that a firewall forgot looks just like silence.
            await using var alive = new NpgsqlCommand("select 1", connection);
            await alive.ExecuteNonQueryAsync(_stopped.Token);
        }
    }

    async Task<NpgsqlConnection> ListenAsync(CancellationToken stop)
    {
        var connection = await StoreSession.OpenAsync(store, "listener", stop);
        await using var listen = new NpgsqlCommand($"listen {Channel}", connection);
        try
        {
            await listen.ExecuteNonQueryAsync(stop);
            return connection;
        }
        catch (Exception failed) when (PostgresLogErrors.IsStore(failed))
        {
            await connection.DisposeAsync();
            throw PostgresLogErrors.Explain("listen for appends", failed);
        }
    }

    void Wake(string payload)
    {
        if (payload == Everything)
        {
            foreach (var sleeper in _sleepers.Keys) sleeper.Everything();
            return;
        }
        var partitions = Array.ConvertAll(payload.Split(','), int.Parse);
        foreach (var sleeper in _sleepers.Keys) sleeper.Partitions(partitions);
    }
}
