using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Hierarchy;
using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Survivorship;
using Npgsql;

namespace CdcSync.Mdm;

/// <summary>A record of a golden record.</summary>
/// <param name="Key">Whose record it is.</param>
/// <param name="Name">Its name there.</param>
/// <param name="About">What tells it from others of that name: where it is, its number.</param>
public sealed record GoldenMember(CanonicalKey Key, string Name, string About);

/// <summary>A golden record with the records it is made of.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Object">Its values.</param>
/// <param name="Members">The records, by source and id.</param>
public sealed record GoldenView(string Id, CanonicalObject Object, IReadOnlyList<GoldenMember> Members);

/// <summary>How many there are of one kind.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Records">Records of sources.</param>
/// <param name="Golden">Golden records.</param>
/// <param name="Merged">Golden records made of more than one record.</param>
public sealed record GoldenCounts(string Kind, long Records, long Golden, long Merged);

/// <summary>Why a record belongs to its golden record.</summary>
/// <param name="GoldenId">The golden record.</param>
/// <param name="Members">All its records.</param>
/// <param name="Links">The match keys that this record and those of its golden record share with others, strongest first, and what each did.</param>
/// <param name="Likenesses">How alike its records are to each other and to others, the most alike first; pairs that were never worth a look are not among them.</param>
/// <param name="Decided">What people decided of its records.</param>
public sealed record Explanation(string GoldenId, IReadOnlyList<GoldenMember> Members, IReadOnlyList<Link> Links, IReadOnlyList<Waterfall> Likenesses, IReadOnlyList<DecidedPair> Decided);

/// <summary>A golden record on the way from one up to its root.</summary>
/// <param name="GoldenId">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Level">Its level, as far as it can tell: see <see cref="Hierarchy.Level"/>.</param>
/// <param name="Again">True when it was on the way before: the parents go in a circle, and the way ends here.</param>
public sealed record Ancestor(string GoldenId, string Name, string? Level, bool Again);

/// <summary>Why a golden record has its values.</summary>
/// <param name="GoldenId">The golden record.</param>
/// <param name="Level">Its level, as far as it can tell.</param>
/// <param name="Ancestors">Its parent, the parent's parent, and so on.</param>
/// <param name="Members">All its records.</param>
/// <param name="Values">Each attribute's value, whose it is, and what the other records say.</param>
/// <param name="Conflicts">Different values of attributes that matter.</param>
public sealed record ValueReasons(
    string GoldenId, string? Level, IReadOnlyList<Ancestor> Ancestors, IReadOnlyList<GoldenMember> Members, IReadOnlyList<Lineage> Values, IReadOnlyList<Conflict> Conflicts);

/// <summary>Reads golden records from the store.</summary>
public sealed class GoldenDirectory(NpgsqlDataSource store, MdmSettings settings, TimeProvider? clock = null)
{
    const string Views =
        """
        select g.id, g.kind, g.body::text, array_agg(r.source order by r.source collate "C", r.source_id collate "C"),
            array_agg(r.source_id order by r.source collate "C", r.source_id collate "C"), array_agg(r.label order by r.source collate "C", r.source_id collate "C"),
            array_agg(r.body::text order by r.source collate "C", r.source_id collate "C")
        from mdm.golden g join mdm.record r on r.golden_id = g.id
        """;

    // No hierarchy that somebody reads is deeper.
    const int FarthestAncestor = 100;

    /// <summary>The golden id of a record; null when there is no such record.</summary>
    public async Task<string?> FindAsync(string kind, CanonicalKey key, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        var ids = await connection.ReadAsync("select golden_id from mdm.record where kind = $1 and source = $2 and source_id = $3 and golden_id is not null",
            row => GoldenIds.Text(kind, row.GetInt64(0)), stop, kind, key.Source, key.Id);
        return ids.FirstOrDefault();
    }

    /// <summary>A golden record by its id, or by one that leads to it; null when there is none.</summary>
    public async Task<GoldenView?> ReadAsync(string goldenId, CancellationToken stop)
    {
        if (GoldenIds.Parse(goldenId) is not { } wanted) return null;
        await using var connection = await store.OpenConnectionAsync(stop);
        var views = await connection.ReadAsync($"{Views} where g.id = coalesce((select to_id from mdm.redirect where from_id = $1), $1) and g.kind = $2 group by g.id",
            View, stop, wanted.Id, wanted.Kind);
        return views.FirstOrDefault();
    }

    /// <summary>Golden records made of more than one record: those first whose records are spelled in most ways.</summary>
    public async Task<IReadOnlyList<GoldenView>> MergedAsync(string kind, int limit, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return await connection.ReadAsync($"{Views} where g.kind = $1 and g.members > 1 group by g.id order by count(distinct r.label) desc, count(*) desc, g.id limit $2", View, stop, kind, limit);
    }

    /// <summary>How many there are, by kind.</summary>
    public async Task<IReadOnlyList<GoldenCounts>> CountAsync(CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        var counts = await connection.ReadAsync("select kind, coalesce(sum(members), 0)::bigint, count(*), count(*) filter (where members > 1) from mdm.golden group by kind",
            row => new GoldenCounts(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), stop);
        return [.. GoldenIds.Kinds.Select(k => counts.Find(c => c.Kind == k.Name) ?? new GoldenCounts(k.Name, 0, 0, 0))];
    }

