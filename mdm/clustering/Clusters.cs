using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Clustering;

/// <summary>A record as clustering sees it.</summary>
/// <param name="Id">Its number in the store.</param>
/// <param name="Key">Whose record it is: also its place in every order.</param>
/// <param name="GoldenId">The golden record it belongs to so far.</param>
/// <param name="Keys">Its match keys.</param>
public sealed record Member(long Id, CanonicalKey Key, long? GoldenId, IReadOnlyList<string> Keys)
{
    /// <summary>By source, then id, ordinal: the order in which ties are broken.</summary>
    public static int Compare(Member one, Member other) =>
        string.CompareOrdinal(one.Key.Source, other.Key.Source) is not 0 and var bySource ? bySource : string.CompareOrdinal(one.Key.Id, other.Key.Id);
}

/// <summary>What became of a match key that several records share.</summary>
public enum Verdict
{
    /// <summary>It made the records one.</summary>
    Merged,

    /// <summary>They were one already, by a stronger key.</summary>
    Agrees,

    /// <summary>Its records have different numbers of one register: it merges none of them.</summary>
    Vetoed,

    /// <summary>More records share it than <see cref="MdmSettings.MostPerKey"/>: it says nothing.</summary>
    TooCommon,
}

/// <summary>A shared match key and what it did.</summary>
/// <param name="Key">The match key, <c>rule:value</c>.</param>
/// <param name="Members">The records that share it.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Because">For a veto, the register and its different numbers; else null.</param>
public sealed record Link(string Key, IReadOnlyList<CanonicalKey> Members, Verdict Verdict, string? Because = null);

/// <summary>
/// Makes clusters of records that share match keys: keys that decide first, then the others, strongest first, each subject to the vetoes. A pure function of the set of
/// records: neither the order of arrival nor what was clustered before plays a part, and records that no chain of shared keys connects never influence each other. So
/// resolving the neighbourhood of a change equals resolving everything.
/// </summary>
public sealed class Clusters(RuleBook rules)
{
    /// <summary>The clusters, each ordered by record key, ordered by their first record.</summary>
    /// <param name="records">Whole neighbourhoods: all records that share a usable key with one of them.</param>
    /// <param name="tooCommon">Keys that are not used.</param>
    /// <param name="trace">Gets what each shared key did, for explanations.</param>
    public IReadOnlyList<IReadOnlyList<Member>> Resolve(IEnumerable<Member> records, IReadOnlySet<string> tooCommon, List<Link>? trace = null)
    {
        var members = records.Order(Comparer<Member>.Create(Member.Compare)).ToList();
        var forest = new Forest(members, rules);
        foreach (var (key, sharing) in SharedKeys(members))
        {
            var verdict = tooCommon.Contains(key) ? (Verdict.TooCommon, null) : forest.Apply(key, sharing);
            trace?.Add(new Link(key, [.. sharing.Select(i => members[i].Key)], verdict.Item1, verdict.Item2));
        }
        return [.. Enumerable.Range(0, members.Count).GroupBy(forest.Root).Select(g => (IReadOnlyList<Member>)[.. g.Select(i => members[i])])];
    }

    List<(string Key, List<int> Sharing)> SharedKeys(List<Member> members)
    {
        var sharing = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < members.Count; i++)
            foreach (var key in members[i].Keys)
            {
                if (!sharing.TryGetValue(key, out var holders)) sharing.Add(key, holders = []);
                holders.Add(i);
            }
        var shared = sharing.Where(s => s.Value.Count > 1).Select(s => (s.Key, s.Value)).ToList();
        shared.Sort((one, other) => rules.Compare(one.Key, other.Key));
        return shared;
    }

    /// <summary>Union-find over the records' places, each tree with its numbers by register.</summary>
    sealed class Forest
    {
        readonly RuleBook _rules;
        readonly int[] _parent;
        readonly Dictionary<string, HashSet<string>>?[] _numbers;

        public Forest(List<Member> members, RuleBook rules)
        {
            _rules = rules;
            _parent = [.. Enumerable.Range(0, members.Count)];
            _numbers = new Dictionary<string, HashSet<string>>?[members.Count];
            for (var i = 0; i < members.Count; i++)
                foreach (var key in members[i].Keys)
                    if (rules.Register(key) is { } register) Add(i, register, [key]);
        }

        public int Root(int place)
        {
            while (_parent[place] != place) place = _parent[place] = _parent[_parent[place]];
            return place;
        }

        public (Verdict, string?) Apply(string key, List<int> sharing)
        {
            var roots = sharing.Select(Root).Distinct().Order().ToList();
            if (roots.Count == 1) return (Verdict.Agrees, null);
            if (!_rules.Decides(key) && Veto(roots) is { } veto) return (Verdict.Vetoed, veto);
            foreach (var root in roots.Skip(1)) Join(roots[0], root);
            return (Verdict.Merged, null);
        }

        // Every pair of trees that both have numbers of a register must have one in common.
        string? Veto(List<int> roots)
        {
            for (var i = 0; i < roots.Count; i++)
                foreach (var (register, numbers) in _numbers[roots[i]] ?? [])
                    for (var j = i + 1; j < roots.Count; j++)
                        if (_numbers[roots[j]]?.GetValueOrDefault(register) is { } others && !numbers.Overlaps(others))
                            return $"different {register}: {numbers.Min(StringComparer.Ordinal)} and {others.Min(StringComparer.Ordinal)}";
            return null;
        }

        // The smaller root stays, so that a tree's root is its first record.
        void Join(int one, int other)
        {
            var (stays, goes) = (Math.Min(one, other), Math.Max(one, other));
            _parent[goes] = stays;
            foreach (var (register, numbers) in _numbers[goes] ?? []) Add(stays, register, numbers);
        }

        void Add(int root, string register, IEnumerable<string> numbers)
        {
            var all = _numbers[root] ??= new(StringComparer.Ordinal);
            if (!all.TryGetValue(register, out var there)) all.Add(register, there = new(StringComparer.Ordinal));
            there.UnionWith(numbers);
        }
    }
}
