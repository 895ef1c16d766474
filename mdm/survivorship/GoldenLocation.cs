using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Survivorship;

/// <summary>A golden location of its records, best first.</summary>
static class GoldenLocation
{
    public static Location Of(IReadOnlyList<Location> ranked) => new()
    {
        Number = Best.Name(ranked, l => l.Number),
        Gln = Best.Text(ranked, l => l.Gln),
        Name = Best.Name(ranked, l => l.Name),
        Kind = ranked[0].Kind,
        Status = ranked[0].Status,
        // A parent is named by its source's id, which means nothing outside that source.
        ParentId = null,
        Address = ranked.Select(l => l.Address).FirstOrDefault(a => a is not null),
        Sellable = ranked[0].Sellable,
    };
}
