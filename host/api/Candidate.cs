using CdcSync.Contract.Canonical;
using CdcSync.Mdm;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Likeness;

namespace CdcSync.Host.Api;

/// <summary>A record that stands near a golden record and is not in it.</summary>
/// <param name="Record">Whose record it is.</param>
/// <param name="Probability">How likely it is the same as the nearest of the golden record's; null where no score was taken.</param>
/// <param name="Likeness">That score, step by step.</param>
/// <param name="Links">Match keys it shares, and why they did not make it one.</param>
sealed record Candidate(CanonicalKey Record, double? Probability, Waterfall? Likeness, IReadOnlyList<Link> Links)
{
    public static IReadOnlyList<Candidate> Of(Explanation explanation)
    {
        var members = explanation.Members.Select(m => m.Key).ToHashSet();
        var scores = explanation.Likenesses.Where(l => !members.Contains(l.One) || !members.Contains(l.Other))
            .GroupBy(l => members.Contains(l.One) ? l.Other : l.One).ToDictionary(g => g.Key, g => g.MaxBy(l => l.Bits)!);
        var links = explanation.Links.SelectMany(l => l.Members.Where(m => !members.Contains(m)).Select(m => (Key: m, Link: l))).ToLookup(l => l.Key, l => l.Link);
        return [.. scores.Keys.Union(links.Select(l => l.Key))
            .Select(key => new Candidate(key, scores.GetValueOrDefault(key)?.Probability, scores.GetValueOrDefault(key), [.. links[key]]))
            .OrderByDescending(c => c.Probability ?? 0).ThenBy(c => c.Record.Source, StringComparer.Ordinal).ThenBy(c => c.Record.Id, StringComparer.Ordinal)];
    }
}
