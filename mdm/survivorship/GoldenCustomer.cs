using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Survivorship;

/// <summary>A golden customer of its records, best first.</summary>
static class GoldenCustomer
{
    public static Customer Of(IReadOnlyList<Customer> ranked)
    {
        var credit = ranked.FirstOrDefault(c => c.CreditLimit is not null) ?? ranked.FirstOrDefault(c => c.Currency is not null) ?? ranked[0];
        return new Customer
        {
            Number = Best.Text(ranked, c => c.Number),
            Name = Best.Name(ranked, c => c.Name),
            TradingName = Best.Text(ranked, c => c.TradingName),
            Kind = ranked[0].Kind,
            Status = ranked[0].Status,
            TaxIds = Best.List(ranked, c => c.TaxIds),
            Gln = Best.Text(ranked, c => c.Gln),
            Addresses = Best.List(ranked, c => c.Addresses),
            Contacts = Best.List(ranked, c => c.Contacts),
            Currency = credit.Currency,
            CreditLimit = credit.CreditLimit,
            CreditHold = credit.CreditHold,
            PaymentTerms = credit.PaymentTerms ?? Best.Text(ranked, c => c.PaymentTerms),
            PriceGroup = Best.Text(ranked, c => c.PriceGroup),
            // A parent is named by its source's id, which means nothing outside that source.
            ParentId = null,
            Language = Best.Text(ranked, c => c.Language),
        };
    }
}
