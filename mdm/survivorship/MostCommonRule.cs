namespace CdcSync.Mdm.Survivorship;

/// <summary>What most records say, whatever their spelling; which spelling of it is the next rule's to say.</summary>
public sealed class MostCommonRule : IRankingRule
{
    public string Name => "most_common";

    public string Summary => "what most records say; spellings count as one, and the next rule chooses among them";

    public IReadOnlyList<double> Marks(Contest contest) => [.. contest.Candidates.Select(c => (double)Votes(contest, c))];

    public string Why(Contest contest, Candidate winner, Candidate loser) => $"{Votes(contest, loser)} say so, {Votes(contest, winner)} the other";

    static int Votes(Contest contest, Candidate candidate) => contest.Candidates.Count(c => c.Says == candidate.Says);
}
