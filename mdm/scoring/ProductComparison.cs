using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Titles of products: the model number decides, where both name one; then what share of what the words tell both have.</summary>
public sealed class ProductComparison : IComparison
{
    public string Name => "product";

    public IReadOnlyList<string> Levels { get; } =
    [
        "the same", "a model number and most words", "a model number", "a model number but for its end", "most words, no model number against it", "many words, no model number against it",
        "some words, no model number against it", "most words, other model numbers", "many words, other model numbers", "other model numbers", "different",
    ];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var (shared, left, right) = WordOverlap.Of(one.Words, other.Words, words);
        var share = shared / Math.Max(1e-9, Math.Sqrt(left * right));
        string[] codes = one.Detail is ProductText p ? p.Codes : [], others = other.Detail is ProductText q ? q.Codes : [];
        if (codes.Intersect(others).Any()) return share >= 0.5 ? 1 : 2;
        if (codes.Any(c => others.Any(o => IsVariant(c, o)))) return 3;
        if (codes.Length > 0 && others.Length > 0) return share >= 0.65 ? 7 : share >= 0.4 ? 8 : 9;
        return share switch { >= 0.65 => 4, >= 0.4 => 5, >= 0.2 => 6, _ => 10 };
    }

    // "KDL40V4100" and "KDL40V4100B": a colour or a region at the end.
    static bool IsVariant(string one, string other)
    {
        var (brief, full) = one.Length < other.Length ? (one, other) : (other, one);
        return brief.Length >= 4 && full.Length - brief.Length <= 3 && full.StartsWith(brief, StringComparison.Ordinal) && !char.IsAsciiDigit(full[brief.Length]);
    }
}
