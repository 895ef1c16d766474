using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using CdcSync.EventLog.Store;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Publication;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Reviewing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Mdm;

/// <summary>Reads the canonical customers, items and locations, keeps the golden records in the store and publishes what changes of them.</summary>
/// <param name="store">The store.</param>
/// <param name="log">The log.</param>
/// <param name="records">Reads canonical records.</param>
/// <param name="settings">How records are matched.</param>
/// <param name="logger">Says what happens.</param>
/// <param name="clock">Time.</param>
/// <param name="prepared">The store by connections that prepare their statements, for resolving; those of the store without it.</param>
public sealed class MdmWorker(
    NpgsqlDataSource store, IEventLog log, CanonicalRecords records, MdmSettings settings, ILogger<MdmWorker> logger, TimeProvider? clock = null, NpgsqlDataSource? prepared = null)
{
    // An idle wait also looks for what a rebuild in another process left to publish.
    static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    // How late a pin may end, and likeness be learnt that there are records enough for.
    static readonly TimeSpan Round = TimeSpan.FromSeconds(10);

    /// <summary>Works until stopped. A log or store that fails for a while is tried again; another process that takes over as producer ends it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await WorkAsync(stop);
            }
            catch (Exception failed) when (PassesByItself(failed))
            {
                stop.ThrowIfCancellationRequested();
                MdmMetrics.Failed();
                Log.TryingAgain(logger, settings.RetryAfter, failed.Message, failed);
                await Task.Delay(settings.RetryAfter, clock ?? TimeProvider.System, stop);
            }
        }
    }

    /// <summary>The group it reads the canonical topics as: its place in the log shows how far behind it is.</summary>
    public static async Task<string> GroupAsync(NpgsqlDataSource store, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return (await connection.ReadAsync("select name from mdm.reader", row => row.GetString(0), stop))[0];
    }

    async Task WorkAsync(CancellationToken stop)
    {
        await StoreMigrations.ApplyAsync(store, typeof(MdmWorker).Assembly, stop);
        var rebuild = new GoldenRebuild(store, settings, logger);
        await RenewAsync(rebuild, stop);
        var (resolver, steward, looked) = (new GoldenResolver(prepared ?? store, settings, logger), new Steward(store, settings, logger), TimeProvider.System.GetTimestamp());
        await using var publisher = await GoldenPublisher.OpenAsync(store, log, records, settings.Partitions, stop);
        var group = await GroupAsync(store, stop);
        await using var reader = await log.OpenReaderAsync(group, [.. GoldenIds.Kinds.Append(OpenOrders.Kind).Select(k => k.Topic)], stop);
        Log.Started(logger, string.Join(", ", GoldenIds.Kinds.Select(k => k.Name)), group);
        var (caughtUp, counted, learning) = (false, looked, Round);
        while (true)
        {
            MdmMetrics.Published(await publisher.PublishAsync(stop));
            if (TimeProvider.System.GetElapsedTime(looked) > Round)
            {
                await steward.EndPinsAsync(stop);
                looked = TimeProvider.System.GetTimestamp();
            }
            if (caughtUp && TimeProvider.System.GetElapsedTime(counted) > learning)
            {
                var began = TimeProvider.System.GetTimestamp();
                var worth = await rebuild.IsWorthLearningAsync(stop);
                // Counting millions of records takes its time: no more than a hundredth of all.
                learning = TimeSpan.FromTicks(Math.Max(Round.Ticks, TimeProvider.System.GetElapsedTime(began).Ticks * 100));
                if (worth) await RebuildAsync(rebuild, learn: true, stop);
                counted = TimeProvider.System.GetTimestamp();
            }
            var read = await reader.ReadAsync(settings.BatchRecords, Wait, stop);
            caughtUp = read.Count < settings.BatchRecords;
            if (read.Count > 0) await ResolveAsync(resolver, reader, read, stop);
        }
    }

    async Task ResolveAsync(GoldenResolver resolver, ILogReader reader, IReadOnlyList<LogRecord> read, CancellationToken stop)
    {
        var arrived = new List<Arrival>(read.Count);
        foreach (var record in read) arrived.Add(new Arrival(new LogPlace(record.Topic, record.Partition, record.Offset), await records.ReadAsync(record, stop)));
        var began = TimeProvider.System.GetTimestamp();
        var outcome = await resolver.ResolveAsync(arrived, stop);
        MdmMetrics.Resolved(outcome, TimeProvider.System.GetElapsedTime(began));
        Log.Resolved(logger, outcome.Applied, outcome.Stale, outcome.Golden, outcome.Moved);
        // The place that counts is in the store; the log's shows how far behind the group is.
        await reader.CommitAsync([.. read.GroupBy(r => (r.Topic, r.Partition)).Select(g => new LogPlace(g.Key.Topic, g.Key.Partition, g.Max(r => r.Offset) + 1))], stop);
    }

    async Task RenewAsync(GoldenRebuild rebuild, CancellationToken stop)
    {
        if (await rebuild.IsDueAsync(stop)) await RebuildAsync(rebuild, learn: false, stop);
        await using var connection = await store.OpenConnectionAsync(stop);
        foreach (var topic in await Progress.ForgetBeyondAsync(connection, await log.ListTopicsAsync(stop), stop)) Log.LogReplaced(logger, topic);
    }

    // It had all records in memory, gigabytes where they are a million; the collector would keep that for the next one, which may be months away.
    static async Task RebuildAsync(GoldenRebuild rebuild, bool learn, CancellationToken stop)
    {
        await rebuild.RunAsync(dryRun: false, learn, stop);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    static bool PassesByItself(Exception failed) => failed is (NpgsqlException { IsTransient: true } or EventLogException or SchemaRegistryException or TimeoutException) and not FencedException;
}
