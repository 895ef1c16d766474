using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Survivorship;

/// <summary>
/// Which values a golden record shows: per attribute the most trusted source's newest value that is not empty; addresses, contacts, tax numbers and credit terms are taken
/// whole from one record.
/// </summary>
public sealed class Survivors(MdmSettings settings)
{
    /// <summary>The golden record of these records; its envelope says <c>golden</c> and the id, version and time are the publisher's to set.</summary>
    public CanonicalObject Merge(string goldenId, IReadOnlyList<CanonicalObject> members)
    {
        var ranked = members
            .OrderBy(m => Rank(m.Source))
            .ThenByDescending(m => m.CommittedAt)
            .ThenBy(m => m.Source, StringComparer.Ordinal)
            .ThenBy(m => m.SourceId, StringComparer.Ordinal)
            .ToList();
        CanonicalObject golden = ranked[0] switch
        {
            Customer => GoldenCustomer.Of([.. ranked.Cast<Customer>()]),
            Item => GoldenItem.Of([.. ranked.Cast<Item>()]),
            Location => GoldenLocation.Of([.. ranked.Cast<Location>()]),
            var other => throw new ArgumentException($"{other.GetType().Name} has no golden records", nameof(members)),
        };
        return golden with { Source = CrossReference.GoldenSource, SourceId = goldenId, Version = "0:0", CommittedAt = default, CorrelationId = "" };
    }

    int Rank(string source)
    {
        for (var i = 0; i < settings.Sources.Count; i++)
            if (settings.Sources[i] == source) return i;
        return settings.Sources.Count;
    }
}

/// <summary>The first value that is one.</summary>
static class Best
{
    public static string? Text<T>(IReadOnlyList<T> ranked, Func<T, string?> of) => ranked.Select(of).FirstOrDefault(text => !Placeholders.IsMissing(text));

    /// <summary>For a name or number that must be there: a placeholder rather than nothing.</summary>
    public static string Name<T>(IReadOnlyList<T> ranked, Func<T, string> of) => Text(ranked, of) ?? of(ranked[0]);

    public static IReadOnlyList<TPart> List<T, TPart>(IReadOnlyList<T> ranked, Func<T, IReadOnlyList<TPart>> of) => ranked.Select(of).FirstOrDefault(list => list.Count > 0) ?? [];
}
