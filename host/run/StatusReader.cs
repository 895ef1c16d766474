using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdcSync.Capture;
using CdcSync.Capture.Care;
using CdcSync.Mdm;
using CdcSync.Reconcile.Reporting;
using CdcSync.Sinks.Delivery;

namespace CdcSync.Host.Run;

/// <summary>Where everything stands: what <c>cdcsync status</c> and <c>/status</c> show.</summary>
public sealed record ApplianceStatus(
    IReadOnlyList<RoleState> Roles, IReadOnlyList<SourceLine> Sources, IReadOnlyList<TopicLine> Topics, IReadOnlyList<GoldenCounts> Golden, IReadOnlyList<DeliveryStatus> Sinks,
    IReadOnlyList<LastRun> Comparisons);

/// <summary>A source.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">Everything up to here is in the log; null when nothing is.</param>
/// <param name="LagBytes">Bytes of log the source keeps for us; null when it cannot be asked.</param>
/// <param name="State">What this process does with it, where it captures it.</param>
/// <param name="Error">Why it is not well.</param>
public sealed record SourceLine(string Name, string? Position, long? LagBytes, SourceState? State, string? Error)
{
    /// <summary>Its mappings that stand still, alone.</summary>
    public IReadOnlyList<StoppedMapping> Stopped { get; init; } = [];

    /// <summary>What waits because somebody wants it to.</summary>
    public IReadOnlyList<PauseLine> Paused { get; init; } = [];

    /// <summary>What the source keeps for us, where this process watches it.</summary>
    public RetentionStatus? Retention { get; init; }

    /// <summary>The snapshot this process reads.</summary>
    public SnapshotStatus? Snapshot { get; init; }

    /// <summary>The limit of its load budget that holds a snapshot of this process back.</summary>
    public BudgetWait? Waits { get; init; }
}

/// <summary>A topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Records">Records that are there.</param>
/// <param name="Next">Records ever written, over all partitions.</param>
public sealed record TopicLine(string Name, long Records, long Next);

/// <summary>Reads the status from store, log and sources.</summary>
public sealed class StatusReader(Appliance appliance)
{
    /// <summary>How status goes over the wire.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) } };

    public async Task<ApplianceStatus> ReadAsync(IReadOnlyList<RoleState> roles, CancellationToken stop)
    {
        var sources = new List<SourceLine>();
        var wishes = await new PauseStore(appliance.Store).ListAsync(stop);
        foreach (var source in appliance.Settings.Sources)
        {
            var bookmark = await appliance.Log.ReadBookmarkAsync(source.Name, stop);
            var running = appliance.Captures.GetValueOrDefault(source.Name)?.Status;
            var (lag, error) = await LagAsync(source, stop);
            sources.Add(new(source.Name, bookmark?.Position.ToString(), lag, running?.State, running?.Error ?? error)
            {
                Snapshot = running?.Snapshot, Waits = running?.Waits, Stopped = CaptureWorker.StoppedIn(bookmark), Paused = Pausing.Lines(source.Name, wishes, CaptureWorker.HeldIn(bookmark)),
                Retention = appliance.Watches.GetValueOrDefault(source.Name)?.Latest,
            });
        }
        var topics = (await appliance.Log.ListTopicsAsync(stop)).Select(t => new TopicLine(t.Name, t.Partitions.Sum(p => p.Next - p.First), t.Partitions.Sum(p => p.Next)))
            .OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        var golden = appliance.Settings.Mdm is { } mdm ? await new GoldenDirectory(appliance.Store, mdm).CountAsync(stop) : [];
        return new(roles, sources, topics, golden, await new DeliveryStatuses(appliance.Store).ListAsync(stop), await new RunHistory(appliance.Store).LastAsync(stop));
    }

    async Task<(long? Bytes, string? Error)> LagAsync(SourceSettings settings, CancellationToken stop)
    {
        try
        {
            await using var source = appliance.Source(settings);
            return (await source.MeasureLagAsync(stop), null);
        }
        catch (DbException unreachable)
        {
            return (null, unreachable.Message);
        }
    }
}
