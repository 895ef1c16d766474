using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Reviewing;

/// <summary>A record that a question is about.</summary>
/// <param name="Key">Whose record it is.</param>
/// <param name="Name">Its name there.</param>
/// <param name="About">What tells it from others of that name: where it is, its number.</param>
/// <param name="GoldenId">The golden record it is in.</param>
public sealed record ReviewedRecord(CanonicalKey Key, string Name, string About, string GoldenId);

/// <summary>An open question.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Kind">The kind of object.</param>
/// <param name="Reason">Why it is asked.</param>
/// <param name="One">A record; of a conflict, the first of the golden record.</param>
/// <param name="Other">The other one; null for a conflict.</param>
/// <param name="Probability">How likely the two are the same; null where no score was taken.</param>
/// <param name="Note">What speaks against it, or which attributes differ.</param>
/// <param name="Cost">What a wrong answer costs.</param>
/// <param name="Worth">The cost, less the surer the score is: the queue's order.</param>
/// <param name="Since">Since when it is asked.</param>
/// <param name="ClaimedBy">Who has it now; null when nobody has.</param>
/// <param name="ClaimedUntil">Until when.</param>
public sealed record ReviewQuestion(
    long Number, string Kind, ReviewReason Reason, ReviewedRecord One, ReviewedRecord? Other, decimal? Probability, string Note, decimal Cost, double Worth, DateTimeOffset Since,
    string? ClaimedBy, DateTimeOffset? ClaimedUntil);

/// <summary>Which questions to show.</summary>
/// <param name="Reason">Of this reason; null for all.</param>
/// <param name="ClaimedBy">That this person has; null for all.</param>
/// <param name="OnlyFree">That nobody has.</param>
public readonly record struct ReviewFilter(ReviewReason? Reason = null, string? ClaimedBy = null, bool OnlyFree = false);

/// <summary>How many questions there are of a kind and reason.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Reason">Why they are asked.</param>
/// <param name="Open">All.</param>
/// <param name="Claimed">Those that somebody has.</param>
/// <param name="Oldest">Since when the oldest is asked.</param>
public sealed record ReviewCount(string Kind, ReviewReason Reason, long Open, long Claimed, DateTimeOffset Oldest);

/// <summary>The questions to stewards: dearest and most open first. Who claims some has them alone for a while.</summary>
public sealed class ReviewQueue(NpgsqlDataSource store)
{
    /// <summary>At most so many at once.</summary>
    public const int MostAtOnce = 500;

    const string Questions =
        """
        select v.id, v.kind, v.reason, r.source, r.source_id, r.label, r.golden_id, o.source, o.source_id, o.label, o.golden_id, v.bits, v.note, v.cost, v.worth, v.since,
            case when v.claimed_until > now() then v.claimed_by end, case when v.claimed_until > now() then v.claimed_until end, r.body::text, o.body::text
        from mdm.review v join mdm.record r on r.id = v.one left join mdm.record o on o.id = v.other
        """;

    // Of the questions about two golden records the dearest is asked; the one that somebody has, where somebody has one. Its answer is that of all.
    const string AskedFirst =
        """
        not exists (
            select from mdm.record a join mdm.review w on w.one = a.id or w.other = a.id join mdm.record b on b.id = case when w.one = a.id then w.other else w.one end
            where a.golden_id = r.golden_id and b.golden_id = o.golden_id
                and (coalesce(w.claimed_until > now(), false), w.worth, -w.id) > (coalesce(v.claimed_until > now(), false), v.worth, -v.id))
        """;

    /// <summary>The first of the queue: one question for any two golden records.</summary>
    /// <param name="kind">The kind of object.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">Those after so many.</param>
    /// <param name="limit">So many at most.</param>
    public async Task<IReadOnlyList<ReviewQuestion>> ListAsync(string kind, ReviewFilter filter, int after, int limit, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return await connection.ReadAsync(
            $"""
            {Questions}
            where v.kind = $1 and ($2 = '' or v.reason = $2) and ($3 = '' or v.claimed_by = $3 and v.claimed_until > now()) and (not $4 or v.claimed_until is null or v.claimed_until <= now()) and {AskedFirst}
            order by v.worth desc, v.id offset $5 limit $6
            """,
            Question, stop, kind, filter.Reason is { } reason ? Text(reason) : "", filter.ClaimedBy ?? "", filter.OnlyFree, after, Math.Clamp(limit, 1, MostAtOnce));
    }

