using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Reviewing;

/// <summary>Keeps the open questions as resolving finds them, and posts what changes of them.</summary>
sealed class ReviewTable(ReviewSettings settings)
{
    // Its Avro decimal has 18 digits before the point; weights go to a million, and a question has two records.
    const decimal Dearest = 999_999_999_999_999_999;

    // More make no difference to the order, and are not counted on.
    const int MostOrders = 10_000, MostChanges = 1_000_000;

    sealed record Stored(long Id, long One, long? Other, string Reason, float? Bits, string Note, decimal Cost, DateTimeOffset Since)
    {
        public (long, long, string) Question => (One, Other ?? 0, Reason);
    }

    sealed record Asked(ReviewEntry Entry, CanonicalKey One, CanonicalKey? Other, decimal Cost)
    {
        public string Reason { get; } = JsonNamingPolicy.SnakeCaseLower.ConvertName($"{Entry.Reason}");
        public (long, long, string) Question => (Entry.One, Entry.Other ?? 0, Reason);
    }

    /// <summary>
    /// Brings the questions that touch these records to the entries, in the caller's transaction, which holds the lock on golden records and has written them. Those that stay keep
    /// their number, age and claim. What people answered, for two records or for the golden records these are in now, is not asked again.
    /// </summary>
    /// <param name="connection">The transaction's.</param>
    /// <param name="kind">The kind of object.</param>
    /// <param name="records">Whose questions these are.</param>
    /// <param name="golden">The records whose golden records were looked at: conflicts of others stay.</param>
    /// <param name="entries">The questions there are.</param>
    /// <param name="cause">What led to it.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>How many came, changed or went.</returns>
    public async Task<int> ReplaceAsync(
        NpgsqlConnection connection, CanonicalKind kind, IReadOnlyCollection<long> records, IReadOnlyCollection<long> golden, IReadOnlyList<ReviewEntry> entries, Cause cause, CancellationToken stop)
    {
        var there = await connection.ReadAsync("select id, one, other, reason, bits, note, cost, since from mdm.review where kind = $1 and (one = any($2) or other = any($2))", Row, stop, kind.Name, records.ToArray());
        if (there.Count == 0 && entries.Count == 0) return 0;
        var asked = (await OpenAsync(connection, kind, entries, stop)).GroupBy(a => a.Question).ToDictionary(g => g.Key, g => g.First());
        var before = there.ToDictionary(s => s.Question);
        var lookedAt = golden.ToHashSet();
        var gone = there.Where(s => !asked.ContainsKey(s.Question) && (s.Other is not null || lookedAt.Contains(s.One))).ToList();
        var write = asked.Values.Where(a => !before.TryGetValue(a.Question, out var s) || (s.Bits, s.Note, s.Cost) != (a.Entry.Bits, a.Entry.Note, a.Cost)).ToList();
        var written = await WriteAsync(connection, kind, write, stop);
        if (gone.Count > 0) await connection.ExecuteAsync("delete from mdm.review where id = any($1)", stop, gone.Select(g => g.Id).ToArray());
        await PostAsync(connection, kind, [.. gone.Select(g => (g.Id, (string?)null)), .. written.Select(w => (w.Id, (string?)Body(w, asked[w.Question])))], cause, stop);
        return gone.Count + written.Count;
    }

    /// <summary>Asks again what is asked about these records, for what an answer costs has changed.</summary>
    public async Task<int> WeighAgainAsync(NpgsqlConnection connection, CanonicalKind kind, IEnumerable<CanonicalKey> records, Cause cause, CancellationToken stop)
    {
        var keys = records.ToList();
        var there = await connection.ReadAsync(
            """
            select v.id, v.one, v.other, v.reason, v.bits, v.note, v.cost, v.since
            from unnest($2::text[], $3::text[]) as k(source, id) join mdm.record r on (r.kind, r.source, r.source_id) = ($1, k.source, k.id)
            join mdm.review v on v.one = r.id or v.other = r.id
            """,
            Row, stop, kind.Name, keys.Select(k => k.Source).ToArray(), keys.Select(k => k.Id).ToArray());
        var entries = there.DistinctBy(s => s.Id).Select(s => new ReviewEntry(s.One, s.Other, Enum.Parse<ReviewReason>(s.Reason, ignoreCase: true), s.Bits, s.Note)).ToList();
        var asked = await OpenAsync(connection, kind, entries, stop);
        var before = there.DistinctBy(s => s.Id).ToDictionary(s => s.Question);
        var written = await WriteAsync(connection, kind, [.. asked.Where(a => before[a.Question].Cost != a.Cost)], stop);
        var byQuestion = asked.ToDictionary(a => a.Question);
        await PostAsync(connection, kind, [.. written.Select(w => (w.Id, (string?)Body(w, byQuestion[w.Question])))], cause, stop);
        return written.Count;
    }

