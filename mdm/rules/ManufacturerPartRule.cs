using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The same manufacturer and the same part number of it.</summary>
public sealed class ManufacturerPartRule : IMatchRule
{
    public string Name => "part";

    public string Kind => "item";

    public bool Decides => false;

    public IEnumerable<string> Values(CanonicalObject value)
    {
        var item = (Item)value;
        return Names.Company(item.Manufacturer) is { } manufacturer && PartNumbers.Standard(item.ManufacturerPart) is { } part ? [$"{manufacturer}|{part}"] : [];
    }
}
