using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Clustering;

/// <summary>Union-find over records' places, each tree with its numbers by register, its level, and the trees it is never joined to.</summary>
sealed class Forest
{
    readonly RuleBook _rules;
    readonly int[] _parent;
    readonly string?[] _level;
    readonly Dictionary<string, HashSet<string>>?[] _numbers;
    readonly Dictionary<int, HashSet<int>> _apart = [];

    /// <summary>Every record is a tree, but for those that people said are the same.</summary>
    public Forest(List<Member> members, RuleBook rules, IReadOnlyList<DecidedPair> decided)
    {
        _rules = rules;
        _parent = [.. Enumerable.Range(0, members.Count)];
        _level = [.. members.Select(m => m.Level)];
        _numbers = new Dictionary<string, HashSet<string>>?[members.Count];
        for (var i = 0; i < members.Count; i++)
            foreach (var key in members[i].Keys)
                if (rules.Register(key) is { } register) Add(i, register, [key]);
        var places = members.Select((m, i) => (m.Key, i)).ToDictionary(m => m.Key, m => m.i);
        Decide(places, decided);
        foreach (var (member, place) in members.Select((m, i) => (m, i)))
            if (member.ParentId is { } parent && places.TryGetValue(new CanonicalKey(member.Key.Source, parent), out var its) && Root(its) != Root(place)) SetApart(Root(place), Root(its));
    }

    public int Root(int place)
    {
        while (_parent[place] != place) place = _parent[place] = _parent[_parent[place]];
        return place;
    }

    /// <summary>Joins the trees that share a key, unless something keeps any two of them apart. Where they are of several levels, each level by itself.</summary>
    public (Verdict, string?) Apply(string key, List<int> sharing)
    {
        var roots = sharing.Select(Root).Distinct().Order().ToList();
        if (roots.Count == 1) return (Verdict.Agrees, null);
        var levels = roots.Select(r => _level[r]).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (levels.Count < 2) return Apply(key, roots, []);
        var outcomes = levels.Order(StringComparer.Ordinal).Select(l => roots.Where(r => _level[r] == l).ToList()).Where(r => r.Count > 1).Select(r => Apply(key, r, levels)).ToList();
        return outcomes.Exists(o => o.Item1 == Verdict.Merged) ? outcomes.Find(o => o.Item1 == Verdict.Merged) : (Verdict.Levels, string.Join(", ", levels));
    }

    /// <summary>True when no score may make one of two trees.</summary>
    public bool AreKeptApart(int one, int other) => AreApart([one, other]) || AreOfTwoLevels(one, other) || Veto([one, other]) is not null;

    /// <summary>Makes one of two trees. The smaller root stays, so that a tree's root is its first record.</summary>
    public void Join(int one, int other)
    {
        var (stays, goes) = (Math.Min(one, other), Math.Max(one, other));
        _parent[goes] = stays;
        _level[stays] ??= _level[goes];
        foreach (var (register, numbers) in _numbers[goes] ?? []) Add(stays, register, numbers);
        if (!_apart.Remove(goes, out var others)) return;
        foreach (var root in others) SetApart(stays, root);
    }

    // A person may say that two levels are one thing, or a record and its parent: nobody else may. Two that are the same by a chain of decisions are not set apart by another:
    // such decisions are refused when they are made.
    void Decide(Dictionary<CanonicalKey, int> places, IReadOnlyList<DecidedPair> decided)
    {
        var here = decided.Where(d => places.ContainsKey(d.One) && places.ContainsKey(d.Other)).Select(d => (One: places[d.One], Other: places[d.Other], d.Same)).ToList();
        foreach (var (one, other, same) in here)
            if (same && Root(one) != Root(other)) Join(Root(one), Root(other));
        foreach (var (one, other, same) in here)
            if (!same && Root(one) != Root(other)) SetApart(Root(one), Root(other));
    }

    (Verdict, string?) Apply(string key, List<int> roots, List<string> levels)
    {
        if (AreApart(roots))
        {
            foreach (var side in Sides(roots))
                if (_rules.Decides(key) || Veto(side) is null) JoinAll(side);
            return (Verdict.KeptApart, null);
        }
        if (!_rules.Decides(key) && Veto(roots) is { } veto) return (Verdict.Vetoed, veto);
        JoinAll(roots);
        return (Verdict.Merged, levels.Count > 1 ? $"each level by itself: {string.Join(", ", levels)}" : null);
    }

    bool AreOfTwoLevels(int one, int other) => _level[one] is { } left && _level[other] is { } right && left != right;

    void SetApart(int one, int other)
    {
        Of(one).Add(other);
        Of(other).Add(one);

        HashSet<int> Of(int root)
        {
            if (!_apart.TryGetValue(root, out var others)) _apart.Add(root, others = []);
            return others;
        }
    }

    // Where some are set apart from the others, those that are apart from the same stand on one side. One that nobody spoke of could be on either, and joins neither.
    List<List<int>> Sides(List<int> roots) => [.. roots
        .Select(root => (Root: root, From: string.Join(' ', (_apart.GetValueOrDefault(root) ?? []).Select(Root).Where(roots.Contains).Distinct().Order())))
        .Where(r => r.From.Length > 0).GroupBy(r => r.From, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).Select(g => g.Select(r => r.Root).ToList())];

    void JoinAll(List<int> roots)
    {
        foreach (var root in roots.Skip(1)) Join(roots[0], root);
    }

    // What is set apart names roots of its time: they may have been joined to others since.
    bool AreApart(List<int> roots) => _apart.Count > 0 && roots.Exists(one => _apart.TryGetValue(one, out var others) && others.Any(other => Root(other) != one && roots.Contains(Root(other))));

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

    void Add(int root, string register, IEnumerable<string> numbers)
    {
        var all = _numbers[root] ??= new(StringComparer.Ordinal);
        if (!all.TryGetValue(register, out var there)) all.Add(register, there = new(StringComparer.Ordinal));
        there.UnionWith(numbers);
    }
}
