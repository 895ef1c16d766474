using System.Runtime.InteropServices;
using CdcSync.Mdm.Blocking;

namespace CdcSync.Mdm.Offline;

/// <summary>How right a matching is, against the truth.</summary>
/// <param name="Precision">Of the pairs in clusters, the share that is right.</param>
/// <param name="Recall">Of the right pairs, the share that is in clusters.</param>
/// <param name="BcubedPrecision">The same by record: of a record's cluster, the share that belongs with it, averaged over records. NaN where only some pairs are known.</param>
/// <param name="BcubedRecall">Of the records that belong with a record, the share in its cluster, averaged.</param>
/// <param name="AutoPrecision">Of the pairs that score enough to be merged without asking, the share that is right.</param>
/// <param name="BlockingRecall">Of the right pairs, the share that was compared at all.</param>
public sealed record Measures(double Precision, double Recall, double BcubedPrecision, double BcubedRecall, double AutoPrecision, double BlockingRecall)
{
    /// <summary>The harmonic mean of precision and recall.</summary>
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    /// <summary>Measures a matching.</summary>
    /// <param name="result">The matching.</param>
    /// <param name="truth">What is right.</param>
    /// <param name="linkOnly">True when only pairs of different sources count.</param>
    public static Measures Of(MatchResult result, Truth truth, bool linkOnly) =>
        truth.Groups is { } groups ? OfGroups(result, groups, linkOnly) : OfPairs(result, truth.Pairs);

    static Measures OfGroups(MatchResult result, int[] groups, bool linkOnly)
    {
        var (clusters, sources) = (result.Clusters, linkOnly ? result.Records.SourceOf : null);
        var (precision, recall) = Pairwise(clusters, groups, sources);
        var (precise, recalled) = Bcubed(clusters, groups);
        var (sure, sureRight) = (0L, 0L);
        foreach (var pair in result.Pairs)
        {
            if (pair.Bits < result.MergeBits) continue;
            sure++;
            if (groups[pair.One] == groups[pair.Other]) sureRight++;
        }
        var blocked = result.Candidates.Pairs.LongCount(p => CandidatePairs.Split(p) is var (one, other) && groups[one] == groups[other]);
        return new Measures(precision, recall, precise, recalled, Share(sureRight, sure), Share(blocked, Pairs((i, s) => (0, groups[i], s), groups.Length, sources)));
    }

    /// <summary>Precision and recall of pairs, counted from the sizes of clusters, groups and what both have in common.</summary>
    public static (double Precision, double Recall) Pairwise(int[] clusters, int[] groups, int[]? sources)
    {
        var right = Pairs((i, s) => (clusters[i], groups[i], s), clusters.Length, sources);
        return (Share(right, Pairs((i, s) => (clusters[i], 0, s), clusters.Length, sources)), Share(right, Pairs((i, s) => (0, groups[i], s), clusters.Length, sources)));
    }

    static Measures OfPairs(MatchResult result, IReadOnlyList<LabelledPair> pairs)
    {
        var sure = result.Pairs.Where(p => p.Bits >= result.MergeBits).Select(p => CandidatePairs.Join(p.One, p.Other)).ToHashSet();
        long right = 0, found = 0, same = 0, auto = 0, autoRight = 0, blocked = 0;
        foreach (var (one, other, isSame) in pairs)
        {
            var (together, pair) = (result.Clusters[one] == result.Clusters[other], CandidatePairs.Join(one, other));
            found += together ? 1 : 0;
            same += isSame ? 1 : 0;
            right += together && isSame ? 1 : 0;
            auto += sure.Contains(pair) ? 1 : 0;
            autoRight += isSame && sure.Contains(pair) ? 1 : 0;
            blocked += isSame && Array.BinarySearch(result.Candidates.Pairs, pair) >= 0 ? 1 : 0;
        }
        return new Measures(Share(right, found), Share(right, same), double.NaN, double.NaN, Share(autoRight, auto), Share(blocked, same));
    }

    // Pairs within groups, counted from the groups' sizes: a group of n has n(n-1)/2. Of one source's own pairs, those are taken off when only links count.
    static long Pairs(Func<int, int, (int, int, int)> group, int count, int[]? sources)
    {
        var all = Within(i => group(i, 0), count);
        return sources is null ? all : all - Within(i => group(i, sources[i]), count);
    }

    static long Within(Func<int, (int, int, int)> group, int count)
    {
        var sizes = new Dictionary<(int, int, int), long>();
        for (var i = 0; i < count; i++) CollectionsMarshal.GetValueRefOrAddDefault(sizes, group(i), out _)++;
        return sizes.Values.Sum(n => n * (n - 1) / 2);
    }

    /// <summary>Precision and recall by record, averaged.</summary>
    public static (double Precision, double Recall) Bcubed(int[] clusters, int[] groups)
    {
        var (both, inCluster, inGroup) = (new Dictionary<(int Cluster, int Group), long>(), new Dictionary<int, long>(), new Dictionary<int, long>());
        for (var i = 0; i < clusters.Length; i++)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(both, (clusters[i], groups[i]), out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(inCluster, clusters[i], out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(inGroup, groups[i], out _)++;
        }
        var (precise, recalled) = (0d, 0d);
        foreach (var ((cluster, group), n) in both)
        {
            precise += (double)n * n / inCluster[cluster];
            recalled += (double)n * n / inGroup[group];
        }
        return (precise / Math.Max(1, clusters.Length), recalled / Math.Max(1, clusters.Length));
    }

    // Nothing found is nothing wrong.
    static double Share(long part, long whole) => whole == 0 ? 1 : (double)part / whole;
}
