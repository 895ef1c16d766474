namespace CdcSync.Mdm.Clustering;

/// <summary>Joins what keys left apart, by scores.</summary>
sealed class LikenessStep(List<Member> members, Forest forest, ILikeness likeness) : IPairOpinion
{
    /// <summary>Joins trees of the forest; returns the pairs that were sure enough but not joined.</summary>
    public IReadOnlyList<Edge> Run()
    {
        var places = members.Select((m, i) => (m.Id, i)).ToDictionary(m => m.Id, m => m.i);
        var pairs = new List<ScoredPair>(likeness.Edges.Count);
        foreach (var edge in likeness.Edges)
            if (places.TryGetValue(edge.One, out var one) && places.TryGetValue(edge.Other, out var other))
                pairs.Add(new ScoredPair(Math.Min(one, other), Math.Max(one, other), edge.Bits, edge.Levels));
        var sources = members.Select(m => m.Key.Source).Distinct(StringComparer.Ordinal).Select((source, i) => (source, i)).ToDictionary(s => s.source, s => s.i, StringComparer.Ordinal);
        var agglomeration = new Agglomeration(this, likeness.MergeBits, likeness.OneToOne, [.. members.Select(m => sources[m.Key.Source])]);
        var clusters = agglomeration.Run(pairs, [.. Enumerable.Range(0, members.Count).Select(forest.Root)]);
        for (var i = 0; i < clusters.Length; i++)
            if (forest.Root(clusters[i]) != forest.Root(i)) forest.Join(forest.Root(clusters[i]), forest.Root(i));
        return [.. agglomeration.Bridges.Select(b => EdgeOf(b))];
    }

    /// <inheritdoc/>
    public float Bits(int one, int other) => likeness.Bits(members[one].Id, members[other].Id);

    /// <inheritdoc/>
    public bool AreKeptApart(IReadOnlyList<int> one, IReadOnlyList<int> other)
    {
        var (left, right) = (one.Select(forest.Root).Distinct().ToList(), other.Select(forest.Root).Distinct().ToList());
        return left.Exists(l => right.Exists(r => forest.AreKeptApart(l, r))) || one.Any(a => other.Any(b => likeness.AreKeptApart(members[a].Id, members[b].Id)));
    }

    Edge EdgeOf(ScoredPair pair)
    {
        var (one, other) = (members[pair.One].Id, members[pair.Other].Id);
        return new Edge(Math.Min(one, other), Math.Max(one, other), pair.Bits, pair.Levels);
    }
}
