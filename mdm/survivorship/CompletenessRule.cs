namespace CdcSync.Mdm.Survivorship;

/// <summary>The value with the most real parts; of values with equally many, that of the record with the most real attributes.</summary>
public sealed class CompletenessRule : IRankingRule
{
    // More than any record has attributes: a part of the value counts before the record it stands in.
    const int AnyRecord = 1000;

    public string Name => "completeness";

    public string Summary => "the value with the most parts (a group's attributes, an address's lines, a list's elements); then the record with the most attributes";

    public IReadOnlyList<double> Marks(Contest contest) => [.. contest.Candidates.Select(c => (double)(Parts(c) * AnyRecord + Weigh.Filled(c.Record)))];

    public string Why(Contest contest, Candidate winner, Candidate loser) => Parts(winner) == Parts(loser)
        ? $"its record has {Weigh.Filled(loser.Record)} attributes, the other's {Weigh.Filled(winner.Record)}"
        : $"less complete: {Parts(loser)} parts, the other has {Parts(winner)}";

    static int Parts(Candidate candidate) => candidate.Values.Sum(Weigh.Parts);
}
