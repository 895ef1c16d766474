using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Reviewing;
using CdcSync.Mdm.Scoring;
using Npgsql;

namespace CdcSync.Mdm;

/// <summary>Two records side by side.</summary>
/// <param name="One">A record.</param>
/// <param name="Other">The other.</param>
/// <param name="Likeness">Their score step by step, also where it is too low to be looked at; null while nothing was learnt.</param>
/// <param name="Decided">What people decided of these two.</param>
public sealed record RecordComparison(ReviewedRecord One, ReviewedRecord Other, Waterfall? Likeness, IReadOnlyList<DecidedPair> Decided);

/// <summary>Compares any two records that somebody names, also those that nothing brings together.</summary>
public sealed class GoldenComparison(NpgsqlDataSource store)
{
    /// <summary>The two side by side.</summary>
    /// <exception cref="RefusedDecisionException">One of them is not there, or they are one record.</exception>
    public async Task<RecordComparison> OfAsync(string kind, CanonicalKey one, CanonicalKey other, CancellationToken stop)
    {
        var canonical = CanonicalCatalog.Find(kind)!;
        if (one == other) throw new RefusedDecisionException(Refusal.Wrong, $"{one} is one record: name two");
        await using var connection = await store.OpenConnectionAsync(stop);
        var (first, second) = (await FindAsync(connection, canonical, one, stop), await FindAsync(connection, canonical, other, stop));
        var decided = await DecisionTable.ReadAsync(connection, kind, [one, other], stop);
        return new RecordComparison(first.Record, second.Record, await WeighAsync(connection, canonical, first, second, stop), [.. decided.Where(d => (d.One == one && d.Other == other) || (d.One == other && d.Other == one))]);
    }

    static async Task<Waterfall?> WeighAsync(NpgsqlConnection connection, CanonicalKind kind, (long Id, ReviewedRecord Record) one, (long Id, ReviewedRecord Record) other, CancellationToken stop)
    {
        if (await new Likenesses(0).OpenAsync(connection, kind, stop) is not { } space) return null;
        await new EdgeTable(connection, kind, space).ReadAsync([one.Id, other.Id], stop);
        var (_, bits) = space.Score(one.Id, other.Id);
        var verdict = one.Record.GoldenId == other.Record.GoldenId ? LikenessVerdict.Together
            : bits < space.Model.Weights.ReviewBits ? LikenessVerdict.Unlike
            : bits < space.Model.Weights.MergeBits ? LikenessVerdict.Doubtful : LikenessVerdict.Refused;
        return new Waterfall(one.Record.Key, other.Record.Key, Scorer.Probability(bits), bits, verdict, space.Steps(one.Id, other.Id));
    }

    static async Task<(long Id, ReviewedRecord Record)> FindAsync(NpgsqlConnection connection, CanonicalKind kind, CanonicalKey key, CancellationToken stop)
    {
        var found = await connection.ReadAsync(
            "select id, label, golden_id, body::text from mdm.record where kind = $1 and source = $2 and source_id = $3 and golden_id is not null",
            row => (row.GetInt64(0), new ReviewedRecord(key, row.GetString(1), RecordAbout.Of(Sql.Object(kind, row.GetString(3))), GoldenIds.Text(kind.Name, row.GetInt64(2)))), stop, kind.Name, key.Source, key.Id);
        return found is [var record] ? record : throw new RefusedDecisionException(Refusal.Missing, $"there is no {kind.Name} {key}");
    }
}