    /// <summary>One question; null when it is not asked any more.</summary>
    public async Task<ReviewQuestion?> ReadAsync(long number, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return (await connection.ReadAsync($"{Questions} where v.id = $1", Question, stop, number)).FirstOrDefault();
    }

    /// <summary>Gives somebody the dearest questions that nobody has.</summary>
    public async Task<IReadOnlyList<ReviewQuestion>> ClaimAsync(string kind, int count, string by, TimeSpan time, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        var claimed = await connection.ReadAsync(
            $"""
            update mdm.review c set claimed_by = $3, claimed_until = now() + $4
            from (
                select v.id from mdm.review v join mdm.record r on r.id = v.one left join mdm.record o on o.id = v.other
                where v.kind = $1 and (v.claimed_until is null or v.claimed_until <= now()) and {AskedFirst}
                order by v.worth desc, v.id limit $2 for update of v skip locked) free
            where c.id = free.id returning c.id
            """,
            row => row.GetInt64(0), stop, kind, Math.Clamp(count, 1, MostAtOnce), by, time);
        return await connection.ReadAsync($"{Questions} where v.id = any($1) order by v.worth desc, v.id", Question, stop, claimed.ToArray());
    }

    /// <summary>Has somebody keep longer what is theirs still; all of it when no numbers are named.</summary>
    /// <returns>How many that are.</returns>
    public Task<int> RenewAsync(string kind, IReadOnlyCollection<long> numbers, string by, TimeSpan time, CancellationToken stop) =>
        WriteAsync("update mdm.review set claimed_until = now() + $4 where kind = $1 and ($2 = '{}' or id = any($2)) and claimed_by = $3 and claimed_until > now()", stop, kind, numbers.ToArray(), by, time);

    /// <summary>Gives back what somebody has; all of it when no numbers are named.</summary>
    /// <returns>How many that were.</returns>
    public Task<int> ReleaseAsync(string kind, IReadOnlyCollection<long> numbers, string by, CancellationToken stop) =>
        WriteAsync("update mdm.review set claimed_by = null, claimed_until = null where kind = $1 and ($2 = '{}' or id = any($2)) and claimed_by = $3", stop, kind, numbers.ToArray(), by);

    /// <summary>How many there are; several about the same two golden records count each.</summary>
    public async Task<IReadOnlyList<ReviewCount>> CountAsync(CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return await connection.ReadAsync("select kind, reason, count(*), count(*) filter (where claimed_until > now()), min(since) from mdm.review group by kind, reason order by kind, reason",
            row => new ReviewCount(row.GetString(0), Reason(row.GetString(1)), row.GetInt64(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4)), stop);
    }

    async Task<int> WriteAsync(string sql, CancellationToken stop, params object[] parameters)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return await connection.ExecuteAsync(sql, stop, parameters);
    }

    static ReviewQuestion Question(NpgsqlDataReader row)
    {
        var kind = row.GetString(1);
        return new(row.GetInt64(0), kind, Reason(row.GetString(2)), Record(row, kind, 3, 18), row.IsDBNull(7) ? null : Record(row, kind, 7, 19), ReviewTable.Probability(row.IsDBNull(11) ? null : row.GetFloat(11)),
            row.GetString(12), row.GetDecimal(13), row.GetDouble(14), row.GetFieldValue<DateTimeOffset>(15), row.IsDBNull(16) ? null : row.GetString(16),
            row.IsDBNull(17) ? null : row.GetFieldValue<DateTimeOffset>(17));
    }

    static ReviewedRecord Record(NpgsqlDataReader row, string kind, int at, int body) =>
        new(new CanonicalKey(row.GetString(at), row.GetString(at + 1)), row.GetString(at + 2), row.IsDBNull(body) ? "" : RecordAbout.Of(Sql.Object(CanonicalCatalog.Find(kind)!, row.GetString(body))), row.IsDBNull(at + 3) ? "" : GoldenIds.Text(kind, row.GetInt64(at + 3)));

    static ReviewReason Reason(string text) => Enum.Parse<ReviewReason>(text, ignoreCase: true);

    static string Text(ReviewReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{reason}");
}
