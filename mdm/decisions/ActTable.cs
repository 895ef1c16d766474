using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Decisions;

/// <summary>What people did: written once, read as history.</summary>
static class ActTable
{
    public static async Task<long> AddAsync(NpgsqlConnection connection, string kind, string verb, Author author, CancellationToken stop) =>
        (await connection.ReadAsync("insert into mdm.act (kind, verb, by_whom, why) values ($1, $2, $3, $4) returning id", row => row.GetInt64(0), stop, kind, verb, author.By, author.Why))[0];

    public static Task AddPairsAsync(NpgsqlConnection connection, string kind, long act, IReadOnlyList<DecidedPair> pairs, CancellationToken stop) => connection.ExecuteAsync(
        """
        insert into mdm.decided_pair (act_id, kind, source, source_id, other_source, other_id, same)
        select $1, $2, p.source, p.source_id, p.other_source, p.other_id, p.same from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bool[]) as p(source, source_id, other_source, other_id, same)
        """,
        stop, act, kind, pairs.Select(p => p.One.Source).ToArray(), pairs.Select(p => p.One.Id).ToArray(), pairs.Select(p => p.Other.Source).ToArray(), pairs.Select(p => p.Other.Id).ToArray(),
        pairs.Select(p => p.Same).ToArray());

    /// <summary>An act takes others back. What those had taken back comes into force again, and so on.</summary>
    /// <returns>The acts that came into force, and all that changed.</returns>
    public static async Task<(IReadOnlyList<long> Came, IReadOnlyList<long> Changed)> TakeBackAsync(NpgsqlConnection connection, IReadOnlyCollection<long> acts, long by, CancellationToken stop)
    {
        await connection.ExecuteAsync("update mdm.act set took = $2 where id = $1", stop, by, acts.ToArray());
        var (came, changed) = (new List<long>(), new List<long>());
        var steps = new Queue<(long Act, long? By)>(acts.Select(a => (a, (long?)by)));
        while (steps.TryDequeue(out var step))
        {
            var took = step.By is { } taker
                ? await connection.ReadAsync("update mdm.act a set undone_by = $2 where id = $1 and undone_by is null returning array(select b.id from mdm.act b where b.id = any(a.took) and b.undone_by = a.id)",
                    row => row.GetFieldValue<long[]>(0), stop, step.Act, taker)
                : await connection.ReadAsync("update mdm.act a set undone_by = null where id = $1 and undone_by is not null returning array(select b.id from mdm.act b where b.id = any(a.took) and b.undone_by is null)",
                    row => row.GetFieldValue<long[]>(0), stop, step.Act);
            if (took.Count == 0) continue;
            changed.Add(step.Act);
            if (step.By is null) came.Add(step.Act);
            foreach (var other in took[0]) steps.Enqueue((other, step.By is null ? step.Act : null));
        }
        return (came, changed);
    }

    /// <summary>The pairs of acts, whether in force or not.</summary>
    public static Task<List<DecidedPair>> PairsAsync(NpgsqlConnection connection, IReadOnlyCollection<long> acts, CancellationToken stop) => connection.ReadAsync(
        "select act_id, source, source_id, other_source, other_id, same from mdm.decided_pair where act_id = any($1)", DecisionTable.Row, stop, acts.ToArray());

    /// <summary>What became of records, as the outbox says; noted down, for the outbox is emptied.</summary>
    public static async Task<List<Move>> NoteMovesAsync(NpgsqlConnection connection, CanonicalKind kind, long act, string correlation, CancellationToken stop)
    {
        await connection.ExecuteAsync(
            """
            insert into mdm.moved (act_id, source, source_id, from_id, to_id)
            select $1, o.source, o.source_id, substr(o.body->>'previous_golden_id', 2)::bigint, substr(o.body->>'golden_id', 2)::bigint
            from mdm.outbox o where o.correlation_id = $2 and o.topic = $3 and o.source <> 'golden' and o.body is not null on conflict do nothing
            """,
            stop, act, correlation, kind.XrefTopic);
        return [.. (await MovesAsync(connection, [act], stop)).Select(m => m.Move)];
    }

    /// <summary>Acts by their numbers.</summary>
    public static async Task<List<ActView>> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<long> acts, CancellationToken stop)
    {
        if (acts.Count == 0) return [];
        var pairs = (await connection.ReadAsync(
            """
            select act_id, source, source_id, other_source, other_id, same, count
            from (select *, count(*) over (partition by act_id) as count, row_number() over (partition by act_id order by source, source_id, other_source, other_id) as place from mdm.decided_pair where act_id = any($1)) p
            where place <= $2 order by act_id, place
            """,
            row => (Pair: DecisionTable.Row(row), Count: row.GetInt64(6)), stop, acts.ToArray(), ActView.MostPairs)).ToLookup(p => p.Pair.Act);
        var moves = (await MovesAsync(connection, acts, stop)).ToLookup(m => m.Act, m => m.Move);
        return await connection.ReadAsync(
            """
            select a.id, a.kind, a.verb, a.by_whom, a.why, a.at, a.undone_by, a.took, p.source, p.source_id, p.attribute, p.value::text, p.until
            from mdm.act a left join mdm.pin p on p.act_id = a.id where a.id = any($1) order by a.id desc
            """,
            row => new ActView(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), row.IsDBNull(6) ? null : row.GetInt64(6),
                row.GetFieldValue<long[]>(7), [.. pairs[row.GetInt64(0)].Select(p => p.Pair)], pairs[row.GetInt64(0)].FirstOrDefault().Count,
                row.IsDBNull(8) ? null : new PinnedValue(new CanonicalKey(row.GetString(8), row.GetString(9)), row.GetString(10), row.IsDBNull(11) ? "null" : row.GetString(11),
                    row.IsDBNull(12) ? null : row.GetFieldValue<DateTimeOffset>(12)),
                [.. moves[row.GetInt64(0)]]),
            stop, acts.ToArray());
    }

    static Task<List<(long Act, Move Move)>> MovesAsync(NpgsqlConnection connection, IReadOnlyCollection<long> acts, CancellationToken stop) => connection.ReadAsync(
        "select m.act_id, a.kind, m.source, m.source_id, m.from_id, m.to_id from mdm.moved m join mdm.act a on a.id = m.act_id where m.act_id = any($1) order by m.act_id, m.source collate \"C\", m.source_id collate \"C\"",
        row => (row.GetInt64(0), new Move(new CanonicalKey(row.GetString(2), row.GetString(3)), row.IsDBNull(4) ? null : GoldenIds.Text(row.GetString(1), row.GetInt64(4)),
            GoldenIds.Text(row.GetString(1), row.GetInt64(5)))), stop, acts.ToArray());
}
