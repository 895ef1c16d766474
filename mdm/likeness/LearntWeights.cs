using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Scoring;
using Npgsql;

namespace CdcSync.Mdm.Likeness;

/// <summary>What one level of a field tells.</summary>
/// <param name="Field">The field.</param>
/// <param name="Level">The level of its comparison, in words.</param>
/// <param name="Same">How often it occurs among records that are the same.</param>
/// <param name="Different">How often among records that are not.</param>
/// <param name="Bits">What it tells: for the same when positive, against it when negative.</param>
/// <param name="BitsNow">What it would tell if it were learnt from the records there are now; null where that was not asked.</param>
public sealed record LevelWeight(string Field, string Level, double Same, double Different, double Bits, double? BitsNow);

/// <summary>What was learnt of a kind.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Records">From how many records.</param>
/// <param name="LearntAt">When.</param>
/// <param name="MergeProbability">From which probability records are merged without asking.</param>
/// <param name="Levels">The weights, by field and level.</param>
/// <param name="RecordsNow">How many records there are now; null where that was not asked.</param>
public sealed record LearntWeights(string Kind, int Records, DateTime LearntAt, double MergeProbability, IReadOnlyList<LevelWeight> Levels, int? RecordsNow)
{
    /// <summary>What the merge threshold rests on.</summary>
    public ThresholdSource Thresholds { get; init; }

    /// <summary>How far the weights have drifted: the largest difference of a level that at least one in a hundred equal records has, in bits.</summary>
    public double? Drift => RecordsNow is null ? null : Levels.Where(l => l.Same >= 0.01).Select(l => Math.Abs(l.Bits - l.BitsNow!.Value)).DefaultIfEmpty(0).Max();

    /// <summary>Reads them; null when nothing was learnt.</summary>
    /// <param name="store">The store.</param>
    /// <param name="kind">The kind of object.</param>
    /// <param name="now">Learn from the records there are now, too, to set beside them. Stores nothing.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<LearntWeights?> ReadAsync(NpgsqlDataSource store, CanonicalKind kind, bool now, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        if (await Likenesses.ReadAsync(connection, kind, stop) is not { } model) return null;
        var at = (await connection.ReadAsync("select learnt_at from mdm.model where kind = $1", row => row.GetDateTime(0), stop, kind.Name))[0];
        var rebuild = now ? new LikenessRebuild(connection, kind, model.Rules) : null;
        if (rebuild is not null)
            await connection.ReadAsync("select id, source, body::text from mdm.record where kind = $1 and body is not null order by id", row =>
            {
                rebuild.Add(row.GetInt64(0), row.GetString(1), row.GetString(2));
                return 0;
            }, stop, kind.Name);
        var fresh = rebuild is null ? null : await rebuild.LearnAsync(stop);
        return new LearntWeights(kind.Name, model.Weights.Records, at, Math.Round(Scorer.Probability(model.Weights.MergeBits), 6), [.. Weights(model, fresh)], fresh?.Weights.Records) { Thresholds = model.Weights.Thresholds?.Source ?? ThresholdSource.Estimate };
    }

    static IEnumerable<LevelWeight> Weights(MatchModel model, MatchModel? fresh)
    {
        for (var f = 0; f < model.Compared.Count; f++)
        {
            var levels = model.Comparison(model.Compared[f]).Levels;
            for (var l = 0; l < levels.Count; l++)
                yield return new LevelWeight(model.Compared[f], levels[l], Math.Round(model.Estimate.M[f][l], 6), Math.Round(model.Estimate.U[f][l], 9), Bits(model, f, l), fresh is null ? null : Bits(fresh, f, l));
        }
    }

    static double Bits(MatchModel model, int field, int level) => Math.Round(Math.Log2(model.Estimate.M[field][level] / model.Estimate.U[field][level]), 2);
}
