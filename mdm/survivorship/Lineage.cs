using System.Text.Encodings.Web;
using System.Text.Json;
using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Survivorship;

/// <summary>A record that gave a value.</summary>
/// <param name="Key">The record.</param>
/// <param name="Since">The commit of its last change: it has said so since then, or longer.</param>
public sealed record Origin(CanonicalKey Key, DateTimeOffset Since);

/// <summary>A record whose value did not win.</summary>
/// <param name="Key">The record.</param>
/// <param name="Since">The commit of its last change.</param>
/// <param name="Value">What it says, as it stands there.</param>
/// <param name="Why">Why it lost, half a sentence for people.</param>
public sealed record Loser(CanonicalKey Key, DateTimeOffset Since, JsonElement Value, string Why);

/// <summary>Why an attribute of a golden record has its value.</summary>
/// <param name="Attribute">The attribute.</param>
/// <param name="Value">Its value.</param>
/// <param name="By">
/// What decided: the name of a rule, <c>pin</c>, <c>key</c> (nothing else differed), <c>agreed</c> (all real values are the same), <c>only_record</c>, or <c>no_value</c> (no
/// record has a real one).
/// </param>
/// <param name="Group">The group it was taken whole with; null when it stands by itself.</param>
/// <param name="From">Whose value it is: several when lists were joined, none when a pin gave it or nobody has one.</param>
/// <param name="Losers">The other records, best first.</param>
/// <param name="Pin">The pin that gave it, or that should have.</param>
/// <param name="PinRefused">Why the pin gave no value; null when it did.</param>
public sealed record Lineage(
    string Attribute, JsonElement Value, string By, string? Group, IReadOnlyList<Origin> From, IReadOnlyList<Loser> Losers, Pin? Pin = null, string? PinRefused = null)
{
    // For people: Müller, not M\u00FCller. Who shows it in HTML escapes it there.
    static readonly JsonSerializerOptions Plain = new(CanonicalJson.Reading) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Lineage Of(Decision decision)
    {
        var losers = decision.Contest.Ranked.Except(decision.Winners).Select(c => new Loser(c.Key, c.Record.CommittedAt, Json(decision.Attribute, decision.Said(c)), Reason(decision, c)));
        return new Lineage(decision.Attribute.Name, Json(decision.Attribute, decision.Value), Ruling(decision), decision.Group,
            [.. decision.Winners.Select(w => new Origin(w.Key, w.Record.CommittedAt))], [.. losers], decision.Pin, decision.PinRefused);
    }

    internal static JsonElement Json(GoldenAttribute attribute, object? value) => JsonSerializer.SerializeToElement(value, attribute.Type, Plain);

    static string Ruling(Decision decision)
    {
        if (decision is { Pin: not null, PinRefused: null }) return "pin";
        if (Weigh.Of(decision.Attribute, decision.Value) != Worth.Real) return "no_value";
        if (decision.Contest.Candidates.Count == 1) return "only_record";
        if (decision.IsJoined) return decision.Contest.Plan.Join!.Name;
        var winner = decision.Winners[0];
        var others = decision.Contest.Ranked.Where(c => !SaysTheSame(decision, winner, c)).ToList();
        if (others.Count == 0) return "agreed";
        // A rival with a real value says more than one without.
        var rival = others.Find(c => Weigh.Of(decision.Attribute, decision.Said(c)) == Worth.Real) ?? others[0];
        return decision.Contest.Between(winner, rival)?.Name ?? "key";
    }

    static string Reason(Decision decision, Candidate loser)
    {
        var best = decision.Contest.Ranked[0];
        if (decision is { Pin: not null, PinRefused: null } && loser == best) return "a pin holds; without it this would show";
        if (decision.IsJoined) return decision.Said(loser) is System.Collections.IEnumerable list && list.Cast<object>().Any() ? "adds nothing" : "has none";
        if (loser == best || Weigh.Of(decision.Attribute, decision.Said(best)) != Worth.Real && decision.Group is null)
            return Weigh.Of(decision.Attribute, decision.Said(loser)) == Worth.Nothing ? "has none" : "a placeholder";
        if (SaysTheSame(decision, best, loser)) return "says the same";
        return decision.Contest.Between(best, loser)?.Why(decision.Contest, best, loser) ?? "same trust and time: its key comes later";
    }

    static bool SaysTheSame(Decision decision, Candidate one, Candidate other) =>
        Sameness.Of(decision.Said(one), one.Record) == Sameness.Of(decision.Said(other), other.Record);
}
