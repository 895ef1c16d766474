namespace CdcSync.Mdm.Survivorship;

/// <summary>
/// A real value before a placeholder, a placeholder before nothing. Always on, before every other rule. A group's record is one that has the group's first attribute; when
/// none has it, one that has the second, and so on.
/// </summary>
public sealed class NeverEmptyRule : IRankingRule
{
    public string Name => "never_empty";

    public string Summary => "a real value; never one that is empty or a placeholder while another record has a real one (always on, and first)";

    public IReadOnlyList<double> Marks(Contest contest) => [.. contest.Candidates.Select(c => Mark(contest.Plan, c))];

    public string Why(Contest contest, Candidate winner, Candidate loser)
    {
        if (!contest.Plan.IsGroup) return loser.WorthOf(0) == Worth.Nothing ? "has none" : "a placeholder";
        return $"has no {contest.Plan.Attributes[FirstReal(contest.Plan, winner)].Name}";
    }

    static double Mark(AttributePlan plan, Candidate candidate)
    {
        if (FirstReal(plan, candidate) is >= 0 and var first) return 1 + plan.Attributes.Count - first;
        return Enumerable.Range(0, plan.Attributes.Count).Any(i => candidate.WorthOf(i) == Worth.Placeholder) ? 1 : 0;
    }

    static int FirstReal(AttributePlan plan, Candidate candidate)
    {
        for (var i = 0; i < plan.Attributes.Count; i++)
            if (candidate.WorthOf(i) == Worth.Real) return i;
        return -1;
    }
}
