using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>
/// Titles of products: the model number decides, where both name one, be it in another text of the record; then what share of what the words tell both have, and whether
/// sizes contradict.
/// </summary>
public sealed class ProductComparison : IComparison
{
    // Records that may share a model number: what more have is a series, a norm or what it fits.
    const double Rare = 3;
    const int Glued = 6;

    public string Name => "product";

    public int Cost => 20;

    public IReadOnlyList<string> Levels { get; } =
    [
        "the same", "a model number and most words", "a model number", "a model number, in another text", "a model number but for its end", "most words, no model number against it",
        "many words, no model number against it", "some words, no model number against it", "most words, another size", "most words, other model numbers", "many words, other model numbers",
        "other model numbers", "different",
    ];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var (shared, left, right) = WordOverlap.Of(one, other, words);
        var share = shared / Math.Max(1e-9, Math.Sqrt(left * right));
        if (one.Detail is not ProductText p || other.Detail is not ProductText q) return share switch { >= 0.65 => 5, >= 0.4 => 6, >= 0.2 => 7, _ => 12 };
        var rare = words.Bits("") - Rare;
        if (Names(p, other, q, words, rare) || Names(q, one, p, words, rare)) return share >= 0.5 ? 1 : 2;
        if (Mentions(q, p, words, rare) || Mentions(p, q, words, rare)) return share >= 0.15 ? 3 : 4;
        if (HasVariant(p.Codes, q.Codes) || HasVariant(q.Codes, p.Codes)) return 4;
        if (p.Codes.Length > 0 && q.Codes.Length > 0) return share >= 0.65 ? 9 : share >= 0.4 ? 10 : 11;
        if (share >= 0.4 && OtherSize(p.Quantities, q.Quantities)) return 8;
        return share switch { >= 0.65 => 5, >= 0.4 => 6, >= 0.2 => 7, _ => 12 };
    }

    // One's model number in the other's title, be it written with spaces there.
    static bool Names(ProductText product, FieldValue other, ProductText otherProduct, IWordFrequencies words, double rare)
    {
        foreach (var code in product.Codes)
            if (words.Bits(code) >= rare && (Array.IndexOf(otherProduct.Codes, code) >= 0 || (code.Length >= Glued && IsSpelt(code, other.Words)))) return true;
        return false;
    }

    static bool IsSpelt(string code, string[] words)
    {
        for (var from = 0; from < words.Length; from++)
        {
            var at = 0;
            for (var i = from; i < words.Length && at < code.Length && code.AsSpan(at).StartsWith(words[i]); i++) at += words[i].Length;
            if (at == code.Length) return true;
        }
        return false;
    }

    static bool Mentions(ProductText text, ProductText product, IWordFrequencies words, double rare)
    {
        foreach (var code in product.Codes)
            if (words.Bits(code) >= rare && Array.IndexOf(text.Elsewhere, code) >= 0) return true;
        return false;
    }

    // "KDL40V4100" and "KDL40V4100B": a colour or a region at the end, unless the other names its own.
    static bool HasVariant(string[] briefs, string[] fulls)
    {
        foreach (var brief in briefs)
            foreach (var full in fulls)
                if (IsVariant(brief, full) && !Array.Exists(briefs, b => IsVariant(brief, b))) return true;
        return false;
    }

    static bool IsVariant(string brief, string full) =>
        brief.Length >= 4 && full.Length > brief.Length && full.Length - brief.Length <= 3 && full.StartsWith(brief, StringComparison.Ordinal) && !char.IsAsciiDigit(full[brief.Length]);

    // Inches against other inches, gigabytes against other gigabytes.
    static bool OtherSize(string[] one, string[] other) =>
        Array.Exists(one, a => Array.Exists(other, b => Unit(a).SequenceEqual(Unit(b)))) && !Array.Exists(one, a => Array.IndexOf(other, a) >= 0);

    static ReadOnlySpan<char> Unit(string quantity) => quantity.AsSpan(quantity.AsSpan().LastIndexOfAnyInRange('0', '9') + 1);
}
