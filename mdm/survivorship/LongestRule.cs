using System.Collections;

namespace CdcSync.Mdm.Survivorship;

/// <summary>The longest text; of lists the one with the most elements.</summary>
public sealed class LongestRule : IRankingRule
{
    public string Name => "longest";

    public string Summary => "the longest text, without spaces at its ends; of lists the one with the most elements";

    public IReadOnlyList<double> Marks(Contest contest) => [.. contest.Candidates.Select(c => (double)Length(c))];

    public string Why(Contest contest, Candidate winner, Candidate loser) => $"shorter: {Length(loser)}, the other {Length(winner)}";

    static int Length(Candidate candidate) => candidate.Values.Sum(value => value switch { string text => text.Trim().Length, IEnumerable list => list.Cast<object?>().Count(), _ => 0 });
}
