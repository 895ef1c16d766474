using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The same item number, between sources that were declared to share their numbering.</summary>
public sealed class SharedNumberRule(IReadOnlyList<string> sources) : IMatchRule
{
    public string Name => "number";

    public string Kind => "item";

    public bool Decides => true;

    public IEnumerable<string> Values(CanonicalObject value) =>
        sources.Contains(value.Source) && PartNumbers.Standard(((Item)value).Number) is { } number ? [number] : [];
}
