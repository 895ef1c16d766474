using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Clustering;

/// <summary>A record as clustering sees it.</summary>
/// <param name="Id">Its number in the store.</param>
/// <param name="Key">Whose record it is: also its place in every order.</param>
/// <param name="GoldenId">The golden record it belongs to so far.</param>
/// <param name="Keys">Its match keys.</param>
/// <param name="Level">What it is a record of, one of <see cref="Hierarchy.Level"/>; null when it cannot tell.</param>
/// <param name="ParentId">The id of its parent in its own source; null when it has none.</param>
public sealed record Member(long Id, CanonicalKey Key, long? GoldenId, IReadOnlyList<string> Keys, string? Level = null, string? ParentId = null)
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

    /// <summary>Somebody decided that two of its records are not the same, or one is the other's parent.</summary>
    KeptApart,

    /// <summary>Its records are of different levels: none of the others could be told to be of one of them.</summary>
    Levels,

    /// <summary>It is weighed with all else that the records have alike: it merges nothing by itself.</summary>
    Weighed,
}

/// <summary>A shared match key and what it did.</summary>
/// <param name="Key">The match key, <c>rule:value</c>.</param>
/// <param name="Members">The records that share it.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Because">For a veto, the register and its different numbers; else null.</param>
public sealed record Link(string Key, IReadOnlyList<CanonicalKey> Members, Verdict Verdict, string? Because = null);

/// <summary>What is known of records beside their own keys.</summary>
/// <param name="TooCommon">Keys that are not used.</param>
/// <param name="Decided">What people decided of them.</param>
/// <param name="Likeness">What scores say; null where records are matched by keys alone.</param>
public sealed record Evidence(IReadOnlySet<string> TooCommon, IReadOnlyList<DecidedPair> Decided, ILikeness? Likeness = null)
{
    /// <summary>Nothing is known.</summary>
    public static Evidence None { get; } = new(new HashSet<string>(), []);
}

/// <summary>Two records whose likeness was weighed.</summary>
/// <param name="One">A record's number in the store: the smaller one.</param>
/// <param name="Other">The other's.</param>
/// <param name="Bits">The score: 0 is as likely equal as not.</param>
/// <param name="Levels">The outcome of each field's comparison, four bits each.</param>
public readonly record struct Edge(long One, long Other, float Bits, ulong Levels);

/// <summary>What scores say of some records.</summary>
public interface ILikeness
{
    /// <summary>The score of an equal value that decides: more than fields come to.</summary>
    const float Decided = 60;

    /// <summary>False where no score merges but what decides: the scores only ask.</summary>
    bool Merges => MergeBits < Decided;

    /// <summary>The pairs that a key brought together and that are worth a look at least.</summary>
    IReadOnlyCollection<Edge> Edges { get; }

    /// <summary>From which score records are merged without asking.</summary>
    double MergeBits { get; }

    /// <summary>True where each source holds each thing once.</summary>
    bool OneToOne { get; }

    /// <summary>The score of any two of the records, by their numbers in the store.</summary>
    float Bits(long one, long other);

    /// <summary>True when the rules forbid to merge these two by a score.</summary>
    bool AreKeptApart(long one, long other);
}

/// <summary>Clusters, and what a person should see of how they came about.</summary>
/// <param name="All">Each ordered by record key; ordered by their first record.</param>
/// <param name="Refused">Pairs sure enough by their score whose clusters speak against each other.</param>
public sealed record ClusterResult(IReadOnlyList<IReadOnlyList<Member>> All, IReadOnlyList<Edge> Refused);

/// <summary>
/// Makes clusters: what people decided, then match keys that decide, then the other keys, strongest first, then scores, surest first; each subject to the vetoes. A pure
/// function of the set of records and what is known of them: neither the order of arrival nor what was clustered before plays a part, and records that no chain of
/// decisions, shared keys and scores connects never influence each other. So resolving the neighbourhood of a change equals resolving everything.
/// </summary>
public sealed class Clusters(RuleBook rules)
{
    /// <summary>The clusters.</summary>
    /// <param name="records">Whole neighbourhoods: all records that a decision, a usable key or a sure score connects with one of them.</param>
    /// <param name="evidence">What is known of them.</param>
    /// <param name="trace">Gets what each shared key did, for explanations.</param>
    public ClusterResult Resolve(IEnumerable<Member> records, Evidence evidence, List<Link>? trace = null)
    {
        var members = records.Order(Comparer<Member>.Create(Member.Compare)).ToList();
        var forest = new Forest(members, rules, evidence.Decided);
        foreach (var (key, sharing) in SharedKeys(members))
        {
            var (verdict, because) = evidence.TooCommon.Contains(key) ? (Verdict.TooCommon, null)
                : evidence.Likeness is { Merges: true } && rules.GivesWay(key) ? (Verdict.Weighed, null)
                : forest.Apply(key, sharing);
            trace?.Add(new Link(key, [.. sharing.Select(i => members[i].Key)], verdict, because));
        }
        var refused = evidence.Likeness is { } likeness ? new LikenessStep(members, forest, likeness).Run() : [];
        return new ClusterResult([.. Enumerable.Range(0, members.Count).GroupBy(forest.Root).Select(g => (IReadOnlyList<Member>)[.. g.Select(i => members[i])])], refused);
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
}
