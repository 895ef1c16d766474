using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Hierarchy;

namespace CdcSync.Mdm.Survivorship;

/// <summary>
/// Which values a golden record shows, and why: per attribute and group of attributes by the rules of <see cref="MdmSettings.Survivorship"/>. A pure function of the
/// records, the pins in force and the golden ids of the parents; neither the order of the records nor the time of day plays a part.
/// </summary>
public sealed class Survivors
{
    // Raise it when the same settings give other values than before: the golden records are then written anew at the next start.
    const int Edition = 1;

    static readonly Dictionary<CanonicalKey, string> NoParents = [];

    readonly Dictionary<string, SurvivorshipPlan> _plans;

    /// <exception cref="Contract.Settings.SettingsException">The settings of survivorship are wrong.</exception>
    public Survivors(MdmSettings settings)
    {
        _plans = Clustering.GoldenIds.Kinds.ToDictionary(k => k.Name, k => new SurvivorshipPlan(k.Name, settings), StringComparer.Ordinal);
        Fingerprint = $"{Edition}; sources: {string.Join(',', settings.Sources)}; survivorship: {JsonSerializer.Serialize(settings.Survivorship)}";
    }

    /// <summary>Changes when the same records might show other values than before.</summary>
    public string Fingerprint { get; }

    /// <summary>The golden record of these records; its envelope says <c>golden</c> and the id, version and time are the publisher's to set.</summary>
    /// <param name="goldenId">Its id.</param>
    /// <param name="members">Its records, in any order.</param>
    /// <param name="pins">Pins in force; those of other records are left out.</param>
    /// <param name="parents">The golden id of each record that a member names as its parent, as far as there is one.</param>
    public CanonicalObject Merge(string goldenId, IReadOnlyList<CanonicalObject> members, IReadOnlyList<Pin>? pins = null, IReadOnlyDictionary<CanonicalKey, string>? parents = null)
    {
        var golden = (CanonicalObject)Activator.CreateInstance(KindOf(members).Type)!;
        foreach (var decision in Decide(goldenId, members, pins ?? [], parents ?? NoParents)) decision.Attribute.Set(golden, decision.Value);
        return golden with { Source = CrossReference.GoldenSource, SourceId = goldenId, Version = "0:0", CommittedAt = default, CorrelationId = "" };
    }

    /// <summary>Why the golden record of these records has its values: an entry an attribute, in the order of the object's fields. As <see cref="Merge"/> decides.</summary>
    public IReadOnlyList<Lineage> Explain(
        string goldenId, IReadOnlyList<CanonicalObject> members, IReadOnlyList<Pin>? pins = null, IReadOnlyDictionary<CanonicalKey, string>? parents = null)
    {
        var decided = Decide(goldenId, members, pins ?? [], parents ?? NoParents).ToDictionary(d => d.Attribute);
        return [.. GoldenAttributes.Of(KindOf(members).Name).Select(a => Lineage.Of(decided[a]))];
    }

    /// <summary>Different real values of attributes that matter, for a person to look at: none where a pin has spoken.</summary>
    public IReadOnlyList<Conflict> Conflicts(IReadOnlyList<CanonicalObject> members, IReadOnlyList<Pin>? pins = null)
    {
        if (members.Count < 2) return [];
        var spoken = Pin.Newest(pins ?? [], members);
        var byKey = ByKey(members);
        return [.. _plans[KindOf(members).Name].Conflicts.Where(a => !spoken.ContainsKey(a.Name)).Select(a => Conflict.Of(a, byKey)).OfType<Conflict>()];
    }

    IEnumerable<Decision> Decide(string goldenId, IReadOnlyList<CanonicalObject> members, IReadOnlyList<Pin> pins, IReadOnlyDictionary<CanonicalKey, string> parents)
    {
        var (byKey, spoken) = (ByKey(members), Pin.Newest(pins, members));
        foreach (var plan in _plans[KindOf(members).Name].Parts)
        {
            var contest = new Contest(plan, byKey, Value);
            foreach (var attribute in plan.Attributes)
            {
                var decision = (plan.Join is null ? null : Decision.OfAll(attribute, contest)) ?? Decision.OfBest(attribute, contest);
                if (plan.Fill.Contains(attribute.Name) && Weigh.Of(attribute, decision.Value) != Worth.Real)
                    decision = Decision.OfBest(attribute, new Contest(plan.Alone(attribute), byKey, Value)) with { Group = plan.Name };
                yield return decision.Under(spoken.GetValueOrDefault(attribute.Name));
            }
        }

        // A parent is named by its source's id, which means nothing outside that source. Who lies in the same golden record is nobody's parent.
        object? Value(GoldenAttribute attribute, CanonicalObject record) =>
            attribute.Name != GoldenAttributes.Parent ? attribute.Of(record)
            : Parent.KeyOf(record) is { } parent && parents.TryGetValue(parent, out var golden) && golden != goldenId ? golden : null;
    }

    static CanonicalKind KindOf(IReadOnlyList<CanonicalObject> members) => members[0] is Customer or Item or Location
        ? CanonicalCatalog.Of(members[0].GetType())
        : throw new ArgumentException($"{members[0].GetType().Name} has no golden records", nameof(members));

    static IReadOnlyList<CanonicalObject> ByKey(IReadOnlyList<CanonicalObject> members) =>
        members.Count == 1 ? members : [.. members.OrderBy(m => m.Source, StringComparer.Ordinal).ThenBy(m => m.SourceId, StringComparer.Ordinal)];
}
