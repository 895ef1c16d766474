using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Decisions;

/// <summary>The decisions in force.</summary>
static class DecisionTable
{
    const string InForce =
        """
        select distinct p.act_id, p.source, p.source_id, p.other_source, p.other_id, p.same
        from mdm.decided_pair p join mdm.act a on a.id = p.act_id and a.undone_by is null
        """;

    /// <summary>All of one kind.</summary>
    public static Task<List<DecidedPair>> ReadAsync(NpgsqlConnection connection, string kind, CancellationToken stop) =>
        connection.ReadAsync($"{InForce} where p.kind = $1 order by 1, 2, 3, 4, 5", Row, stop, kind);

    /// <summary>Those that speak of any of these records.</summary>
    public static Task<List<DecidedPair>> ReadAsync(NpgsqlConnection connection, string kind, IReadOnlyCollection<CanonicalKey> of, CancellationToken stop) =>
        connection.ReadAsync(
            $"""
            {InForce} join unnest($2::text[], $3::text[]) as k(source, id) on (p.source, p.source_id) = (k.source, k.id) where p.kind = $1
            union
            {InForce} join unnest($2::text[], $3::text[]) as k(source, id) on (p.other_source, p.other_id) = (k.source, k.id) where p.kind = $1
            """,
            Row, stop, kind, of.Select(k => k.Source).ToArray(), of.Select(k => k.Id).ToArray());

    /// <summary>The records that somebody said are the same as one of these.</summary>
    public static Statement SaidToBeSame(IReadOnlyCollection<long> records, Action<long> found) =>
        new(
            """
            select o.id from mdm.record r
            join mdm.decided_pair p on p.same and p.kind = r.kind and (p.source, p.source_id) = (r.source, r.source_id)
            join mdm.act a on a.id = p.act_id and a.undone_by is null
            join mdm.record o on o.kind = r.kind and (o.source, o.source_id) = (p.other_source, p.other_id) where r.id = any($1)
            union
            select o.id from mdm.record r
            join mdm.decided_pair p on p.same and p.kind = r.kind and (p.other_source, p.other_id) = (r.source, r.source_id)
            join mdm.act a on a.id = p.act_id and a.undone_by is null
            join mdm.record o on o.kind = r.kind and (o.source, o.source_id) = (p.source, p.source_id) where r.id = any($1)
            """,
            row => found(row.GetInt64(0)), records.ToArray());

    internal static DecidedPair Row(NpgsqlDataReader row) =>
        new(row.GetInt64(0), new CanonicalKey(row.GetString(1), row.GetString(2)), new CanonicalKey(row.GetString(3), row.GetString(4)), row.GetBoolean(5));
}
