using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Decisions;

/// <summary>Finds what a person named, or says what is there instead.</summary>
sealed class NamedRecords(NpgsqlConnection connection, CanonicalKind kind)
{
    /// <summary>The kind of that name.</summary>
    /// <exception cref="RefusedDecisionException">There is none with golden records.</exception>
    public static CanonicalKind Kind(string name) => GoldenIds.Kinds.FirstOrDefault(k => k.Name == name)
        ?? throw new RefusedDecisionException(Refusal.Wrong, $"there are no golden records of '{name}': it is customer, item or location");

    /// <summary>Says so when a source does not have a record.</summary>
    public async Task RequireAsync(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop)
    {
        var there = await connection.ReadAsync(
            "select r.kind, r.source, r.source_id, r.golden_id is not null from mdm.record r join unnest($1::text[], $2::text[]) as k(source, id) on (r.source, r.source_id) = (k.source, k.id)",
            row => (Kind: row.GetString(0), Key: new CanonicalKey(row.GetString(1), row.GetString(2)), Lives: row.GetBoolean(3)), stop, keys.Select(k => k.Source).ToArray(), keys.Select(k => k.Id).ToArray());
        foreach (var key in keys)
        {
            if (there.Any(t => t.Key == key && t.Kind == kind.Name && t.Lives)) continue;
            if (there.Any(t => t.Key == key && t.Kind == kind.Name)) throw Missing($"{kind.Name} {key} is gone from its source");
            if (there.FirstOrDefault(t => t.Key == key && t.Lives) is { Kind: { } other }) throw Missing($"{key} is no {kind.Name}: there is one of kind {other}, and a decision is about one kind");
            throw Missing($"there is no {kind.Name} {key}; 'cdcsync mdm search {kind.Name} TEXT' finds them");
        }
    }

    /// <summary>A golden record by its id, or by one that leads to it.</summary>
    public async Task<(long Id, IReadOnlyList<CanonicalKey> Members)> GoldenAsync(string text, CancellationToken stop)
    {
        if (GoldenIds.Parse(text) is not { } wanted) throw new RefusedDecisionException(Refusal.Wrong, $"'{text}' is no golden id: they are written as {GoldenIds.Text(kind.Name, 42)}");
        if (wanted.Kind != kind.Name) throw new RefusedDecisionException(Refusal.Wrong, $"{text} is a golden {wanted.Kind}, not a {kind.Name}");
        var id = (await connection.ReadAsync("select to_id from mdm.redirect where from_id = $1 and kind = $2", row => row.GetInt64(0), stop, wanted.Id, kind.Name)).FirstOrDefault(wanted.Id);
        var members = await MembersAsync([id], stop);
        return members.Count > 0 ? (id, members) : throw Missing($"there is no golden {kind.Name} {text}, and it leads nowhere");
    }

    /// <summary>The records of golden records, by source and id.</summary>
    public async Task<IReadOnlyList<CanonicalKey>> MembersAsync(IReadOnlyCollection<long> golden, CancellationToken stop) => await connection.ReadAsync(
        "select source, source_id from mdm.record where kind = $1 and golden_id = any($2) order by source collate \"C\", source_id collate \"C\"",
        row => new CanonicalKey(row.GetString(0), row.GetString(1)), stop, kind.Name, golden.ToArray());

    /// <summary>The golden record a record is in, with all that are.</summary>
    public async Task<IReadOnlyList<CanonicalKey>> SiblingsAsync(CanonicalKey key, CancellationToken stop) => await connection.ReadAsync(
        """
        select s.source, s.source_id from mdm.record r join mdm.record s on s.golden_id = r.golden_id
        where r.kind = $1 and (r.source, r.source_id) = ($2, $3) order by s.source collate "C", s.source_id collate "C"
        """,
        row => new CanonicalKey(row.GetString(0), row.GetString(1)), stop, kind.Name, key.Source, key.Id);

    /// <summary>Where records are now.</summary>
    public async Task<IReadOnlyList<Standing>> StandingAsync(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop) => await connection.ReadAsync(
        """
        select k.source, k.id, r.golden_id from unnest($2::text[], $3::text[]) with ordinality as k(source, id, place)
        left join mdm.record r on r.kind = $1 and (r.source, r.source_id) = (k.source, k.id) order by k.place
        """,
        row => new Standing(new CanonicalKey(row.GetString(0), row.GetString(1)), row.IsDBNull(2) ? null : GoldenIds.Text(kind.Name, row.GetInt64(2))),
        stop, kind.Name, keys.Select(k => k.Source).ToArray(), keys.Select(k => k.Id).ToArray());

    static RefusedDecisionException Missing(string message) => new(Refusal.Missing, message);
}
