using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Survivorship;

namespace CdcSync.Mdm.Tests.Survivorship;

/// <summary>Records and settings of survivorship in short.</summary>
static class Merging
{
    public static Survivors With(string attribute, params string[] rules) => With("customer", attribute, new AttributeSurvivorship { Rules = rules });

    public static Survivors With(string kind, string attribute, AttributeSurvivorship how) =>
        With(kind, new SurvivorshipSettings { Attributes = new Dictionary<string, AttributeSurvivorship> { [attribute] = how } });

    public static Survivors With(string kind, SurvivorshipSettings how)
    {
        var settings = new MdmSettings { Sources = ["erp", "wms"], Survivorship = new Dictionary<string, SurvivorshipSettings> { [kind] = how } };
        settings.Validate();
        return new Survivors(settings);
    }

    /// <summary>A record of that key whose last change was on that day of 2026.</summary>
    public static T Of<T>(string key, int day, T value) where T : CanonicalObject =>
        value with { Source = key.Split('/')[0], SourceId = key.Split('/')[1], CommittedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day) };

    public static T Golden<T>(this Survivors survivors, params T[] members) where T : CanonicalObject => (T)survivors.Merge("G1", members);

    public static Lineage Why(this Survivors survivors, string attribute, params CanonicalObject[] members) => survivors.Explain("G1", members).Single(l => l.Attribute == attribute);
}
