using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The same tax number of the same scheme: <c>tax:DE123456789</c> (VAT), <c>tax:ein/123456789</c> (another scheme).</summary>
public sealed class TaxIdRule : IMatchRule
{
    public string Name => "tax";

    public string Kind => "customer";

    public bool Decides => true;

    public IEnumerable<string> Values(CanonicalObject value)
    {
        var customer = (Customer)value;
        var country = Country(customer);
        foreach (var id in customer.TaxIds)
        {
            var scheme = Folding.Fold(id.Scheme).ToLowerInvariant();
            if (TaxNumbers.Standard(scheme, id.Value, country) is { } number) yield return scheme == "vat" ? number : $"{scheme}/{number}";
        }
    }

    /// <summary>The country whose register a customer's numbers are of, when they do not say; null when nobody knows.</summary>
    internal static string? Country(Customer customer) =>
        (customer.Addresses.FirstOrDefault(a => a.IsDefault && a.Country is not null) ?? customer.Addresses.FirstOrDefault(a => a.Country is not null))?.Country;

    // A VAT number whose country nobody knows may be the same as one with a prefix: it proves no difference.
    public string? Register(string value) => value.IndexOf('/') is > 0 and var slash ? value[..slash] : TaxNumbers.HasPrefix(value) ? "vat" : null;
}
