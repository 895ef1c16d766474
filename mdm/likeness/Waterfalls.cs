using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Scoring;
using Npgsql;

namespace CdcSync.Mdm.Likeness;

/// <summary>What became of a pair of records that are alike.</summary>
public enum LikenessVerdict
{
    /// <summary>They are in one golden record.</summary>
    Together,

    /// <summary>Not sure enough to be merged without asking.</summary>
    Doubtful,

    /// <summary>Sure enough, but their golden records speak against each other.</summary>
    Refused,

    /// <summary>Too unlikely for anybody to be asked.</summary>
    Unlike,
}

/// <summary>What one step of a score tells.</summary>
/// <param name="Field">The field; <c>before</c> for how likely any two records are the same; the name of what several fields tell again.</param>
/// <param name="Outcome">The comparison's level in words.</param>
/// <param name="One">The value of the one record, as it was compared.</param>
/// <param name="Other">That of the other.</param>
/// <param name="Bits">What it adds: a bit more makes "the same" twice as likely.</param>
public sealed record WaterfallStep(string Field, string Outcome, string? One, string? Other, double Bits);

/// <summary>Two records' score, step by step.</summary>
/// <param name="One">A record.</param>
/// <param name="Other">The other.</param>
/// <param name="Probability">How likely they are the same.</param>
/// <param name="Bits">The sum.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Steps">What it is the sum of.</param>
public sealed record Waterfall(CanonicalKey One, CanonicalKey Other, double Probability, double Bits, LikenessVerdict Verdict, IReadOnlyList<WaterfallStep> Steps);

/// <summary>Shows scores step by step.</summary>
sealed class Waterfalls(NpgsqlConnection connection, LikenessSpace space)
{
    public async Task<IReadOnlyList<Waterfall>> OfAsync(IEnumerable<Edge> edges, IReadOnlyCollection<long> together, IReadOnlyList<Edge> refused, CancellationToken stop)
    {
        var shown = edges.OrderByDescending(e => e.Bits).ThenBy(e => e.One).ThenBy(e => e.Other).ToList();
        var keys = (await connection.ReadAsync("select id, source, source_id from mdm.record where id = any($1)", row => (Id: row.GetInt64(0), Key: new CanonicalKey(row.GetString(1), row.GetString(2))), stop,
            shown.SelectMany(e => new[] { e.One, e.Other }).Distinct().ToArray())).ToDictionary(k => k.Id, k => k.Key);
        return [.. shown.Select(e => new Waterfall(keys[e.One], keys[e.Other], Scorer.Probability(e.Bits), e.Bits, VerdictOf(e), space.Steps(e.One, e.Other)))];

        LikenessVerdict VerdictOf(Edge edge) =>
            together.Contains(edge.One) && together.Contains(edge.Other) ? LikenessVerdict.Together : refused.Contains(edge) ? LikenessVerdict.Refused : LikenessVerdict.Doubtful;
    }
}
