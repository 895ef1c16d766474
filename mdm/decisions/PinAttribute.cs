using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;

namespace CdcSync.Mdm.Decisions;

/// <summary>What can be pinned.</summary>
static class PinAttribute
{
    static readonly HashSet<string> Envelope = [.. typeof(CanonicalObject).GetProperties().Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name))];

    /// <summary>Refuses an attribute that is none, and a value that does not fit it; no value is looked at when there is none to look at.</summary>
    public static void Check(CanonicalKind kind, string attribute, string? json)
    {
        var known = kind.Type.GetProperties().Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name)).Where(n => !Envelope.Contains(n)).ToList();
        if (!known.Contains(attribute)) throw new RefusedDecisionException(Refusal.Wrong, $"a {kind.Name} has no attribute '{attribute}'{NearestName.Hint(attribute, known)}");
        if (json is null) return;
        try
        {
            JsonSerializer.Deserialize($"{{\"{attribute}\": {json}}}", kind.Type, CanonicalJson.Reading);
        }
        catch (JsonException)
        {
            throw new RefusedDecisionException(Refusal.Wrong, $"the value does not fit {attribute}: it is JSON, such as \"text\", 12.5, true, null, a list or an object as in the golden record");
        }
    }
}
