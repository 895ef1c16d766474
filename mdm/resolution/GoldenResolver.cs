using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Reviewing;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Survivorship;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>
/// Resolves canonical records as they arrive: each batch's records, the clusters they belong to, the golden records that follow and the reader's place are one transaction
/// of the store.
/// </summary>
public sealed class GoldenResolver(NpgsqlDataSource store, MdmSettings settings, ILogger logger)
{
    readonly RuleBook _rules = new(settings);
    readonly Survivors _survivors = new(settings);
    readonly Likenesses _likenesses = new(settings.LikenessBytes());
    readonly ReviewTable _reviews = new(settings.Review);

    /// <summary>Resolves what arrived and stores how far the reader has come. Records before the stored place were resolved already and are left out.</summary>
    public async Task<Outcome> ResolveAsync(IReadOnlyList<Arrival> arrived, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await connection.LockGoldenRecordsAsync(stop);
        await connection.ByKeysAloneAsync(stop);
        await _likenesses.BeginAsync(connection, changes: true, stop);
        var unseen = await Progress.AdvanceAsync(connection, arrived, stop);
        var outcome = new Outcome();
        foreach (var kind in GoldenIds.Kinds)
            if (unseen.Where(a => a.Record.Kind.Name == kind.Name).Select(a => a.Record).ToList() is { Count: > 0 } records)
                outcome += await ResolveAsync(connection, kind, records, stop);
        await WeighAsync(connection, [.. unseen.Where(a => a.Record.Kind == OpenOrders.Kind).Select(a => a.Record)], stop);
        await transaction.CommitAsync(stop);
        return outcome;
    }

    // Orders match nothing: they say what a wrong answer costs.
    async Task WeighAsync(NpgsqlConnection connection, List<CanonicalRecord> orders, CancellationToken stop)
    {
        if (orders.Count == 0) return;
        var newest = orders.MaxBy(o => o.CommittedAt)!;
        foreach (var named in await new OpenOrders(connection).StoreAsync(orders, stop))
            await _reviews.WeighAgainAsync(connection, CanonicalCatalog.Find(named.Key)!, named, new Cause(newest.CommittedAt, newest.CorrelationId), stop);
    }

    async Task<Outcome> ResolveAsync(NpgsqlConnection connection, CanonicalKind kind, List<CanonicalRecord> records, CancellationToken stop)
    {
        var (changed, stale) = await new RecordTable(connection, kind, _rules).StoreAsync(records, stop);
        if (changed.Count == 0) return new Outcome(0, stale, 0, 0);
        var edges = await EdgesAsync(connection, kind, stop);
        var alike = edges is null ? [] : await edges.ApplyAsync(changed, stop);
        var neighbourhood = new Neighbourhood(connection, kind.Name, settings.MostPerKey, edges);
        var (touched, becameTooCommon) = await neighbourhood.TouchedAsync(changed, stop);
        foreach (var key in becameTooCommon) Log.KeyTooCommon(logger, kind.Name, key[..key.IndexOf(':')], settings.MostPerKey);
        var siblings = await SiblingsAsync(connection, changed.Select(c => c.GoldenId).OfType<long>(), stop);
        var newest = records.MaxBy(r => r.CommittedAt)!;
        var outcome = await SettleAsync(connection, kind, neighbourhood, edges, [.. changed.Select(c => c.Id), .. touched, .. alike, .. siblings], changed, false, new Cause(newest.CommittedAt, newest.CorrelationId), stop);
        return outcome with { Stale = stale };
    }

    /// <summary>Resolves records again whose decisions changed, in the caller's transaction, which holds the lock on golden records.</summary>
    internal async Task<Outcome> ResolveAgainAsync(NpgsqlConnection connection, CanonicalKind kind, IReadOnlyCollection<CanonicalKey> records, Cause cause, CancellationToken stop)
    {
        var found = await connection.ReadAsync(
            "select r.id, r.golden_id from mdm.record r join unnest($2::text[], $3::text[]) as k(source, id) on (r.source, r.source_id) = (k.source, k.id) where r.kind = $1 and r.golden_id is not null",
            row => (Id: row.GetInt64(0), Golden: row.GetInt64(1)), stop, kind.Name, records.Select(r => r.Source).ToArray(), records.Select(r => r.Id).ToArray());
        var siblings = await SiblingsAsync(connection, found.Select(f => f.Golden), stop);
        await _likenesses.BeginAsync(connection, changes: false, stop);
        var edges = await EdgesAsync(connection, kind, stop);
        return await SettleAsync(connection, kind, new Neighbourhood(connection, kind.Name, settings.MostPerKey, edges), edges, [.. found.Select(f => f.Id), .. siblings], [], true, cause, stop);
    }

    async Task<Outcome> SettleAsync(
        NpgsqlConnection connection, CanonicalKind kind, Neighbourhood neighbourhood, EdgeTable? edges, IReadOnlyList<long> from, IReadOnlyList<Changed> changed, bool again, Cause cause, CancellationToken stop)
    {
        var members = await neighbourhood.ExploreAsync(from, stop);
        var decided = await DecisionTable.ReadAsync(connection, kind.Name, [.. members.Select(m => m.Key)], stop);
        if (edges is { Edges.Count: > 0 }) await edges.ReadAsync(members.Select(m => m.Id), stop);
        var links = new List<Link>();
        var clusters = new Clusters(_rules).Resolve(members, new Evidence(neighbourhood.TooCommon, decided, edges), links);
        var table = new GoldenTable(connection, kind, _survivors);
        var outcome = await table.WriteAsync(clusters.All, changed, cause, false, again ? from.ToHashSet() : [], stop);
        // What is asked of records outside this neighbourhood changes by its edges alone.
        var asked = table.Written.Concat(from).ToHashSet();
        var questions = new Questions(clusters, links, edges).Of(asked, table.Conflicts);
        await _reviews.ReplaceAsync(connection, kind, asked, table.Written, questions, cause, stop);
        return outcome;
    }

    async Task<EdgeTable?> EdgesAsync(NpgsqlConnection connection, CanonicalKind kind, CancellationToken stop) =>
        await _likenesses.OpenAsync(connection, kind, stop) is { } space ? new EdgeTable(connection, kind, space) : null;

    static async Task<IReadOnlyList<long>> SiblingsAsync(NpgsqlConnection connection, IEnumerable<long> golden, CancellationToken stop)
    {
        var held = golden.Distinct().ToArray();
        return held.Length == 0 ? [] : await connection.ReadAsync("select id from mdm.record where golden_id = any($1)", row => row.GetInt64(0), stop, held);
    }
}
