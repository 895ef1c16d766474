using CdcSync.Capture;
using CdcSync.Capture.Care;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.EventLog.Kafka;
using CdcSync.EventLog.Postgres;
using CdcSync.EventLog.Registry;
using CdcSync.EventLog.Store;
using CdcSync.Host.Settings;
using CdcSync.Mdm;
using CdcSync.Sinks;
using CdcSync.Sinks.Delivery;
using Npgsql;

namespace CdcSync.Host.Run;

/// <summary>The parts of one process, wired: the only place that knows all stages.</summary>
public sealed class Appliance : IAsyncDisposable
{
    readonly TimeProvider _clock = TimeProvider.System;
    readonly ILoggerFactory _loggers;
    readonly NpgsqlDataSource _prepared;
    readonly SourceCatalog _sources = new();
    readonly List<IAsyncDisposable> _opened = [];
    readonly Dictionary<string, ITarget> _targets = new(StringComparer.Ordinal);
    readonly Dictionary<string, CanonicalMapper> _mappers = new(StringComparer.Ordinal);

    Appliance(ApplianceSettings settings, NpgsqlDataSource store, IEventLog log, ISchemaRegistry registry, ILoggerFactory loggers)
    {
        (Settings, Store, Log, Registry, _loggers) = (settings, store, log, registry, loggers);
        Records = new CanonicalRecords(registry);
        _opened.Add(_prepared = StoreConnection.Open(settings.Store, prepared: true));
    }

    public ApplianceSettings Settings { get; }
    public NpgsqlDataSource Store { get; }
    public IEventLog Log { get; }
    public ISchemaRegistry Registry { get; }
    public CanonicalRecords Records { get; }

    /// <summary>Sources that are being captured by this process, by name.</summary>
    public IReadOnlyDictionary<string, CaptureWorker> Captures => _captures;

    /// <summary>What this process watches at sources, by their names.</summary>
    public IReadOnlyDictionary<string, IRetentionWatch> Watches => _watches;

    readonly Dictionary<string, IRetentionWatch> _watches = new(StringComparer.Ordinal);

    readonly Dictionary<string, CaptureWorker> _captures = new(StringComparer.Ordinal);

