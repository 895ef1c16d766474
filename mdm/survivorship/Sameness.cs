using System.Collections;
using System.Globalization;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Survivorship;

/// <summary>When two values say the same, whatever their spelling.</summary>
public static class Sameness
{
    /// <summary>Equal for values that say the same.</summary>
    /// <param name="value">A value, or an element of a list.</param>
    /// <param name="record">The record it stands in: a tax number without prefix is of its country.</param>
    public static string Of(object? value, CanonicalObject record) => value switch
    {
        null => "",
        string text => Folding.Fold(text),
        decimal number => number.ToString("0.############################", CultureInfo.InvariantCulture),
        TaxId id => $"{Type(id)}|{TaxNumbers.Standard(Type(id), id.Value, record is Customer customer ? TaxIdRule.Country(customer) : null) ?? Folding.Fold(id.Value)}",
        Address a => string.Join('|', Type(a), Folding.Fold(a.Name ?? ""), Streets.Standard(a.Street), Folding.Fold(a.City ?? ""), Folding.Fold(a.Region ?? ""), Postcodes.Standard(a.PostalCode),
            Folding.Fold(a.Country ?? "")),
        Contact c => string.Join('|', Type(c), Folding.Fold(c.Name ?? ""), Folding.Fold(c.Email ?? ""), string.Concat((c.Phone ?? "").Where(char.IsAsciiDigit))),
        UnitOfMeasure u => string.Join('|', Type(u), Of(u.Factor, record), Gs1Numbers.Gtin(u.Gtin) ?? Folding.Fold(u.Gtin ?? "")),
        IEnumerable list => string.Join('\n', list.Cast<object?>().Select(element => Of(element, record)).Order(StringComparer.Ordinal)),
        _ => value.ToString() ?? "",
    };

    /// <summary>The type of a list's element, folded: the scheme of a tax number, what an address is for, a contact's role, a unit's code.</summary>
    public static string Type(object element) => Folding.Fold(element switch
    {
        TaxId id => id.Scheme,
        Address address => address.Type,
        Contact contact => contact.Role,
        UnitOfMeasure unit => unit.Code,
        _ => "",
    }).ToLowerInvariant();

    /// <summary>True when two real values cannot both be right. Lists contradict each other where both have elements of one type and none in common, as vetoes see it.</summary>
    public static bool Contradict(object? one, CanonicalObject record, object? other, CanonicalObject otherRecord)
    {
        if (one is string || one is not IEnumerable list || other is not IEnumerable others) return Of(one, record) != Of(other, otherRecord);
        var mine = list.Cast<object>().Where(e => Weigh.Parts(e) > 0).ToLookup(Type, e => Of(e, record));
        var theirs = others.Cast<object>().Where(e => Weigh.Parts(e) > 0).ToLookup(Type, e => Of(e, otherRecord));
        return mine.Any(type => theirs.Contains(type.Key) && !type.Intersect(theirs[type.Key]).Any());
    }
}
