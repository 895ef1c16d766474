using System.Collections.Concurrent;
using CdcSync.Capture.Postgres;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.Servers;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>A database being captured into a log in memory.</summary>
public sealed class Captured(string connection) : IAsyncDisposable
{
    CancellationTokenSource? _stop;
    Task _running = Task.CompletedTask;

    public string Connection { get; } = connection;

    public MemoryLog Log { get; init; } = new();

    public MemoryRegistry Registry { get; } = new();

    public MemorySignals Signals { get; } = new();

    public MemoryPauses Pauses { get; } = new();

    public CaptureWorker? Worker { get; private set; }

    public PostgresSettings Settings { get; set; } = new() { Name = "t" + Guid.NewGuid().ToString("n")[..12], Connection = connection, HeartbeatInterval = TimeSpan.FromMilliseconds(300), TopicPrefix = "t" };

    public ICanonicalMapper? Mapper { get; init; }

    /// <summary>Held records given out at once: few, so that tests see what comes between.</summary>
    public int HeldPiece { get; set; } = 20;

    public TimeSpan? WholeTransactions { get; init; }

    public Said Said { get; } = new();

    public SourceStatus? Status { get; private set; }

    public Task Running => _running;

    public static async Task<Captured> NewAsync(TestPostgres postgres, string sql)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, sql);
        return new Captured(connection);
    }

    public void Start()
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _running = RunAsync(_stop.Token);
    }

    async Task RunAsync(CancellationToken stop)
    {
        await using var source = new PostgresSource(Settings, Registry, Said, TimeProvider.System);
        source.Attach(Signals);
        var worker = Worker = new CaptureWorker(source, Log, Mapper, Said, TimeProvider.System)
        {
            MappingPause = TimeSpan.FromMilliseconds(200), Pauses = Pauses, HeldPiece = HeldPiece, WholeTransactions = WholeTransactions ?? TimeSpan.FromMinutes(5),
        };
        try
        {
            await worker.RunAsync(stop);
        }
        finally
        {
            Status = worker.Status;
        }
    }

    public async Task StopAsync()
    {
        if (_stop is null) return;
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
        _stop.Dispose();
        _stop = null;
    }

    public Task ExecuteAsync(string sql) => TestPostgres.ExecuteAsync(Connection, sql);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var opened = new NpgsqlConnection(Connection);
        await opened.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, opened);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Waits until a record of the table satisfies.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<LogRecord>, bool> holds, double seconds = 60)
    {
        var deadline = TimeProvider.System.GetTimestamp() + (long)(seconds * TimeProvider.System.TimestampFrequency);
        while (!holds(Log.Records))
        {
            if (_running.IsCompleted) await _running;
            if (TimeProvider.System.GetTimestamp() > deadline)
                throw new TimeoutException($"Not within {seconds} s; the log has {Log.Records.Count} records: {string.Join(", ", Log.Records.GroupBy(r => r.Topic).Select(g => $"{g.Key} {g.Count()}"))}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until everything committed so far is in the log: a heartbeat after it says so.</summary>
    public async Task CaughtUpAsync(double seconds = 60)
    {
        var place = new SourcePosition(Sql.Lsn(await ScalarAsync<string>("select pg_current_wal_insert_lsn()::text")) - 1, 0);
        var deadline = TimeProvider.System.GetTimestamp() + (long)(seconds * TimeProvider.System.TimestampFrequency);
        while (await Log.ReadBookmarkAsync(Settings.Name, default) is not { } bookmark || bookmark.Position < place || !IsSnapshotDone(bookmark))
        {
            if (_running.IsCompleted) await _running;
            if (TimeProvider.System.GetTimestamp() > deadline) throw new TimeoutException($"Not caught up with {place} within {seconds} s: {Status}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until all tables' rows are published.</summary>
    public Task UntilReadAsync() => UntilBookmarkAsync(bookmark => IsDone(bookmark));

    /// <summary>Waits until the bookmark satisfies.</summary>
    public async Task UntilBookmarkAsync(Func<Bookmark, bool> holds, double seconds = 60)
    {
        var deadline = TimeProvider.System.GetTimestamp() + (long)(seconds * TimeProvider.System.TimestampFrequency);
        while (await Log.ReadBookmarkAsync(Settings.Name, default) is not { } bookmark || !holds(bookmark))
        {
            if (_running.IsCompleted) await _running;
            if (TimeProvider.System.GetTimestamp() > deadline) throw new TimeoutException($"Not within {seconds} s; {await Log.ReadBookmarkAsync(Settings.Name, default)}; {Worker?.Status}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    bool IsSnapshotDone(Bookmark bookmark) => Settings.Snapshot == SnapshotMode.Never || IsDone(bookmark);

    /// <summary>Whether a table's rows are published and none is being read.</summary>
    public static bool IsDone(Bookmark bookmark, long signal = 0) =>
        SnapshotProgress.Parse(WorkerState.Parse(bookmark.State).Source) is { Done.Count: > 0, Table: null, Current: null } progress && (progress.Signal ?? 0) >= signal;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (Exception) when (_running.IsFaulted)
        {
            // The test has seen it, or failed for a reason of its own.
        }
    }
}

/// <summary>What was logged as a warning or worse.</summary>
public sealed class Said : ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public LogLevel Least { get; set; } = LogLevel.Warning;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= Least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) Lines.Enqueue(formatter(state, exception));
    }
}
