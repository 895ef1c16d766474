namespace CdcSync.Mdm.Survivorship;

/// <summary>
/// A rule of which value survives. A new rule is one file in this folder and one test; it is found by its class and named in settings by <see cref="Name"/>. A rule knows
/// records alone, not the time of day: the same records always make the same golden record.
/// </summary>
public interface ISurvivalRule
{
    /// <summary>As settings write it: <c>most_common</c>.</summary>
    string Name { get; }

    /// <summary>What wins by it, in one line for people.</summary>
    string Summary { get; }

    /// <summary>True when it can decide on an attribute; of a group on its first.</summary>
    bool Takes(GoldenAttribute attribute) => true;
}

/// <summary>A rule that prefers candidates to others.</summary>
public interface IRankingRule : ISurvivalRule
{
    /// <summary>The mark of each candidate, in their order: the highest wins; equal ones leave the choice to the next rule.</summary>
    IReadOnlyList<double> Marks(Contest contest);

    /// <summary>Why the loser, whose mark is lower, lost: half a sentence for people.</summary>
    string Why(Contest contest, Candidate winner, Candidate loser);
}

/// <summary>A rule for lists that takes elements of several candidates. Stands last; the rules before it say whose elements come first.</summary>
public interface IJoiningRule : ISurvivalRule
{
    bool ISurvivalRule.Takes(GoldenAttribute attribute) => attribute.ItemType is not null;

    /// <summary>The elements of the joined list, each with whose it is.</summary>
    /// <param name="ranked">The candidates, best first.</param>
    IEnumerable<(object Element, Candidate From)> Join(IReadOnlyList<Candidate> ranked);
}
