using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Towns and other short words people type: typing errors, a part ("Winston Hills" and "Winston").</summary>
public sealed class TownComparison : IComparison
{
    public string Name => "town";

    public int Cost => 2;

    public IReadOnlyList<string> Levels { get; } = ["the same", "a typing error", "nearly the same", "a part of the other", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var left = one.Text.AsSpan();
        var right = other.Text.AsSpan();
        var shortest = Math.Min(left.Length, right.Length);
        if (shortest >= 4 && Similarity.Edits(left, right, 2) is var edits and <= 2) return edits == 1 || shortest >= 8 ? 1 : 2;
        if (shortest >= 4 && Similarity.JaroWinkler(left, right) >= 0.9) return 2;
        var (shared, first, second) = WordOverlap.Of(one, other, words);
        return shared / Math.Max(1e-9, Math.Min(first, second)) > 0.9 ? 3 : 4;
    }
}
