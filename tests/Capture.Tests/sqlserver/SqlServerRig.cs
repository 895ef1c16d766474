using System.Buffers.Binary;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.Servers.SqlServer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>SQL Server databases being captured into a log in memory.</summary>
public sealed class SqlServerRig : IAsyncDisposable
{
    CancellationTokenSource? _stop;
    Task _running = Task.CompletedTask;

    SqlServerRig(TestSqlServer server, string database) => (Server, Database, Settings) = (server, database, new SqlServerSettings
    {
        Name = "erp", Connection = server.Connection(database), PollInterval = TimeSpan.FromMilliseconds(50), HeartbeatInterval = TimeSpan.FromMilliseconds(300), Snapshot = SnapshotStart.Never, SchemaChanges = false,
    });

    public TestSqlServer Server { get; }

    public string Database { get; }

    public SqlServerSettings Settings { get; set; }

    public MemoryLog Log { get; } = new();

    public MemoryRegistry Registry { get; } = new();

    public ICanonicalMapper? Mapper { get; set; }

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public MemorySignals Signals { get; } = new();

    public MemoryPauses Pauses { get; } = new();

    public CaptureWorker? Worker { get; private set; }

    /// <summary>Held records given out at once: few, so that tests see what comes between.</summary>
    public int HeldPiece { get; set; } = 20;

    public SourceStatus? Status { get; private set; }

    public static async Task<SqlServerRig> NewAsync(bool encrypted = false)
    {
        var server = new TestSqlServer(encrypted);
        return new SqlServerRig(server, await server.NewDatabaseAsync());
    }

    public Task CommitAsync(params IReadOnlyList<TestChange> changes) => Server.CommitAsync(Database, changes);

    public SqlServerSource Open() => new(Settings, Registry, Logger, TimeProvider.System);

    public void Start()
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Starts and waits until the streams of all databases follow.</summary>
    public async Task FollowAsync()
    {
        Start();
        var databases = Settings.Databases.Count == 0 ? 1 : Settings.Databases.Count;
        await UntilAsync(() => Status?.State == SourceState.Streaming && Begun >= databases);
    }

    // Databases that have a place: what is committed from now on is a change.
    int Begun => Log.Bookmark("erp") is { State: { } state } place ? DatabaseStates.Of(place with { State = WorkerState.Parse(state).Source }).Values.Count(s => s.Place is not null) : 0;

    async Task RunAsync(CancellationToken stop)
    {
        await using var source = Open();
        source.Attach(Signals);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watch = WatchAsync(source, watching.Token);
        try
        {
            Worker = new CaptureWorker(source, Log, Mapper, Logger, TimeProvider.System) { Pauses = Pauses, HeldPiece = HeldPiece, PausedLook = TimeSpan.FromMilliseconds(100) };
            await Worker.RunAsync(stop);
        }
        finally
        {
            await watching.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Status = source.Status;
        }
    }

    async Task WatchAsync(SqlServerSource source, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(20, stop);
            Status = source.Status;
        }
    }

    public async Task StopAsync()
    {
        if (_stop is null) return;
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _stop = null;
    }

    public async Task UntilAsync(Func<bool> holds, double seconds = 60)
    {
        var deadline = TimeProvider.System.GetTimestamp() + (long)(seconds * TimeProvider.System.TimestampFrequency);
        while (!holds())
        {
            if (_running.IsCompleted) await _running;
            if (TimeProvider.System.GetTimestamp() > deadline)
                throw new TimeoutException($"Not within {seconds} s; the log has {Log.Records.Count} records: {string.Join(", ", Log.Records.GroupBy(r => r.Topic).Select(g => $"{g.Key} {g.Count()}"))}; {Status}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public Task UntilAsync(int records) => UntilAsync(() => Log.Records.Count >= records);

    /// <summary>What stops the source.</summary>
    public async Task<Exception> FailureAsync()
    {
        await UntilEndAsync();
        return _running.Exception!.InnerException!;
    }

    async Task UntilEndAsync()
    {
        for (var waited = 0; !_running.IsCompleted; waited++)
        {
            if (waited > 3000) throw new TimeoutException($"The source did not stop: {Status}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A table's records, in order, decoded; null for tombstones.</summary>
    public async Task<List<AvroRecord?>> ValuesAsync(string table = "dbo.item", string? database = null)
    {
        var values = new List<AvroRecord?>();
        foreach (var record in Log.Records.Where(r => r.Topic == $"erp.{database ?? Database}.{table}")) values.Add(await DecodeAsync(record.Value));
        return values;
    }

    public async Task<AvroRecord?> DecodeAsync(byte[]? bytes)
    {
        if (bytes is null) return null;
        var schema = AvroSchema.Parse((await Registry.GetAsync(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)), default)).Text);
        return (AvroRecord)AvroReader.For(schema).Read(bytes.AsSpan(5))!;
    }

    public async Task<SourcePosition> PlaceAsync() => (await Log.ReadBookmarkAsync("erp", default))?.Position ?? default;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Server.DisposeAsync();
    }
}
