using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Survivorship;

/// <summary>A golden item of its records, best first.</summary>
static class GoldenItem
{
    public static Item Of(IReadOnlyList<Item> ranked)
    {
        // Factors are per base unit: both from one record.
        var units = ranked.FirstOrDefault(i => i.Units.Count > 0) ?? ranked[0];
        var part = ranked.FirstOrDefault(i => Best.Text([i], p => p.ManufacturerPart) is not null) ?? ranked[0];
        return new Item
        {
            Number = Best.Name(ranked, i => i.Number),
            Gtin = Best.Text(ranked, i => i.Gtin),
            Manufacturer = Best.Text([part], i => i.Manufacturer) ?? Best.Text(ranked, i => i.Manufacturer),
            ManufacturerPart = Best.Text([part], i => i.ManufacturerPart),
            Name = Best.Name(ranked, i => i.Name),
            Description = Best.Text(ranked, i => i.Description),
            Status = ranked[0].Status,
            Kind = ranked[0].Kind,
            BaseUnit = units.BaseUnit,
            Units = units.Units,
            Category = Best.Text(ranked, i => i.Category),
            WeightKg = ranked.Select(i => i.WeightKg).FirstOrDefault(w => w is > 0),
            CountryOfOrigin = Best.Text(ranked, i => i.CountryOfOrigin),
            HsCode = Best.Text(ranked, i => i.HsCode),
            TaxClass = Best.Text(ranked, i => i.TaxClass),
        };
    }
}
