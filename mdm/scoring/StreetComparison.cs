using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Street lines: number and name apart, typing errors in either, the unit in the house left for last.</summary>
public sealed class StreetComparison : IComparison
{
    public string Name => "street";

    public int Cost => 4;

    public IReadOnlyList<string> Levels { get; } =
        ["the same", "the same but for unit or direction", "a typing error", "the street, one number missing", "the street, another number", "the number, a street alike", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        if (one.Detail is not StreetAddress left || other.Detail is not StreetAddress right) return Plain(one, other, words);
        if (left.PoBox is not null && left.PoBox == right.PoBox && (left.Name.Length == 0 || right.Name.Length == 0)) return 1;
        var street = Street(left.Name, right.Name, one, other, words);
        var number = Number(left.Number, right.Number);
        return (street, number) switch
        {
            (Alike.Nearly, Alike.Same) when IsPart(one, other) || IsPart(other, one) => 1,
            (Alike.Same, Alike.Same) => left.Unit == right.Unit || left.Unit is null || right.Unit is null ? 1 : 2,
            (Alike.Nearly, Alike.Same) or (Alike.Same, Alike.Nearly) => 2,
            (Alike.Same or Alike.Nearly, Alike.Unknown) => 3,
            (Alike.Nearly, Alike.Nearly) => 3,
            (Alike.Same or Alike.Nearly, _) => 4,
            (Alike.Partly, Alike.Same) => 5,
            _ => 6,
        };
    }

    static bool IsPart(FieldValue part, FieldValue whole) => part.Words.Length < whole.Words.Length && Array.TrueForAll(part.Words, w => whole.Words.Contains(w));

    enum Alike { Same, Nearly, Partly, Unknown, Different }

    static Alike Number(string? one, string? other)
    {
        if (one is null || other is null) return one == other ? Alike.Same : Alike.Unknown;
        if (one == other) return Alike.Same;
        return one.Length > 2 && other.Length > 2 && Similarity.Edits(one, other, 1) <= 1 || one.StartsWith(other + "-", StringComparison.Ordinal) || other.StartsWith(one + "-", StringComparison.Ordinal)
            ? Alike.Nearly : Alike.Different;
    }

    static Alike Street(string left, string right, FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (left.Length == 0 || right.Length == 0) return Alike.Different;
        if (left == right) return Alike.Same;
        if (Math.Min(left.Length, right.Length) >= 5 && Similarity.Edits(left, right, 2) <= 2) return Alike.Nearly;
        var (shared, first, second) = WordOverlap.Of(one, other, words);
        if (shared / Math.Max(1e-9, Math.Max(first, second)) >= 0.8 || shared / Math.Max(1e-9, Math.Min(first, second)) >= 0.95) return Alike.Nearly;
        return shared / Math.Max(1e-9, Math.Max(first, second)) >= 0.45 || Similarity.JaroWinkler(left, right) >= 0.88 ? Alike.Partly : Alike.Different;
    }

    static int Plain(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        var (shared, first, second) = WordOverlap.Of(one, other, words);
        var share = shared / Math.Max(1e-9, Math.Max(first, second));
        return share >= 0.85 ? 2 : share >= 0.5 ? 5 : 6;
    }
}
