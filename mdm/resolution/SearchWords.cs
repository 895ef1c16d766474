using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Resolution;

/// <summary>What a person finds a record by: its name, ids, numbers and e-mail addresses, as folded words of letters and digits.</summary>
static class SearchWords
{
    // Names have ten words; what has more is no name.
    const int Most = 60, Longest = 40;

    /// <summary>The words of a record.</summary>
    public static string Of(CanonicalObject? value) => value is null ? "" : string.Join(' ', In([value.SourceId, .. value switch
    {
        Customer c => [c.Name, c.Number, c.TradingName, c.Gln, .. c.TaxIds.Select(t => t.Value), .. c.Contacts.Select(p => p.Email)],
        Item i => [i.Name, i.Number, i.Gtin, i.ManufacturerPart, i.Manufacturer],
        Location l => [l.Name, l.Number, l.Gln],
        _ => Array.Empty<string?>(),
    }]));

    /// <summary>The same of what somebody looks for: all beginnings must be there; null when nothing is asked.</summary>
    public static string? Query(string text) => In([text]).ToList() is { Count: > 0 } words ? string.Join(" & ", words.Select(w => $"'{w}':*")) : null;

    static IEnumerable<string> In(IEnumerable<string?> texts) => texts.OfType<string>().SelectMany(Words).Distinct(StringComparer.Ordinal).Take(Most);

    static IEnumerable<string> Words(string text)
    {
        var folded = Folding.Fold(text.Length > 1000 ? text[..1000] : text);
        for (var at = 0; at < folded.Length; at++)
        {
            if (!char.IsLetterOrDigit(folded[at])) continue;
            var end = at;
            while (end < folded.Length && char.IsLetterOrDigit(folded[end])) end++;
            yield return folded[at..Math.Min(end, at + Longest)];
            at = end;
        }
    }
}
