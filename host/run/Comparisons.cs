using System.Runtime.CompilerServices;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using CdcSync.Reconcile;
using CdcSync.Reconcile.Scheduling;
using CdcSync.Sinks;
using CdcSync.Sinks.Delivery;

namespace CdcSync.Host.Run;

/// <summary>Wires reconciliations: a source through its mapping, a target through its sink's reader, the ledger between.</summary>
public sealed class Comparisons(Appliance appliance, ILoggerFactory loggers, TimeProvider clock)
{
    /// <summary>One comparison, ready to run.</summary>
    public Reconciler Open(ReconcileSettings settings) =>
        new(settings, EndsOf(settings), appliance.Store, clock, loggers.CreateLogger<Reconciler>());

    /// <summary>The loop of one that has a schedule.</summary>
    public Task ScheduleAsync(ReconcileSettings settings, CancellationToken stop) =>
        new ScheduledReconciliation(settings, token => Open(settings).RunAsync(settings.Repair ? new RepairRequest() : null, token), appliance.Store, clock,
            loggers.CreateLogger<ScheduledReconciliation>()).RunAsync(stop);

    Ends EndsOf(ReconcileSettings settings)
    {
        var sink = appliance.Settings.Sinks.Single(s => s.Delivery.Name == settings.Sink);
        var kind = CanonicalCatalog.Find(settings.Object)!;
        var target = appliance.Target(sink);
        var golden = sink.Delivery.Objects[kind.Name] == RecordOrigin.Golden;
        var traces = new DeliveryTraces(appliance.Store, sink.Delivery.Name, kind, clock);
        var mappings = appliance.Settings.Canonical.Where(m => m.Object == kind.Name && (settings.Sources.Count == 0 || settings.Sources.Contains(m.Source))).ToList();
        // Golden records are made here, not at a source: what the log says they are is their source.
        var logged = new LoggedObjects(appliance.Log, appliance.Records, golden ? kind.GoldenTopic : kind.Topic);
        Func<IReadOnlyCollection<CanonicalKey>?, CancellationToken, IAsyncEnumerable<CanonicalObject>> fromLog = (keys, stop) => FromLogAsync(logged, keys, stop);
        Func<IReadOnlyCollection<CanonicalKey>?, CancellationToken, IAsyncEnumerable<CanonicalObject>> read = golden ? fromLog : (keys, stop) => FromSourcesAsync(mappings, keys, stop);
        ComparedRow? Project(CanonicalObject value) => target.Project(kind, value);
        return new Ends(
            new SourceSide(golden ? $"golden {kind.Name}" : string.Join(", ", mappings.Select(m => m.Source)), read, Project), new TargetSide(target, kind), traces,
            new Repairs(sink.Delivery, target, kind, appliance.Store, clock), (keys, stop) => ObjectsAsync(read, traces, keys, stop))
        {
            Logged = new SourceSide("log", fromLog, Project),
            CatchUp = traces.CaughtUpAsync,
        };
    }

    async IAsyncEnumerable<CanonicalObject> FromSourcesAsync(
        List<Capture.Mapping.MappingSettings> mappings, IReadOnlyCollection<CanonicalKey>? keys, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var mapping in mappings)
        {
            var ids = keys?.Where(k => k.Source == mapping.Source).Select(k => k.Id).ToList();
            if (ids is { Count: 0 }) continue;
            var source = appliance.Settings.Sources.Single(s => s.Name == mapping.Source);
            await foreach (var value in appliance.Mapper(source).ReadAsync(mapping.Name, ids, stop)) yield return value;
        }
    }

    static async IAsyncEnumerable<CanonicalObject> FromLogAsync(LoggedObjects logged, IReadOnlyCollection<CanonicalKey>? keys, [EnumeratorCancellation] CancellationToken stop)
    {
        var wanted = keys?.ToHashSet();
        foreach (var (key, value) in await logged.ReadAsync(stop))
            if (wanted is null || wanted.Contains(key)) yield return value;
    }

    // What is read now is at least as new as what was delivered: it goes under that version, which the ledger lets through, and which the next change outranks.
    static async Task<IReadOnlyDictionary<CanonicalKey, CanonicalObject>> ObjectsAsync(
        Func<IReadOnlyCollection<CanonicalKey>?, CancellationToken, IAsyncEnumerable<CanonicalObject>> read, DeliveryTraces traces, IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop)
    {
        var known = await traces.TraceAsync(keys, stop);
        var objects = new Dictionary<CanonicalKey, CanonicalObject>();
        await foreach (var value in read(keys, stop))
        {
            var trace = known.GetValueOrDefault(value.Key);
            var version = trace?.Delivered ?? trace?.Logged ?? SourcePosition.Start;
            objects[value.Key] = value.Position < version || value.Position == SourcePosition.Start ? value with { Version = version.ToString() } : value;
        }
        return objects;
    }
}
