namespace CdcSync.Mdm.Clustering;

/// <summary>Two records and what their likeness weighs.</summary>
/// <param name="One">A record's place.</param>
/// <param name="Other">Another's.</param>
/// <param name="Bits">The score: 0 is as likely equal as not.</param>
/// <param name="Levels">The outcome of each field's comparison, four bits each.</param>
public readonly record struct ScoredPair(int One, int Other, float Bits, ulong Levels);

/// <summary>What keeps records apart, or tells how alike two are that no key brought together.</summary>
public interface IPairOpinion
{
    /// <summary>The score of two records.</summary>
    float Bits(int one, int other);

    /// <summary>True when no score may make one of these two clusters.</summary>
    bool AreKeptApart(IReadOnlyList<int> one, IReadOnlyList<int> other);
}

/// <summary>
/// Makes clusters of scored pairs, the surest first. Two clusters join when the pair that links them is sure enough and the records of both, taken together, do not
/// speak against it: one look-alike does not chain two families. The result depends on the pairs alone, not on their order.
/// </summary>
public sealed class Agglomeration(IPairOpinion opinion, double mergeBits, bool oneToOne, IReadOnlyList<int> sourceOf)
{
    // Records of each side that are asked about a join; the surest links of big clusters have long been made.
    const int Asked = 8;

    // One wild score decides no join: what a pair says for or against is cut here.
    const float Loudest = 12;

    readonly int[] _root = [.. Enumerable.Range(0, sourceOf.Count)];
    readonly Dictionary<int, List<int>> _members = [];

    /// <summary>Pairs that were sure enough by themselves, but whose clusters were not joined: for a person to look at.</summary>
    public List<ScoredPair> Bridges { get; } = [];

    /// <summary>The cluster of each record: the place of its first record.</summary>
    /// <param name="pairs">What is known to be alike.</param>
    /// <param name="roots">Clusters there are already: of each record the place of its cluster's first one. Null where every record is still alone.</param>
    public int[] Run(IEnumerable<ScoredPair> pairs, int[]? roots = null)
    {
        for (var i = 0; roots is not null && i < roots.Length; i++)
            if (roots[i] != i) Join(Root(roots[i]), i);
        var sure = pairs.Where(p => p.Bits >= mergeBits).ToArray();
        Array.Sort(sure, (a, b) => b.Bits.CompareTo(a.Bits) is not 0 and var byBits ? byBits : a.One.CompareTo(b.One) is not 0 and var byOne ? byOne : a.Other.CompareTo(b.Other));
        foreach (var pair in sure)
        {
            var (left, right) = (Root(pair.One), Root(pair.Other));
            if (left == right) continue;
            if (MayJoin(pair, left, right)) Join(left, right);
            else Bridges.Add(pair);
        }
        for (var i = 0; i < _root.Length; i++) _root[i] = Root(i);
        return _root;
    }

    bool MayJoin(ScoredPair link, int left, int right)
    {
        var (one, other) = (Members(left), Members(right));
        if (oneToOne && one.Any(a => other.Any(b => sourceOf[a] == sourceOf[b]))) return false;
        if (opinion.AreKeptApart(one, other)) return false;
        if (one.Count == 1 && other.Count == 1) return true;
        var (sum, asked) = (0d, 0);
        foreach (var a in Ask(one, link))
            foreach (var b in Ask(other, link))
            {
                sum += Math.Clamp(opinion.Bits(a, b), -Loudest, Loudest);
                asked++;
            }
        return sum / asked >= 0;
    }

    // Evenly over a big cluster, and the record of the link among them.
    static IEnumerable<int> Ask(List<int> members, ScoredPair link)
    {
        if (members.Count <= Asked) return members;
        var asked = Enumerable.Range(0, Asked).Select(i => members[i * members.Count / Asked]);
        return asked.Append(members.Contains(link.One) ? link.One : link.Other).Distinct();
    }

    List<int> Members(int root)
    {
        if (!_members.TryGetValue(root, out var members)) _members.Add(root, members = [root]);
        return members;
    }

    void Join(int left, int right)
    {
        var (stays, goes) = (Math.Min(left, right), Math.Max(left, right));
        _root[goes] = stays;
        var (all, more) = (Members(stays), Members(goes));
        all.AddRange(more);
        all.Sort();
        _members.Remove(goes);
    }

    int Root(int record)
    {
        while (_root[record] != record) record = _root[record] = _root[_root[record]];
        return record;
    }
}
