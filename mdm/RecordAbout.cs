using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm;

/// <summary>What tells a record from others of its name, in a few words: where it is, how it is reached, its number.</summary>
static class RecordAbout
{
    public static string Of(CanonicalObject? record) => record switch
    {
        Customer customer => Joined(customer.Addresses.Select(Place).FirstOrDefault(p => p.Length > 0), customer.TaxIds.Select(t => t.Value).FirstOrDefault(t => t.Length > 0)) is { Length: > 0 } about ? about
            : Joined(customer.Contacts.Select(c => c.Email ?? c.Phone).FirstOrDefault(c => c is { Length: > 0 })) is { Length: > 0 } reached ? reached
            : customer.Number ?? "",
        Item item => Joined(item.Number, item.Gtin),
        Location location => Joined(location.Number, location.Address is { } address ? Place(address) : null),
        _ => "",
    };

    static string Place(Address address) => Joined(address.Street?.ReplaceLineEndings(", "), string.Join(' ', ((string?[])[address.PostalCode, address.City]).Where(p => p is { Length: > 0 })), address.Country);

    static string Joined(params string?[] parts) => string.Join(", ", parts.Where(p => p is { Length: > 0 }));
}
