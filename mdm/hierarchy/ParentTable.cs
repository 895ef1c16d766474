using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Hierarchy;

/// <summary>The links from records to their parents, as the store knows them. Each look-up goes one step: a cycle of parents is no loop here.</summary>
sealed class ParentTable(NpgsqlConnection connection, CanonicalKind kind)
{
    /// <summary>The golden ids of the records that these name as their parents, as far as they are there.</summary>
    public async Task<IReadOnlyDictionary<CanonicalKey, string>> ReadAsync(IEnumerable<CanonicalObject> records, CancellationToken stop)
    {
        var parents = records.Select(Parent.KeyOf).OfType<CanonicalKey>().Distinct().ToList();
        if (parents.Count == 0) return new Dictionary<CanonicalKey, string>();
        return (await connection.ReadAsync(
            """
            select r.source, r.source_id, r.golden_id from unnest($2::text[], $3::text[]) as k(source, id)
            join mdm.record r on r.kind = $1 and r.source = k.source and r.source_id = k.id where r.golden_id is not null
            """,
            row => (Key: new CanonicalKey(row.GetString(0), row.GetString(1)), Golden: GoldenIds.Text(kind.Name, row.GetInt64(2))),
            stop, kind.Name, parents.Select(p => p.Source).ToArray(), parents.Select(p => p.Id).ToArray())).ToDictionary(p => p.Key, p => p.Golden);
    }

    /// <summary>The golden records with a record that names one of these as its parent.</summary>
    public async Task<List<long>> ChildrenAsync(IReadOnlyCollection<CanonicalKey> parents, CancellationToken stop) => parents.Count == 0 ? [] : await connection.ReadAsync(
        """
        select distinct r.golden_id from unnest($2::text[], $3::text[]) as k(source, id)
        join mdm.record r on r.kind = $1 and r.source = k.source and r.parent_id = k.id where r.golden_id is not null order by 1
        """,
        row => row.GetInt64(0), stop, kind.Name, parents.Select(p => p.Source).ToArray(), parents.Select(p => p.Id).ToArray());

    /// <summary>Fills in what a store from before there were parents or levels lacks.</summary>
    public async Task FillAsync(IReadOnlyCollection<(long Record, string? Parent, string? Level)> lacking, CancellationToken stop)
    {
        if (lacking.Count == 0) return;
        await connection.ExecuteAsync("update mdm.record r set parent_id = n.parent_id, level = n.level from unnest($1::bigint[], $2::text[], $3::text[]) as n(id, parent_id, level) where r.id = n.id",
            stop, lacking.Select(l => l.Record).ToArray(), lacking.Select(l => l.Parent).ToArray(), lacking.Select(l => l.Level).ToArray());
    }
}
