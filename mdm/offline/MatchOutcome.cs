using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Offline;

/// <summary>A matching from files, with all that a report tells of it.</summary>
/// <param name="Tables">The files.</param>
/// <param name="Rules">The rules it was done by.</param>
/// <param name="Result">What it found.</param>
/// <param name="Measures">How right it is; null where nobody told the truth.</param>
/// <param name="Notes">What was found odd, for people.</param>
/// <param name="Seconds">How long it took, from opening the files to the clusters.</param>
public sealed record MatchOutcome(IReadOnlyList<RawTable> Tables, MatchRules Rules, MatchResult Result, Measures? Measures, IReadOnlyList<string> Notes, double Seconds)
{
    /// <summary>How many of the equal records were compared at all, estimated; null where nobody asked.</summary>
    public BlockingRecall? Recall { get; init; }

    /// <summary>Pairs for a person to decide: doubtful ones, and sure ones whose clusters speak against a merge.</summary>
    public int Queue => Result.Pairs.Count(p => p.Bits < Result.MergeBits && Result.Clusters[p.One] != Result.Clusters[p.Other]) + Result.Bridges.Count(p => Result.Clusters[p.One] != Result.Clusters[p.Other]);
}
