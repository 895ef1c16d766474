using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Hierarchy;
using CdcSync.Mdm.Reviewing;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Survivorship;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>What a rebuild found of one kind.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Records">Records resolved.</param>
/// <param name="Golden">Golden records there are.</param>
/// <param name="Moved">Records that stood in another golden record than they should: 0 when the store was right.</param>
/// <param name="Rewritten">Golden records whose values were others.</param>
public sealed record RebuildReport(string Kind, int Records, int Golden, int Moved, int Rewritten)
{
    /// <summary>What was learnt of likeness by it; null when nothing was.</summary>
    internal Likeness.MatchModel? Learnt { get; init; }
}

/// <summary>
/// Resolves all stored records from scratch, in one transaction: needed when rules change, and a proof of the incremental work at any other time. Golden ids stay by the same
/// rules as ever.
/// </summary>
public sealed class GoldenRebuild(NpgsqlDataSource store, MdmSettings settings, ILogger logger)
{
    readonly RuleBook _rules = new(settings);
    readonly Survivors _survivors = new(settings);

    string Fingerprint => $"{_rules.Fingerprint}; {_survivors.Fingerprint}";

    /// <summary>True when the store was resolved with other rules, or never.</summary>
    public async Task<bool> IsDueAsync(CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return !(await connection.ReadAsync("select fingerprint from mdm.ruleset", row => row.GetString(0), stop)).Contains(Fingerprint);
    }

    /// <summary>True when there are records to learn from that nothing was learnt from yet: the first ones, or twice as many as then.</summary>
    public async Task<bool> IsWorthLearningAsync(CancellationToken stop)
    {
        var kinds = settings.MatchRules().Keys.ToArray();
        if (kinds.Length == 0) return false;
        await using var connection = await store.OpenConnectionAsync(stop);
        return (await connection.ReadAsync(
            """
            select coalesce(bool_or(g.records >= greatest($2, 2 * coalesce(m.records, 0))), false)
            from (select kind, sum(members) as records from mdm.golden where kind = any($1) group by kind) g left join mdm.model m on m.kind = g.kind
            """,
            row => row.GetBoolean(0), stop, kinds, (long)settings.LearnFrom))[0];
    }

    /// <summary>Rebuilds and repairs; a dry run only reports.</summary>
    /// <param name="dryRun">Change nothing.</param>
    /// <param name="learn">Learn anew what likeness weighs, and how common values are; else what was learnt stays, unless the rule file is another.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<IReadOnlyList<RebuildReport>> RunAsync(bool dryRun, bool learn, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await connection.LockGoldenRecordsAsync(stop);
        var reports = new List<RebuildReport>();
        foreach (var kind in GoldenIds.Kinds) reports.Add(await RunAsync(connection, kind, learn, stop));
        await connection.ExecuteAsync("insert into mdm.ruleset (fingerprint) values ($1) on conflict (singleton) do update set fingerprint = excluded.fingerprint", stop, Fingerprint);
        if (dryRun) await transaction.RollbackAsync(stop);
        else await transaction.CommitAsync(stop);
        foreach (var report in reports.Where(r => r.Records > 0)) Tell(report);
        return reports;
    }

    void Tell(RebuildReport report)
    {
        Log.Rebuilt(logger, report.Kind, report.Records, report.Golden, report.Moved);
        if (report.Learnt is not { Weights: { Thresholds: { } thresholds } weights }) return;
        if (thresholds.Source == Likeness.ThresholdSource.Nothing) Log.NoValley(logger, report.Kind);
        else Log.Thresholds(logger, report.Kind, Math.Round(weights.MergeBits, 1), Math.Round(weights.ReviewBits, 1), thresholds.Source, thresholds.Calibration.Same + thresholds.Calibration.Distinct + thresholds.Calibration.Parted);
    }

    /// <summary>Rebuilds one kind in the caller's transaction, which holds the lock on golden records.</summary>
    internal async Task<RebuildReport> RunAsync(NpgsqlConnection connection, CanonicalKind kind, bool learn, CancellationToken stop)
    {
        var likeness = settings.MatchRules().TryGetValue(kind.Name, out var rules) ? new LikenessRebuild(connection, kind, rules) : null;
        var lacking = new List<(long, string?, string?)>();
        var members = await connection.ReadAsync("select id, source, source_id, golden_id, body::text, parent_id, level from mdm.record where kind = $1 and body is not null order by id", row =>
        {
            var body = row.GetString(4);
            var value = Sql.Object(kind, body);
            var (parent, level) = (Parent.Of(value), Level.Of(value));
            if ((parent, level) != (row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : row.GetString(6))) lacking.Add((row.GetInt64(0), parent, level));
            likeness?.Add(row.GetInt64(0), row.GetString(1), body);
            return new Member(row.GetInt64(0), new CanonicalKey(row.GetString(1), row.GetString(2)), row.IsDBNull(3) ? null : row.GetInt64(3), _rules.Keys(kind.Name, value), level, parent);
        }, stop, kind.Name);
        await new ParentTable(connection, kind).FillAsync(lacking, stop);
        await WriteKeysAsync(connection, kind, members, stop);
        var tooCommon = members.SelectMany(m => m.Keys).CountBy(k => k).Where(k => k.Value > settings.MostPerKey).Select(k => k.Key).ToHashSet(StringComparer.Ordinal);
        if (likeness is null) await LikenessRebuild.ForgetAsync(connection, kind, model: true, stop);
        var alike = likeness is null ? null : await likeness.RunAsync(learn, settings.LearnFrom, stop);
        var decided = await DecisionTable.ReadAsync(connection, kind.Name, stop);
        var (links, cause) = (new List<Link>(), new Cause(DateTimeOffset.UtcNow, "mdm:rebuild"));
        var clusters = new Clusters(_rules).Resolve(members, new Evidence(tooCommon, decided, alike), links);
        var table = new GoldenTable(connection, kind, _survivors);
        var outcome = await table.WriteAsync(clusters.All, [], cause, true, new HashSet<long>(), stop);
        var questions = new Questions(clusters, links, alike).Of(table.Written, table.Conflicts);
        await new ReviewTable(settings.Review).ReplaceAsync(connection, kind, [.. members.Select(m => m.Id)], table.Written, questions, cause, stop);
        return new RebuildReport(kind.Name, members.Count, clusters.All.Count, outcome.Moved, outcome.Golden) { Learnt = likeness?.Learnt };
    }

    static async Task WriteKeysAsync(NpgsqlConnection connection, CanonicalKind kind, List<Member> members, CancellationToken stop)
    {
        await connection.ExecuteAsync("delete from mdm.match_key where kind = $1", stop, kind.Name);
        await using var copy = await connection.BeginBinaryImportAsync("copy mdm.match_key (kind, key, record_id) from stdin (format binary)", stop);
        foreach (var member in members)
            foreach (var key in member.Keys)
            {
                await copy.StartRowAsync(stop);
                await copy.WriteAsync(kind.Name, stop);
                await copy.WriteAsync(key, stop);
                await copy.WriteAsync(member.Id, stop);
            }
        await copy.CompleteAsync(stop);
    }
}