    // Two records in one golden record, or in two that a decision keeps apart, are no question any more.
    async Task<List<Asked>> OpenAsync(NpgsqlConnection connection, CanonicalKind kind, IReadOnlyList<ReviewEntry> entries, CancellationToken stop) => entries.Count == 0 ? [] : await connection.ReadAsync(
        """
        select n.place, r.source, r.source_id, r.body::text, o.source, o.source_id, o.body::text, r.changes, coalesce(o.changes, 0),
            (select count(*) from (select from mdm.open_order d where (d.kind, d.source, d.source_id) = ($1, r.source, r.source_id) limit $4) named),
            (select count(*) from (select from mdm.open_order d where (d.kind, d.source, d.source_id) = ($1, o.source, o.source_id) limit $4) named)
        from unnest($2::bigint[], $3::bigint[]) with ordinality as n(one, other, place)
        join mdm.record r on r.id = n.one and r.kind = $1 and r.golden_id is not null
        left join mdm.record o on o.id = n.other and o.kind = $1 and o.golden_id is not null
        where n.other is null or o.golden_id <> r.golden_id and not exists (
            select from mdm.record a
            join mdm.decided_pair p on not p.same and p.kind = $1 and (p.source, p.source_id) = (a.source, a.source_id)
            join mdm.act t on t.id = p.act_id and t.undone_by is null
            join mdm.record b on b.kind = $1 and (b.source, b.source_id) = (p.other_source, p.other_id)
            where a.golden_id in (r.golden_id, o.golden_id) and b.golden_id in (r.golden_id, o.golden_id) and a.golden_id <> b.golden_id)
        """,
        row => new Asked(entries[(int)row.GetInt64(0) - 1], new CanonicalKey(row.GetString(1), row.GetString(2)), row.IsDBNull(4) ? null : new CanonicalKey(row.GetString(4), row.GetString(5)),
            Math.Min(Dearest, decimal.Round(Cost(Sql.Object(kind, row.GetString(3)), row.GetInt64(7), row.GetInt64(9)) + (row.IsDBNull(6) ? 0 : Cost(Sql.Object(kind, row.GetString(6)), row.GetInt64(8), row.GetInt64(10))), 6))),
        stop, kind.Name, entries.Select(e => e.One).ToArray(), entries.Select(e => e.Other).ToArray(), MostOrders);

    decimal Cost(CanonicalObject value, long changes, long orders)
    {
        var (status, credit) = value switch { Customer c => (c.Status, c.CreditLimit), Item i => (i.Status, null), Location l => (l.Status, null), _ => ("", (decimal?)null) };
        return settings.Record + (status == "active" ? settings.Active : 0) + (Math.Clamp(credit ?? 0, 0, Dearest / 4_000_000) * settings.Credit)
            + (Math.Min(changes, MostChanges) * settings.Traffic) + (orders * settings.Order);
    }

    static async Task<List<Stored>> WriteAsync(NpgsqlConnection connection, CanonicalKind kind, List<Asked> asked, CancellationToken stop) => asked.Count == 0 ? [] : await connection.ReadAsync(
        """
        insert into mdm.review (kind, one, other, reason, bits, note, cost)
        select $1, n.one, n.other, n.reason, n.bits, n.note, n.cost from unnest($2::bigint[], $3::bigint[], $4::text[], $5::real[], $6::text[], $7::numeric[]) as n(one, other, reason, bits, note, cost)
        on conflict (kind, one, coalesce(other, 0), reason) do update set bits = excluded.bits, note = excluded.note, cost = excluded.cost
        returning id, one, other, reason, bits, note, cost, since
        """,
        Row, stop, kind.Name, asked.Select(a => a.Entry.One).ToArray(), asked.Select(a => a.Entry.Other).ToArray(), asked.Select(a => a.Reason).ToArray(), asked.Select(a => a.Entry.Bits).ToArray(),
        asked.Select(a => a.Entry.Note).ToArray(), asked.Select(a => a.Cost).ToArray());

    static async Task PostAsync(NpgsqlConnection connection, CanonicalKind kind, List<(long Id, string? Body)> letters, Cause cause, CancellationToken stop)
    {
        if (letters.Count == 0) return;
        await connection.ExecuteAsync(
            """
            insert into mdm.outbox (topic, source, source_id, body, committed_at, correlation_id)
            select $1, $2, l.id::text, l.body::json, $3, $4 from unnest($5::bigint[], $6::text[]) with ordinality as l(id, body, place) order by l.place
            """,
            stop, kind.ReviewTopic, Review.ReviewSource, cause.CommittedAt.UtcDateTime, cause.CorrelationId, letters.Select(l => l.Id).ToArray(), letters.Select(l => l.Body).ToArray());
    }

    static string Body(Stored stored, Asked asked) => Sql.Json(new Review
    {
        Source = Review.ReviewSource,
        SourceId = $"{stored.Id}",
        Reason = stored.Reason,
        RecordSource = asked.One.Source,
        RecordId = asked.One.Id,
        OtherSource = asked.Other?.Source,
        OtherId = asked.Other?.Id,
        Probability = Probability(stored.Bits),
        Cost = stored.Cost,
        Note = stored.Note,
        Since = stored.Since,
    });

    /// <summary>How likely two records are the same whose score this is; six digits.</summary>
    public static decimal? Probability(float? bits) => bits is { } b ? decimal.Round((decimal)(1 / (1 + Math.Pow(2, -b))), 6) : null;

    static Stored Row(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetFloat(4), row.GetString(5),
        row.GetDecimal(6), row.GetFieldValue<DateTimeOffset>(7));
}