    /// <summary>
    /// Why a record belongs to its golden record: which rule linked it by which value, which did not and why, and how alike it is to others; null when there is no such record.
    /// </summary>
    public async Task<Explanation?> ExplainAsync(string kind, CanonicalKey key, CancellationToken stop)
    {
        if (await FindAsync(kind, key, stop) is not { } goldenId || await ReadAsync(goldenId, stop) is not { } golden) return null;
        await using var connection = await store.OpenConnectionAsync(stop);
        var space = await new Likenesses(0).OpenAsync(connection, CanonicalCatalog.Find(kind)!, stop);
        var edges = space is null ? null : new EdgeTable(connection, CanonicalCatalog.Find(kind)!, space);
        var neighbourhood = new Neighbourhood(connection, kind, settings.MostPerKey, edges);
        var own = await connection.ReadAsync("select id from mdm.record where golden_id = $1", row => row.GetInt64(0), stop, GoldenIds.Parse(goldenId)!.Value.Id);
        var links = new List<Link>();
        var near = await neighbourhood.ExploreAsync(own, stop);
        var decided = await DecisionTable.ReadAsync(connection, kind, [.. near.Select(m => m.Key)], stop);
        if (edges is not null) await edges.ReadAsync(near.Select(m => m.Id).Concat(edges.Edges.SelectMany(e => new[] { e.One, e.Other })), stop);
        var clusters = new Clusters(new RuleBook(settings)).Resolve(near, new Evidence(neighbourhood.TooCommon, decided, edges), links);
        // The other records of a key that is too common are not read: it stands there with this side alone.
        foreach (var common in neighbourhood.TooCommon.Except(links.Select(l => l.Key)))
            links.Add(new Link(common, [.. near.Where(m => m.Keys.Contains(common)).Select(m => m.Key)], Verdict.TooCommon));
        var members = golden.Members.Select(m => m.Key).ToHashSet();
        var likenesses = edges is null ? [] : await new Waterfalls(connection, space!).OfAsync(edges.Edges.Where(e => own.Contains(e.One) || own.Contains(e.Other)), own, clusters.Refused, stop);
        return new Explanation(goldenId, golden.Members, [.. links.Where(l => l.Members.Any(members.Contains))], likenesses, [.. decided.Where(d => members.Contains(d.One) || members.Contains(d.Other))]);
    }

    /// <summary>Why a golden record has its values, decided anew from its records as merging decides; null when there is no such golden record.</summary>
    public async Task<ValueReasons?> WhyAsync(string goldenId, CancellationToken stop)
    {
        if (await ReadAsync(goldenId, stop) is not { } golden || GoldenIds.Parse(golden.Id) is not { } id) return null;
        await using var connection = await store.OpenConnectionAsync(stop);
        var kind = CanonicalCatalog.Find(id.Kind)!;
        var members = await connection.ReadAsync("select body::text from mdm.record where golden_id = $1 and body is not null", row => Sql.Object(kind, row.GetString(0)), stop, id.Id);
        if (members.Count == 0) return null;
        var pins = await PinTable.ReadAsync(connection, kind.Name, [.. members.Select(m => m.Key)], (clock ?? TimeProvider.System).GetUtcNow(), stop);
        var parents = await new ParentTable(connection, kind).ReadAsync(members, stop);
        var survivors = new Survivors(settings);
        return new ValueReasons(golden.Id, Level.Of(golden.Object), await AncestorsAsync(golden, stop), golden.Members, survivors.Explain(golden.Id, members, pins, parents),
            survivors.Conflicts(members, pins));
    }

    async Task<IReadOnlyList<Ancestor>> AncestorsAsync(GoldenView golden, CancellationToken stop)
    {
        var (way, seen) = (new List<Ancestor>(), new HashSet<string>(StringComparer.Ordinal) { golden.Id });
        for (var at = golden; way.Count < FarthestAncestor && ParentOf(at.Object) is { } parent && await ReadAsync(parent, stop) is { } next; at = next)
        {
            way.Add(new Ancestor(next.Id, next.Object is Customer { Name: var name } ? name : ((Location)next.Object).Name, Level.Of(next.Object), !seen.Add(next.Id)));
            if (way[^1].Again) break;
        }
        return way;
    }

    static string? ParentOf(CanonicalObject golden) => golden switch { Customer customer => customer.ParentId, Location location => location.ParentId, _ => null };

    static GoldenView View(NpgsqlDataReader row)
    {
        var (kind, sources, ids, names, bodies) = (CanonicalCatalog.Find(row.GetString(1))!, row.GetFieldValue<string[]>(3), row.GetFieldValue<string[]>(4), row.GetFieldValue<string[]>(5), row.GetFieldValue<string?[]>(6));
        return new GoldenView(GoldenIds.Text(kind.Name, row.GetInt64(0)), Sql.Object(kind, row.GetString(2)),
            [.. sources.Select((source, i) => new GoldenMember(new CanonicalKey(source, ids[i]), names[i], bodies[i] is { } body ? RecordAbout.Of(Sql.Object(kind, body)) : ""))]);
    }
}
