using System.Text.Json;
using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Survivorship;

/// <summary>A value that some records of a golden record have.</summary>
/// <param name="Value">The value, as the first of them writes it.</param>
/// <param name="Keys">The records.</param>
public sealed record ConflictingValue(JsonElement Value, IReadOnlyList<CanonicalKey> Keys);

/// <summary>Records of one golden record whose values of an attribute that matters cannot all be right.</summary>
/// <param name="Attribute">The attribute.</param>
/// <param name="Values">The different values, by the records' keys.</param>
public sealed record Conflict(string Attribute, IReadOnlyList<ConflictingValue> Values)
{
    internal static Conflict? Of(GoldenAttribute attribute, IReadOnlyList<CanonicalObject> byKey)
    {
        var said = byKey.Where(r => Weigh.Of(attribute, attribute.Of(r)) == Worth.Real).GroupBy(r => Sameness.Of(attribute.Of(r), r), StringComparer.Ordinal).ToList();
        if (!said.Exists(one => said.Exists(other => Sameness.Contradict(attribute.Of(one.First()), one.First(), attribute.Of(other.First()), other.First())))) return null;
        return new Conflict(attribute.Name, [.. said.Select(g => new ConflictingValue(Lineage.Json(attribute, attribute.Of(g.First())), [.. g.Select(r => r.Key)]))]);
    }
}