    /// <summary>Opens store, log and registry.</summary>
    public static async Task<Appliance> OpenAsync(ApplianceSettings settings, ILoggerFactory loggers, CancellationToken stop)
    {
        var store = StoreConnection.Open(settings.Store, prepared: false);
        await StoreMigrations.ApplyAsync(store, typeof(IEventLog).Assembly, stop);
        await StoreMigrations.ApplyAsync(store, typeof(CaptureWorker).Assembly, stop);
        await StoreMigrations.ApplyAsync(store, typeof(MdmWorker).Assembly, stop);
        await StoreMigrations.ApplyAsync(store, typeof(DeliveryWorker).Assembly, stop);
        await StoreMigrations.ApplyAsync(store, typeof(Reconcile.Reconciler).Assembly, stop);
        IEventLog log = settings.Log.Kind == LogKind.Kafka
            ? await KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = settings.Log.Bootstrap!, Options = settings.Log.Options, Replicas = settings.Log.Replicas }, loggers.CreateLogger<KafkaLog>(), stop)
            : await PostgresLog.OpenAsync(store, null, loggers.CreateLogger<PostgresLog>(), TimeProvider.System, stop);
        ISchemaRegistry registry = settings.Registry.Kind == RegistryKind.Http
            ? HttpRegistry.Open(settings.Registry.Url!, settings.Registry.Credentials)
            : new StoreRegistry(store);
        var appliance = new Appliance(settings, store, log, registry, loggers);
        appliance._opened.AddRange([store, log]);
        await appliance.EnsureTopicsAsync(stop);
        return appliance;
    }

    /// <summary>The roles of the process by name: <c>capture:erp</c>, <c>watch:erp</c>, <c>mdm</c>, <c>sink:shop</c>, <c>log</c>.</summary>
    /// <param name="chosen">Kinds to take: capture, mdm, sinks; empty for all.</param>
    public IReadOnlyDictionary<string, Func<CancellationToken, Task>> Roles(IReadOnlyCollection<string> chosen)
    {
        bool Wanted(string kind) => chosen.Count == 0 || chosen.Contains(kind);
        var roles = new Dictionary<string, Func<CancellationToken, Task>>(StringComparer.Ordinal);
        if (Wanted("capture"))
            foreach (var source in Settings.Sources)
            {
                roles[$"capture:{source.Name}"] = stop => CaptureAsync(source, stop);
                if (_sources.OpenWatch(source, _loggers, _clock) is not { } watch) continue;
                _opened.Add(watch);
                _watches[source.Name] = watch;
                roles[$"watch:{source.Name}"] = watch.RunAsync;
            }
        if (Wanted("mdm") && Settings.Mdm is { } mdm)
            roles["mdm"] = stop => new MdmWorker(Store, Log, Records, mdm, _loggers.CreateLogger<MdmWorker>(), _clock, _prepared).RunAsync(stop);
        if (Wanted("sinks"))
            foreach (var sink in Settings.Sinks)
                roles[$"sink:{sink.Delivery.Name}"] = stop => new DeliveryWorker(sink.Delivery, Target(sink), Log, Records, Store, _loggers.CreateLogger<DeliveryWorker>(), _clock).RunAsync(stop);
        if (Wanted("reconcile"))
            foreach (var run in Settings.Reconcile.Where(r => r.Schedule is not null)) roles[$"reconcile:{run.Name}"] = stop => new Comparisons(this, _loggers, _clock).ScheduleAsync(run, stop);
        if (Log is PostgresLog log) roles["log"] = log.MaintainAsync;
        return roles;
    }

    /// <summary>A source's mappings.</summary>
    public CanonicalMapper Mapper(SourceSettings source)
    {
        lock (_mappers)
        {
            if (_mappers.TryGetValue(source.Name, out var there)) return there;
            var mapper = _sources.OpenMapper(source, Settings.Canonical, Records, _loggers.CreateLogger<CanonicalMapper>());
            _opened.Add(mapper);
            return _mappers[source.Name] = mapper;
        }
    }

    /// <summary>A sink's target.</summary>
    public ITarget Target(SinkDefinition sink)
    {
        lock (_targets)
        {
            if (_targets.TryGetValue(sink.Delivery.Name, out var there)) return there;
            var target = new TargetCatalog().Find(sink.Kind).Open(sink.Delivery.Name, sink.Target, _clock);
            _opened.Add(target);
            return _targets[sink.Delivery.Name] = target;
        }
    }

    /// <summary>A source, not connected yet.</summary>
    public IChangeSource Source(SourceSettings settings) => _sources.Open(settings, Registry, _loggers, _clock);

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_opened)) await part.DisposeAsync();
        (Registry as IDisposable)?.Dispose();
    }

    async Task CaptureAsync(SourceSettings settings, CancellationToken stop)
    {
        await using var source = Source(settings);
        var worker = new CaptureWorker(source, Log, Mapper(settings), _loggers.CreateLogger<CaptureWorker>(), _clock) { Pauses = new PauseStore(Store).WishesOf(settings.Name) };
        _captures[settings.Name] = worker;
        if (source is not ISignalled signalled)
        {
            await worker.RunAsync(stop);
            return;
        }
        var signals = new SignalStore(Store);
        signalled.Attach(signals.InboxOf(settings.Name));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var channels = new SignalChannels(settings, signals, _loggers.CreateLogger<SignalChannels>(), _clock).RunAsync(ended.Token);
        try
        {
            await worker.RunAsync(stop);
        }
        finally
        {
            await ended.CancelAsync();
            await channels.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task EnsureTopicsAsync(CancellationToken stop)
    {
        var kinds = Settings.Canonical.Select(m => CanonicalCatalog.Find(m.Object)!).Distinct();
        foreach (var kind in kinds) await Log.EnsureTopicAsync(new TopicSettings(kind.Topic, Compact: !kind.IsDocument), stop);
        if (Settings.Mdm is not null)
            foreach (var kind in CanonicalCatalog.All.Where(k => k.Name is "customer" or "item" or "location"))
            {
                await Log.EnsureTopicAsync(new TopicSettings(kind.Topic, Compact: true), stop);
                await Log.EnsureTopicAsync(new TopicSettings(kind.GoldenTopic, Compact: true), stop);
            }
        await Log.EnsureTopicAsync(new TopicSettings(CanonicalMapper.DeadLetterTopic), stop);
    }
}
