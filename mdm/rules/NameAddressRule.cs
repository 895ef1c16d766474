using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The same name at the same postal code and street, for any of the customer's addresses.</summary>
public sealed class NameAddressRule : IMatchRule
{
    public string Name => "name-address";

    public string Kind => "customer";

    public bool Decides => false;

    public IEnumerable<string> Values(CanonicalObject value)
    {
        var customer = (Customer)value;
        return from name in CustomerNames.Of(customer)
               from address in customer.Addresses
               let postcode = Postcodes.Standard(address.PostalCode)
               let street = Streets.Standard(address.Street)
               where postcode is not null && street is not null
               select $"{name}|{postcode}|{street}";
    }
}
