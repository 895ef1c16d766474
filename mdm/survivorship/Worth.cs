using System.Collections;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Survivorship;

/// <summary>What a value is worth before any rule looks at it.</summary>
public enum Worth
{
    /// <summary>There is none.</summary>
    Nothing,

    /// <summary>Something stands there that says nothing: "N/A", a weight of 0, an address without street, town and postal code.</summary>
    Placeholder,

    /// <summary>A value.</summary>
    Real,
}

/// <summary>Tells values from what people type where a field must not be empty.</summary>
public static class Weigh
{
    /// <summary>What a value is worth; a list is worth what its best element is.</summary>
    public static Worth Of(GoldenAttribute attribute, object? value) => value switch
    {
        null or "" => Worth.Nothing,
        decimal number => number <= 0 && attribute.ZeroIsMissing ? Worth.Placeholder : Worth.Real,
        ICollection { Count: 0 } => Worth.Nothing,
        _ => Parts(value) > 0 ? Worth.Real : Worth.Placeholder,
    };

    /// <summary>How many real parts a value has: the lines of an address, the elements of a list; 1 for a plain value.</summary>
    public static int Parts(object? value) => value switch
    {
        null => 0,
        string text => Placeholders.IsMissing(text) ? 0 : 1,
        TaxId id => Parts(id.Value),
        // A country alone is no address, but it makes one more complete.
        Address address => Parts(address.Street) + Parts(address.City) + Parts(address.PostalCode) is > 0 and var lines
            ? lines + Parts(address.Name) + Parts(address.Region) + Parts(address.Country) : 0,
        Contact contact => Parts(contact.Name) + Parts(contact.Email) + Parts(contact.Phone),
        // One letter is a usual code of a unit.
        UnitOfMeasure unit => string.IsNullOrWhiteSpace(unit.Code) ? 0 : 1 + Parts(unit.Gtin),
        IEnumerable list => PartsOf(list),
        _ => 1,
    };

    static int PartsOf(IEnumerable list)
    {
        var parts = 0;
        foreach (var element in list) parts += Parts(element);
        return parts;
    }

    /// <summary>How many of a record's attributes have a real value.</summary>
    public static int Filled(CanonicalObject record) => GoldenAttributes.Of(CanonicalCatalog.Of(record.GetType()).Name).Count(a => Of(a, a.Of(record)) == Worth.Real);
}
