using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Clustering;

/// <summary>Golden ids as people and topics see them: <c>C00000042</c> is a customer, I an item, L a location.</summary>
public static class GoldenIds
{
    /// <summary>The kinds that have golden records.</summary>
    public static IReadOnlyList<CanonicalKind> Kinds { get; } = [.. new[] { "customer", "item", "location" }.Select(k => CanonicalCatalog.Find(k)!)];

    /// <summary>The text form.</summary>
    public static string Text(string kind, long id) => $"{char.ToUpperInvariant(kind[0])}{id:d8}";

    /// <summary>Reads the text form; null when it is none.</summary>
    public static (string Kind, long Id)? Parse(string text) =>
        text.Length > 1 && Kinds.FirstOrDefault(k => char.ToUpperInvariant(k.Name[0]) == text[0]) is { } kind && long.TryParse(text.AsSpan(1), out var id) && id > 0
            ? (kind.Name, id)
            : null;

    /// <summary>
    /// Which golden id each cluster keeps. An id goes where most of its records went (a tie: with the smallest record key); a cluster that is due several keeps the
    /// oldest and the others lead to it; a cluster that is due none gets a new one.
    /// </summary>
    public static Assignment Assign(IReadOnlyList<IReadOnlyList<Member>> clusters)
    {
        var places = clusters.SelectMany((members, cluster) => members.Select(m => (Member: m, Cluster: cluster))).Where(p => p.Member.GoldenId is not null);
        var due = new Dictionary<int, List<long>>();
        foreach (var held in places.GroupBy(p => p.Member.GoldenId!.Value))
        {
            var heir = held.GroupBy(p => p.Cluster)
                .OrderByDescending(g => g.Count())
                .ThenBy(g => g.First().Member, Comparer<Member>.Create(Member.Compare))
                .First().Key;
            if (!due.TryGetValue(heir, out var ids)) due.Add(heir, ids = []);
            ids.Add(held.Key);
        }
        var kept = clusters.Select((_, i) => due.TryGetValue(i, out var ids) ? ids.Min() : (long?)null).ToList();
        var merged = due.SelectMany(d => d.Value.Where(id => id != kept[d.Key]).Select(id => (From: id, Cluster: d.Key))).ToList();
        return new Assignment(kept, merged);
    }
}

/// <summary>Golden ids of clusters.</summary>
/// <param name="Kept">Per cluster the id it keeps; null when it needs a new one.</param>
/// <param name="Merged">Ids that lead to another cluster's from now on.</param>
public sealed record Assignment(IReadOnlyList<long?> Kept, IReadOnlyList<(long From, int Cluster)> Merged);
