using CdcSync.Contract.Canonical;
using Npgsql;

namespace CdcSync.Mdm.Decisions;

/// <summary>Whether decisions can all be true: two records that are the same by a chain of decisions must not be set apart by another.</summary>
static class Contradictions
{
    /// <summary>Looks for one between pairs that are about to be decided and those in force.</summary>
    /// <param name="connection">The transaction's.</param>
    /// <param name="kind">The kind of object.</param>
    /// <param name="wanted">Act 0, or the acts that come back.</param>
    /// <exception cref="RefusedDecisionException">There is one: the message names the acts in the way.</exception>
    public static async Task RefuseAsync(NpgsqlConnection connection, string kind, IReadOnlyList<DecidedPair> wanted, CancellationToken stop)
    {
        var decided = await AroundAsync(connection, kind, wanted, stop);
        if (Find(decided, wanted) is not { } found) return;
        var acts = await ActTable.ReadAsync(connection, [.. found.Chain.Append(found.Apart).Select(p => p.Act).Except(wanted.Select(w => w.Act)).Distinct()], stop);
        throw new RefusedDecisionException(Refusal.Contradiction, Message(found.Chain, found.Apart, [.. wanted], acts));
    }

    /// <summary>The chain of pairs by which two records are the same that another pair says are distinct; null when all agree.</summary>
    internal static (IReadOnlyList<DecidedPair> Chain, DecidedPair Apart)? Find(IReadOnlyCollection<DecidedPair> decided, IReadOnlyCollection<DecidedPair> wanted)
    {
        var neighbours = new Dictionary<CanonicalKey, List<(CanonicalKey To, DecidedPair By)>>();
        foreach (var pair in wanted.Concat(decided).Where(p => p.Same))
        {
            Add(pair.One, pair.Other, pair);
            Add(pair.Other, pair.One, pair);
        }
        foreach (var apart in decided.Concat(wanted).Where(p => !p.Same))
            if (Chain(neighbours, apart.One, apart.Other) is { } chain) return (chain, apart);
        return null;

        void Add(CanonicalKey from, CanonicalKey to, DecidedPair by)
        {
            if (!neighbours.TryGetValue(from, out var list)) neighbours.Add(from, list = []);
            list.Add((to, by));
        }
    }

    // The shortest one: fewest acts to undo.
    static List<DecidedPair>? Chain(Dictionary<CanonicalKey, List<(CanonicalKey To, DecidedPair By)>> neighbours, CanonicalKey from, CanonicalKey to)
    {
        if (!neighbours.ContainsKey(from) || !neighbours.ContainsKey(to)) return null;
        var cameBy = new Dictionary<CanonicalKey, (CanonicalKey From, DecidedPair By)?> { [from] = null };
        var next = new Queue<CanonicalKey>([from]);
        while (next.TryDequeue(out var at) && at != to)
            foreach (var (beyond, by) in neighbours[at])
                if (cameBy.TryAdd(beyond, (at, by))) next.Enqueue(beyond);
        if (!cameBy.ContainsKey(to)) return null;
        var chain = new List<DecidedPair>();
        for (var at = to; cameBy[at] is { } step; at = step.From) chain.Add(step.By);
        chain.Reverse();
        return chain;
    }

    // All decisions in force that a chain of sameness connects with these records.
    static async Task<IReadOnlyCollection<DecidedPair>> AroundAsync(NpgsqlConnection connection, string kind, IReadOnlyList<DecidedPair> wanted, CancellationToken stop)
    {
        var (found, seen) = (new HashSet<DecidedPair>(), wanted.SelectMany(w => new[] { w.One, w.Other }).ToHashSet());
        for (IReadOnlyCollection<CanonicalKey> frontier = [.. seen]; frontier.Count > 0;)
        {
            var pairs = await DecisionTable.ReadAsync(connection, kind, frontier, stop);
            found.UnionWith(pairs);
            frontier = [.. pairs.Where(p => p.Same).SelectMany(p => new[] { p.One, p.Other }).Where(seen.Add)];
        }
        return found;
    }

    static string Message(IReadOnlyList<DecidedPair> chain, DecidedPair apart, HashSet<DecidedPair> wanted, IReadOnlyList<ActView> acts)
    {
        var byNumber = acts.ToDictionary(a => a.Act);
        var said = chain.Append(apart).Where(p => !wanted.Contains(p)).DistinctBy(p => (p.Act, p.Same))
            .Select(p => $"{byNumber[p.Act].Line()} says that {p.One} and {p.Other} are {(p.Same ? "the same" : "distinct")}").ToList();
        if (said.Count == 0) return $"it contradicts itself: {apart.One} and {apart.Other} cannot be the same and distinct";
        var undo = chain.Append(apart).Where(p => !wanted.Contains(p)).Select(p => p.Act).Distinct().Order().ToList();
        return $"it contradicts what was decided: {string.Join("; ", said)}. Undo act {string.Join(" or ", undo)} first (cdcsync mdm undo {undo[^1]} --why TEXT)";
    }
}
