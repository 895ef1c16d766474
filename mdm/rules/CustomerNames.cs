using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The names a customer goes by, as rules compare them.</summary>
static class CustomerNames
{
    public static IEnumerable<string> Of(Customer customer) =>
        new[] { customer.Name, customer.TradingName }.Select(n => customer.Kind == "person" ? Names.Person(n) : Names.Company(n)).OfType<string>().Distinct();
}
