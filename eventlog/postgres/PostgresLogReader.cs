using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.EventLog.Postgres;

/// <summary>
/// Reads partitions by keyset, those that were said to have grown. Reads and commits go over the session that holds the group's lock: who lost the lock lost the session, and
/// can no more commit over the head of the next.
/// </summary>
sealed class PostgresLogReader : ILogReader
{
    readonly PostgresListener _listener;
    readonly WakeUp _wake;
    readonly PostgresLogSettings _settings;
    readonly string _group;
    readonly GroupLock _lock;
    readonly CancellationTokenSource _closed = new();
    readonly SemaphoreSlim _one = new(1, 1);
    readonly Task<ReaderPlaces> _active;
    readonly Queue<int> _grown = [];
    readonly ILogger _logger;
    bool _disposed;

    public PostgresLogReader(
        NpgsqlDataSource store, PostgresListener listener, WakeUp wake, PostgresLogSettings settings, string group, IReadOnlyCollection<string> topics, ILogger logger)
    {
        (_listener, _wake, _settings, _group, _logger) = (listener, wake, settings, group, logger);
        _lock = new GroupLock(store, group, topics, logger);
        _active = TakeAsync(topics);
    }

    public async Task<IReadOnlyList<LogRecord>> ReadAsync(int atMost, TimeSpan wait, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost, 1);
        var started = Stopwatch.GetTimestamp();
        TimeSpan Left() => wait == Timeout.InfiniteTimeSpan ? wait : TimeSpan.FromTicks(Math.Max(0, (wait - Stopwatch.GetElapsedTime(started)).Ticks));
        if (await IsActiveAsync(Left(), stop) is not { } places) return [];
        while (true)
        {
            var records = await LockedAsync("read", () => FetchAsync(places, atMost, stop), stop);
            if (records.Count > 0)
            {
                LogMeter.Read(_group, records.Count);
                return records;
            }
            if (!await _wake.WaitAsync(Left(), stop)) return [];
        }
    }

    public async Task CommitAsync(IReadOnlyCollection<LogPlace> next, CancellationToken stop)
    {
        if (!_active.IsCompleted)
            throw new EventLogException($"Group '{_group}' is read by another process; this one stands by and has nothing to commit. Go on reading.");
        var places = await _active;
        await LockedAsync("commit the group's place", async () =>
        {
            await places.CommitAsync(_lock.Connection, next, stop);
            return true;
        }, stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        _listener.Remove(_wake);
        await _closed.CancelAsync();
        try
        {
            await _active;
        }
        catch (Exception ended) when (ended is OperationCanceledException or EventLogException)
        {
            // It never became active: there is nothing to give back.
        }
        await _lock.DisposeAsync();
        _wake.Dispose();
        _closed.Dispose();
        _one.Dispose();
    }

    async Task<ReaderPlaces> TakeAsync(IReadOnlyCollection<string> topics)
    {
        try
        {
            await _lock.TakeAsync(_closed.Token);
            var places = new ReaderPlaces(_group, topics, _logger);
            await places.LoadAsync(_lock.Connection, _closed.Token);
            return places;
        }
        catch (Exception failed) when (PostgresLogErrors.IsStore(failed))
        {
            throw PostgresLogErrors.Explain($"begin to read as group '{_group}'", failed);
        }
    }

    async Task<ReaderPlaces?> IsActiveAsync(TimeSpan wait, CancellationToken stop)
    {
        try
        {
            return await _active.WaitAsync(wait, stop);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    // The session serves one question at a time; a commit may come while a read waits, but not while it asks.
    async Task<T> LockedAsync<T>(string doing, Func<Task<T>> ask, CancellationToken stop)
    {
        await _one.WaitAsync(stop);
        try
        {
            return await ask();
        }
        catch (Exception failed) when (PostgresLogErrors.IsStore(failed))
        {
            throw PostgresLogErrors.Explain($"{doing} as group '{_group}' (open a fresh reader, it goes on from the stored place)", failed);
        }
        finally
        {
            _one.Release();
        }
    }

    async Task<IReadOnlyList<LogRecord>> FetchAsync(ReaderPlaces places, int atMost, CancellationToken stop)
    {
        var (everything, grown) = _wake.Take();
        if (everything && places.Incomplete) await places.LoadAsync(_lock.Connection, stop);
        foreach (var partition in everything ? places.Partitions : grown)
            if (places.Reads(partition) && !_grown.Contains(partition)) _grown.Enqueue(partition);
        var fetch = new RecordFetch(_lock.Connection, _settings.ReadBytes, atMost);
        try
        {
            for (var turns = _grown.Count; turns > 0 && !fetch.Full; turns--)
            {
                var partition = _grown.Peek();
                var (topic, number, next) = places.At(partition);
                var more = await fetch.ReadAsync(partition, topic, number, next, stop);
                _grown.Dequeue();
                if (more) _grown.Enqueue(partition);
            }
        }
        catch
        {
            _wake.Everything();      // nothing was handed over, so nothing was read
            throw;
        }
        places.MoveTo(fetch.Next);
        return fetch.Records;
    }
}
