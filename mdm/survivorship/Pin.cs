using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Survivorship;

/// <summary>A person's word on one attribute: it wins as long as it is in force.</summary>
/// <param name="Act">Number of the act it was made by: grows with time, a newer one wins.</param>
/// <param name="Record">A record; the pin holds for the golden record that this record is in, wherever it goes.</param>
/// <param name="Attribute">The attribute: <c>credit_limit</c>.</param>
/// <param name="Value">The value as JSON, where <c>"null"</c> says that there is none; null takes earlier pins off.</param>
/// <param name="Until">When it ends; null when it stays.</param>
/// <param name="By">Who.</param>
/// <param name="At">When.</param>
/// <param name="Why">Why, in the person's words.</param>
public sealed record Pin(long Act, CanonicalKey Record, string Attribute, string? Value, DateTimeOffset? Until, string By, DateTimeOffset At, string Why = "")
{
    /// <summary>True as long as it has not ended. Who merges asks for the pins in force and merges again when one ends.</summary>
    public bool IsInForce(DateTimeOffset now) => Until is null || Until > now;

    /// <summary>The pins that hold for these records, by attribute: of several the newest, and none where that takes pins off.</summary>
    internal static IReadOnlyDictionary<string, Pin> Newest(IReadOnlyList<Pin> pins, IReadOnlyList<CanonicalObject> members)
    {
        if (pins.Count == 0) return System.Collections.Frozen.FrozenDictionary<string, Pin>.Empty;
        var keys = members.Select(m => m.Key).ToHashSet();
        return pins.Where(p => keys.Contains(p.Record)).GroupBy(p => p.Attribute, StringComparer.Ordinal)
            .Select(g => g.OrderByDescending(p => p.Act).ThenBy(p => p.Record.Source, StringComparer.Ordinal).ThenBy(p => p.Record.Id, StringComparer.Ordinal).First())
            .Where(p => p.Value is not null).ToDictionary(p => p.Attribute, StringComparer.Ordinal);
    }
}
