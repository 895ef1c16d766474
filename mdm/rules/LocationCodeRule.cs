using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>
/// The same code with the same name or the same postal code and street, for warehouses and branches. Zones and bins are left out: every warehouse has a bin A-01 called
///
/// </summary>
public sealed class LocationCodeRule : IMatchRule
{
    public string Name => "code";

    public string Kind => "location";

    public bool Decides => false;

    public IEnumerable<string> Values(CanonicalObject value)
    {
        var location = (Location)value;
        if (location.Kind is not ("warehouse" or "branch") || PartNumbers.Standard(location.Number) is not { } code) yield break;
        if (Names.Company(location.Name) is { } name) yield return $"{location.Kind}/{code}|{name}";
        if (Postcodes.Standard(location.Address?.PostalCode) is { } postcode && Streets.Standard(location.Address?.Street) is { } street)
            yield return $"{location.Kind}/{code}|{postcode}|{street}";
    }
}
