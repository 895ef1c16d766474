using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>Golden records that rules would join, or one that they would part.</summary>
/// <param name="Golden">Their ids as they are now.</param>
/// <param name="Members">Their records.</param>
public sealed record PreviewedGolden(IReadOnlyList<string> Golden, IReadOnlyList<GoldenMember> Members);

/// <summary>A decision that the rules would not have come to.</summary>
/// <param name="Act">Its number.</param>
/// <param name="One">A record.</param>
/// <param name="Other">The other.</param>
/// <param name="Same">What was decided.</param>
public sealed record PreviewedDecision(long Act, CanonicalKey One, CanonicalKey Other, bool Same);

/// <summary>What rules would change.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Records">Records resolved.</param>
/// <param name="Golden">Golden records there are.</param>
/// <param name="GoldenThen">Golden records there would be.</param>
/// <param name="Questions">Open questions there are.</param>
/// <param name="QuestionsThen">Open questions there would be.</param>
/// <param name="Merging">How many golden records would be made of several.</param>
/// <param name="Splitting">How many would be parted.</param>
/// <param name="Decided">Pairs that people decided.</param>
/// <param name="DecidedOtherwise">Those of them that the rules alone would answer otherwise; the decisions hold all the same.</param>
/// <param name="Merges">The largest that would be made of several.</param>
/// <param name="Splits">The largest that would be parted.</param>
public sealed record RulePreview(
    string Kind, int Records, long Golden, long GoldenThen, long Questions, long QuestionsThen, long Merging, long Splitting, long Decided, IReadOnlyList<PreviewedDecision> DecidedOtherwise,
    IReadOnlyList<PreviewedGolden> Merges, IReadOnlyList<PreviewedGolden> Splits)
{
    /// <summary>From which score records are merged without asking; null where none merges.</summary>
    public double? MergeBits { get; init; }

    /// <summary>From which they would be, learnt anew with the decisions there are.</summary>
    public double? MergeBitsThen { get; init; }
}

/// <summary>Shows what rules would change, by doing it in a transaction that is taken back. Nobody else changes golden records meanwhile.</summary>
public sealed class GoldenPreview(NpgsqlDataSource store, MdmSettings settings, ILogger logger)
{
    const int Shown = 10;

    /// <summary>Previews the settings' rules for one kind, against the golden records and decisions there are.</summary>
    public async Task<RulePreview> RunAsync(CanonicalKind kind, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await connection.LockGoldenRecordsAsync(stop);
        await connection.ExecuteAsync("create temp table before on commit drop as select id, golden_id from mdm.record where kind = $1 and golden_id is not null", stop, kind.Name);
        var (golden, questions) = (await CountAsync("mdm.golden"), await CountAsync("mdm.review"));
        var rebuild = new GoldenRebuild(store, settings, logger);
        await transaction.SaveAsync("decided", stop);
        var otherwise = await OtherwiseAsync(connection, kind, rebuild, stop);
        await transaction.RollbackAsync("decided", stop);
        var model = await Likenesses.ReadAsync(connection, kind, stop);
        var report = await rebuild.RunAsync(connection, kind, learn: true, stop);
        var (goldenThen, questionsThen) = (await CountAsync("mdm.golden"), await CountAsync("mdm.review"));
        var (merging, merges) = await ChangedAsync(connection, kind, "r.golden_id", "b.golden_id", stop);
        var (splitting, splits) = await ChangedAsync(connection, kind, "b.golden_id", "r.golden_id", stop);
        await transaction.RollbackAsync(stop);
        return new RulePreview(kind.Name, report.Records, golden, goldenThen, questions, questionsThen, merging, splitting, otherwise.Decided, otherwise.Pairs, merges, splits) { MergeBits = Bits(model), MergeBitsThen = Bits(report.Learnt) };

        async Task<long> CountAsync(string table) => (await connection.ReadAsync($"select count(*) from {table} where kind = $1", row => row.GetInt64(0), stop, kind.Name))[0];
    }

    static double? Bits(Likeness.MatchModel? model) => model is { Merges: true } ? Math.Round(model.Weights.MergeBits, 2) : null;

    // What the rules would say if nobody had decided anything.
    static async Task<(long Decided, IReadOnlyList<PreviewedDecision> Pairs)> OtherwiseAsync(NpgsqlConnection connection, CanonicalKind kind, GoldenRebuild rebuild, CancellationToken stop)
    {
        var decided = await Decisions.DecisionTable.ReadAsync(connection, kind.Name, stop);
        if (decided.Count == 0) return (0, []);
        await connection.ExecuteAsync("update mdm.act set undone_by = id where kind = $1 and undone_by is null", stop, kind.Name);
        await rebuild.RunAsync(connection, kind, learn: true, stop);
        var stand = (await connection.ReadAsync("select source, source_id, golden_id from mdm.record where kind = $1 and golden_id is not null",
            row => (Key: new CanonicalKey(row.GetString(0), row.GetString(1)), Golden: row.GetInt64(2)), stop, kind.Name)).ToDictionary(s => s.Key, s => s.Golden);
        var here = decided.Where(d => stand.ContainsKey(d.One) && stand.ContainsKey(d.Other)).ToList();
        return (here.Count, [.. here.Where(d => d.Same != (stand[d.One] == stand[d.Other])).Select(d => new PreviewedDecision(d.Act, d.One, d.Other, d.Same))]);
    }

    // What is one by the first and several by the second.
    static async Task<(long Count, IReadOnlyList<PreviewedGolden> Largest)> ChangedAsync(NpgsqlConnection connection, CanonicalKind kind, string one, string several, CancellationToken stop)
    {
        var changed = await connection.ReadAsync(
            $"""
            select array_agg(distinct b.golden_id), array_agg(r.source order by r.source, r.source_id), array_agg(r.source_id order by r.source, r.source_id), array_agg(r.label order by r.source, r.source_id),
                count(*) over (), array_agg(r.body::text order by r.source, r.source_id)
            from before b join mdm.record r on r.id = b.id group by {one} having count(distinct {several}) > 1 order by count(*) desc, min(b.golden_id) limit {Shown}
            """,
            row => (Count: row.GetInt64(4), Golden: new PreviewedGolden(
                [.. row.GetFieldValue<long[]>(0).Select(id => GoldenIds.Text(kind.Name, id))],
                [.. row.GetFieldValue<string[]>(1).Zip(row.GetFieldValue<string[]>(2), row.GetFieldValue<string[]>(3)).Zip(row.GetFieldValue<string[]>(5),
                    (m, body) => new GoldenMember(new CanonicalKey(m.First, m.Second), m.Third, RecordAbout.Of(Sql.Object(kind, body))))])),
            stop);
        return (changed.Count == 0 ? 0 : changed[0].Count, [.. changed.Select(c => c.Golden)]);
    }
}
