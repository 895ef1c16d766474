using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The same Global Location Number at the same level: a warehouse and a bin in it may carry one GLN.</summary>
public sealed class GlnRule : IMatchRule
{
    public string Name => "gln";

    public string Kind => "location";

    public bool Decides => true;

    public IEnumerable<string> Values(CanonicalObject value)
    {
        var location = (Location)value;
        return Gs1Numbers.Gln(location.Gln) is { } gln ? [$"{Folding.Fold(location.Kind)}/{gln}"] : [];
    }

    public string? Register(string value) => "gln";
}
