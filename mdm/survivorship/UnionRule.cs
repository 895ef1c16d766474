namespace CdcSync.Mdm.Survivorship;

/// <summary>The elements of all lists, each once.</summary>
public sealed class UnionRule : IJoiningRule
{
    public string Name => "union";

    public string Summary => "lists only: the elements of all records, each once whatever its spelling (all tax numbers); stands last";

    public IEnumerable<(object Element, Candidate From)> Join(IReadOnlyList<Candidate> ranked)
    {
        var said = new HashSet<string>(StringComparer.Ordinal);
        return ranked.SelectMany(c => c.Elements.Select(e => (Element: e, From: c))).Where(e => said.Add(Sameness.Of(e.Element, e.From.Record)));
    }
}
