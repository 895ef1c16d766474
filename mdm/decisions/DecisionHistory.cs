using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Decisions;

/// <summary>What people decided, newest first, taken back or not.</summary>
public sealed class DecisionHistory(NpgsqlDataSource store)
{
    /// <summary>At most so many acts at once.</summary>
    public const int MostAtOnce = 500;

    /// <summary>Says so when a kind of object has no golden records.</summary>
    /// <exception cref="RefusedDecisionException">It has none.</exception>
    public static void Require(string kind) => NamedRecords.Kind(kind);

    // An undo speaks of what it took back.
    const string OfRecords =
        """
        with named as (select k.source, k.id from unnest($2::text[], $3::text[]) as k(source, id)),
        direct as (
            select p.act_id from mdm.decided_pair p join named n on (p.source, p.source_id) = (n.source, n.id) where p.kind = $1
            union select p.act_id from mdm.decided_pair p join named n on (p.other_source, p.other_id) = (n.source, n.id) where p.kind = $1
            union select p.act_id from mdm.pin p join named n on (p.source, p.source_id) = (n.source, n.id) where p.kind = $1
            union select m.act_id from mdm.moved m join mdm.act a on a.id = m.act_id and a.kind = $1 join named n on (m.source, m.source_id) = (n.source, n.id))
        select id from (select act_id as id from direct union select a.id from mdm.act a join direct d on d.act_id = any(a.took)) a where id < $4 order by id desc limit $5
        """;

    /// <summary>One act; null when there is none of that number.</summary>
    public async Task<ActView?> ReadAsync(long act, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return (await ActTable.ReadAsync(connection, [act], stop)).FirstOrDefault();
    }

    /// <summary>All acts of a kind.</summary>
    /// <param name="kind">The kind of object; null for all.</param>
    /// <param name="before">Those before this act; null for the newest.</param>
    /// <param name="limit">So many at most.</param>
    public async Task<IReadOnlyList<ActView>> ListAsync(string? kind, long? before, int limit, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        var acts = await connection.ReadAsync("select id from mdm.act where ($1 = '' or kind = $1) and id < $2 order by id desc limit $3", row => row.GetInt64(0), stop,
            kind ?? "", before ?? long.MaxValue, Math.Clamp(limit, 1, MostAtOnce));
        return await ActTable.ReadAsync(connection, acts, stop);
    }

    /// <summary>How many acts there are of each verb, and how many of them are in force.</summary>
    public async Task<IReadOnlyList<ActCount>> CountAsync(string kind, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return await connection.ReadAsync("select verb, count(*), count(*) filter (where undone_by is null) from mdm.act where kind = $1 group by verb order by verb",
            row => new ActCount(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), stop, kind);
    }

    /// <summary>What was decided of a record.</summary>
    public Task<IReadOnlyList<ActView>> OfRecordAsync(string kind, CanonicalKey key, long? before, int limit, CancellationToken stop) => OfAsync(kind, [key], before, limit, stop);

    /// <summary>What was decided of the records of a golden record; null when there is none of that id.</summary>
    public async Task<IReadOnlyList<ActView>?> OfGoldenAsync(string kind, string goldenId, long? before, int limit, CancellationToken stop)
    {
        if (GoldenIds.Parse(goldenId) is not { } wanted || wanted.Kind != kind) return null;
        IReadOnlyList<CanonicalKey> members;
        await using (var connection = await store.OpenConnectionAsync(stop))
        {
            var id = (await connection.ReadAsync("select to_id from mdm.redirect where from_id = $1 and kind = $2", row => row.GetInt64(0), stop, wanted.Id, kind)).FirstOrDefault(wanted.Id);
            members = await new NamedRecords(connection, NamedRecords.Kind(kind)).MembersAsync([id], stop);
        }
        return members.Count == 0 ? null : await OfAsync(kind, members, before, limit, stop);
    }

    async Task<IReadOnlyList<ActView>> OfAsync(string kind, IReadOnlyList<CanonicalKey> keys, long? before, int limit, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        var acts = await connection.ReadAsync(OfRecords, row => row.GetInt64(0), stop, kind, keys.Select(k => k.Source).ToArray(), keys.Select(k => k.Id).ToArray(), before ?? long.MaxValue,
            Math.Clamp(limit, 1, MostAtOnce));
        return await ActTable.ReadAsync(connection, acts, stop);
    }
}
