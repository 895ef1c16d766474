namespace CdcSync.Mdm.Survivorship;

/// <summary>Per type of element those of the best record that has one: the invoice address of one system and the delivery addresses of another, each taken whole.</summary>
public sealed class PerTypeRule : IJoiningRule
{
    public string Name => "per_type";

    public string Summary => "lists only: per type of address, role of contact, scheme of tax number or code of unit the elements of the best record that has one; stands last";

    public IEnumerable<(object Element, Candidate From)> Join(IReadOnlyList<Candidate> ranked)
    {
        var taken = new Dictionary<string, Candidate>(StringComparer.Ordinal);
        foreach (var candidate in ranked)
            foreach (var element in candidate.Elements)
            {
                if (!taken.TryGetValue(Sameness.Type(element), out var owner)) taken.Add(Sameness.Type(element), owner = candidate);
                if (owner == candidate) yield return (element, candidate);
            }
    }
}
