using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Survivorship;

namespace CdcSync.Mdm.Reviewing;

/// <summary>What a person is asked of clusters that were made.</summary>
/// <param name="clusters">The clusters, whole neighbourhoods.</param>
/// <param name="links">What each shared key did.</param>
/// <param name="likeness">What scores say; null where there are none.</param>
sealed class Questions(ClusterResult clusters, IReadOnlyList<Link> links, ILikeness? likeness)
{
    /// <summary>The questions that touch these records.</summary>
    public IReadOnlyList<ReviewEntry> Of(IReadOnlyCollection<long> records, IReadOnlyList<(long Record, Conflict Conflict)> conflicts)
    {
        var wanted = records as IReadOnlySet<long> ?? records.ToHashSet();
        var clusterOf = clusters.All.SelectMany((c, i) => c.Select(m => (m.Id, i))).ToDictionary(m => m.Id, m => m.i);
        return
        [
            .. Doubts(clusterOf).Concat(Refused()).Concat(Vetoed(clusterOf)).Where(q => wanted.Contains(q.One) || (q.Other is { } other && wanted.Contains(other))),
            .. conflicts.GroupBy(c => c.Record).Select(g => new ReviewEntry(g.Key, null, ReviewReason.Conflict, null, string.Join(", ", g.Select(c => c.Conflict.Attribute)))),
        ];
    }

    // A record that is not here is in no cluster of those that are.
    IEnumerable<ReviewEntry> Doubts(Dictionary<long, int> clusterOf) =>
        from edge in likeness?.Edges ?? []
        where edge.Bits < likeness!.MergeBits && (!clusterOf.TryGetValue(edge.One, out var one) || !clusterOf.TryGetValue(edge.Other, out var other) || one != other)
        select new ReviewEntry(edge.One, edge.Other, ReviewReason.Doubt, edge.Bits);

    IEnumerable<ReviewEntry> Refused() => clusters.Refused.Select(e => new ReviewEntry(e.One, e.Other, ReviewReason.Refused, e.Bits));

    // One question for two clusters that a key would join: their first records.
    IEnumerable<ReviewEntry> Vetoed(Dictionary<long, int> clusterOf)
    {
        var byKey = clusters.All.SelectMany(c => c).ToDictionary(m => m.Key);
        foreach (var link in links.Where(l => l.Verdict == Verdict.Vetoed))
        {
            var sides = link.Members.Select(m => byKey[m]).GroupBy(m => clusterOf[m.Id]).Select(g => g.Min(m => m.Id)).Order().ToList();
            for (var i = 1; i < sides.Count; i++) yield return new ReviewEntry(sides[i - 1], sides[i], ReviewReason.Vetoed, null, link.Because![..link.Because!.IndexOf(':')]);
        }
    }
}
