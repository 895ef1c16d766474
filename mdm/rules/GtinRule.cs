using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The same GTIN of the base unit. Different ones are different trade items: a pack is not its content.</summary>
public sealed class GtinRule : IMatchRule
{
    public string Name => "gtin";

    public string Kind => "item";

    public bool Decides => true;

    public IEnumerable<string> Values(CanonicalObject value) => Gs1Numbers.Gtin(((Item)value).Gtin) is { } gtin ? [gtin] : [];

    public string? Register(string value) => "gtin";
}
