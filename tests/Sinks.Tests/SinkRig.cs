using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Demo.Shop;
using CdcSync.EventLog;
using CdcSync.EventLog.Postgres;
using CdcSync.EventLog.Registry;
using CdcSync.EventLog.Store;
using CdcSync.Servers;
using CdcSync.Sinks.Delivery;
using CdcSync.Sinks.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Sinks.Tests;

/// <summary>A store, its log, a shop, and a sink between them.</summary>
public sealed class SinkRig : IAsyncDisposable
{
    readonly PostgresLog _log;
    ILogWriter? _writer;
    long _position;

    SinkRig(NpgsqlDataSource store, PostgresLog log, ShopServer shop)
    {
        (Store, _log, Shop) = (store, log, shop);
        Records = new CanonicalRecords(new SchemasInMemory());
    }

    public NpgsqlDataSource Store { get; }

    public IEventLog EventLog => _log;

    public CanonicalRecords Records { get; }

    public ShopServer Shop { get; }

    public DeadLetters Letters => new(Store);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<SinkRig> OpenAsync(TestPostgres postgres)
    {
        var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync());
        var log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        await StoreMigrations.ApplyAsync(store, typeof(DeliveryWorker).Assembly, Stop);
        foreach (var kind in CanonicalCatalog.All) await log.EnsureTopicAsync(new TopicSettings(kind.Topic, Partitions: 2), Stop);
        return new SinkRig(store, log, await ShopServer.StartAsync(new(System.Net.IPAddress.Loopback, 0), null, Stop));
    }

    public static SinkSettings Settings(params string[] objects) => new()
    {
        Name = "shop",
        Objects = objects.ToDictionary(o => o, _ => RecordOrigin.Canonical),
        Retry = new RetrySettings { FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromMilliseconds(500), Settle = TimeSpan.FromMilliseconds(200), Attempts = 8 },
        Breaker = new BreakerSettings { Calls = 50, FailureRatio = 0.95m, Pause = TimeSpan.FromMilliseconds(500) },
    };

    public HttpSettings ShopSettings(TimeSpan? timeout = null) => ShopMapping.Of(Shop.Url) with { Timeout = timeout ?? TimeSpan.FromSeconds(5) };

    public DeliveryWorker Worker(SinkSettings settings, ITarget target) => new(settings, target, _log, Records, Store, NullLogger.Instance, TimeProvider.System);

    /// <summary>Runs a sink while something is done, then stops it cleanly.</summary>
    public async Task WhileRunningAsync(SinkSettings settings, ITarget target, Func<Task> work)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = Worker(settings, target).RunAsync(end.Token);
        try
        {
            await Task.WhenAny(work(), running).Unwrap();
        }
        finally
        {
            await end.CancelAsync();
            try { await running; } catch (OperationCanceledException) { }
        }
    }

    /// <summary>A version later than all before.</summary>
    public SourcePosition NextVersion() => new((UInt128)(ulong)Interlocked.Increment(ref _position), 1);

    public async Task WriteAsync(params CanonicalObject[] objects) => await AppendAsync(objects.Select(o => (o.Key, (CanonicalObject?)o, o.Position, CanonicalCatalog.Of(o.GetType()))));

    public Task DeleteAsync(CanonicalObject gone) => AppendAsync([(gone.Key, null, NextVersion(), CanonicalCatalog.Of(gone.GetType()))]);

    public async Task AppendAsync(IEnumerable<(CanonicalKey Key, CanonicalObject? Object, SourcePosition Version, CanonicalKind Kind)> changes)
    {
        _writer ??= await _log.OpenWriterAsync("test", Stop);
        var batch = new LogBatch();
        foreach (var (key, value, version, kind) in changes)
            if (value is not null) await Records.WriteAsync(batch, kind.Topic, value, Stop);
            else await Records.WriteDeleteAsync(batch, kind.Topic, key, version, DateTimeOffset.UtcNow, "test", Stop);
        await _writer.AppendAsync(batch, new Bookmark(NextVersion(), null), Stop);
    }

    public static async Task UntilAsync(Func<Task<bool>> met, int seconds = 60)
    {
        for (var start = DateTime.UtcNow; DateTime.UtcNow - start < TimeSpan.FromSeconds(seconds); await Task.Delay(50, Stop))
            if (await met()) return;
        Assert.Fail($"It did not come about within {seconds} s");
    }

    public static Task UntilAsync(Func<bool> met, int seconds = 60) => UntilAsync(() => Task.FromResult(met()), seconds);

    public Task CaughtUpAsync(string sink = "shop", int seconds = 90) =>
        UntilAsync(() => new DeliveryTraces(Store, sink, CanonicalCatalog.All[0], TimeProvider.System).CaughtUpAsync(TimeSpan.FromSeconds(seconds), Stop), 1);

    /// <summary>Has what was parked for want of luck tried again until nothing is parked.</summary>
    public Task UntilReplayedAsync() => UntilAsync(async () =>
    {
        await Letters.ReplayAsync("shop", null, Stop);
        await Task.Delay(500, Stop);
        return (await Letters.ListAsync("shop", 10, Stop)).Count == 0;
    });

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null) await _writer.DisposeAsync();
        await Shop.DisposeAsync();
        await _log.DisposeAsync();
        await Store.DisposeAsync();
    }
}

sealed class SchemasInMemory : ISchemaRegistry
{
    readonly List<RegisteredSchema> _schemas = [];

    public Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        lock (_schemas)
        {
            var known = _schemas.FindIndex(s => s.Text == schema.Text);
            if (known >= 0) return Task.FromResult(known + 1);
            _schemas.Add(schema);
            return Task.FromResult(_schemas.Count);
        }
    }

    public Task<RegisteredSchema> GetAsync(int id, CancellationToken stop)
    {
        lock (_schemas) return Task.FromResult(_schemas[id - 1]);
    }
}
