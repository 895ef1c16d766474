namespace CdcSync.Mdm.Survivorship;

/// <summary>The value that allows least: a hold of any system holds, the lowest credit limit counts. Of a group by its first attribute.</summary>
public sealed class StrictestRule : IRankingRule
{
    public string Name => "strictest";

    public string Summary => "the value that allows least: a credit hold, the lowest limit, `inactive` before `hold` before `active`";

    public bool Takes(GoldenAttribute attribute) => attribute.Type == typeof(bool) || attribute.Type == typeof(decimal?) || attribute.Words is ["active", ..];

    public IReadOnlyList<double> Marks(Contest contest) => [.. contest.Candidates.Select(c => Mark(contest.Plan.Attributes[0], c.Values[0]))];

    public string Why(Contest contest, Candidate winner, Candidate loser) => "allows more";

    // Words stand in the order of what they allow; an unknown one allows as much as the first. Stock that may be sold is the one flag that allows something.
    static double Mark(GoldenAttribute attribute, object? value) => value switch
    {
        bool flag => flag == (attribute.Name != "sellable") ? 1 : 0,
        decimal number => -(double)number,
        string word => Math.Max(0, attribute.Words.Index().FirstOrDefault(w => string.Equals(w.Item, word, StringComparison.OrdinalIgnoreCase)).Index),
        _ => 0,
    };
}
