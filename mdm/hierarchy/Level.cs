using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Hierarchy;

/// <summary>
/// What a record is a record of, as far as it can tell by itself: a company is not its delivery address, a case is not the piece in it, a bin is not its warehouse. Records of
/// different levels are never the same thing; one that cannot tell (null) may be the same as any.
/// </summary>
public static class Level
{
    /// <summary>A party that is registered: it has a tax number of its own.</summary>
    public const string LegalEntity = "legal_entity";

    /// <summary>An account that another party holds.</summary>
    public const string Account = "account";

    /// <summary>Of a customer a place that is delivered to; of a location one with an address: warehouse, branch, transit, vendor.</summary>
    public const string Site = "site";

    /// <summary>What is sold by the piece.</summary>
    public const string Item = "item";

    /// <summary>A packing of an item that has a number of its own.</summary>
    public const string Pack = "pack";

    /// <summary>A part of a site.</summary>
    public const string Zone = "zone";

    /// <summary>A place in a zone.</summary>
    public const string Bin = "bin";

    /// <summary>The record's level; null when it cannot tell.</summary>
    public static string? Of(CanonicalObject record) => record switch
    {
        Customer customer => OfCustomer(customer),
        Contract.Canonical.Item item => OfItem(item),
        Location location => OfLocation(location),
        _ => null,
    };

    /// <summary>True when one record names the other as its parent: then they are two, whatever else is equal.</summary>
    public static bool AreParentAndChild(CanonicalObject one, CanonicalObject other) =>
        one.Source == other.Source && one.SourceId != other.SourceId && (Parent.Of(one) == other.SourceId || Parent.Of(other) == one.SourceId);

    // Systems repeat a company's tax number at its delivery addresses: what is only delivered to is a site, whatever number stands there. A company below another company
    // has a number of its own, and systems that know no parents have it without one: it must stay able to meet itself there, so a number counts before a parent.
    static string? OfCustomer(Customer customer)
    {
        var hasParent = Parent.Of(customer) is not null;
        if (hasParent && customer.Addresses.Count > 0 && customer.Addresses.All(a => Folding.Fold(a.Type) == "SHIP")) return Site;
        if (TaxNumbersOf.Values(customer).Any()) return LegalEntity;
        return hasParent ? Account : null;
    }

    // GS1: the first of a GTIN's 14 digits is 1 to 8 for packings of what the other digits number, 0 for the item; 9 is weighed goods, of either.
    static string? OfItem(Contract.Canonical.Item item) => Gs1Numbers.Gtin(item.Gtin) switch
    {
        null => null,
        ['0', ..] => Item,
        ['9', ..] => null,
        _ => Pack,
    };

    static string? OfLocation(Location location) => Folding.Fold(location.Kind) switch
    {
        "WAREHOUSE" or "BRANCH" or "TRANSIT" or "VENDOR" => Site,
        "ZONE" => Zone,
        "BIN" => Bin,
        _ => null,
    };

    static readonly TaxIdRule TaxNumbersOf = new();
}
