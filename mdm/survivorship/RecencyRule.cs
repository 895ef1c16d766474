namespace CdcSync.Mdm.Survivorship;

/// <summary>The newest record.</summary>
public sealed class RecencyRule : IRankingRule
{
    public string Name => "recency";

    public string Summary => "the newest record, by the commit of its last change";

    public IReadOnlyList<double> Marks(Contest contest) => [.. contest.Candidates.Select(c => (double)c.Time)];

    public string Why(Contest contest, Candidate winner, Candidate loser) => $"older: of {loser.Day}, the other of {winner.Day}";
}
