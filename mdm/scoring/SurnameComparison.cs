using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Family names: typing errors, a part of a compound name, the same sound.</summary>
public sealed class SurnameComparison : IComparison
{
    public string Name => "surname";

    public int Cost => 2;

    public IReadOnlyList<string> Levels { get; } = ["the same", "a typing error", "nearly the same", "a part of the other", "sounds the same", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var left = one.Text.AsSpan();
        var right = other.Text.AsSpan();
        var shortest = Math.Min(left.Length, right.Length);
        if (shortest >= 4 && Similarity.Edits(left, right, 1) <= 1) return 1;
        if (shortest >= 3 && Similarity.JaroWinkler(left, right) >= 0.9) return 2;
        if (HasPart(one, other) || HasPart(other, one)) return 3;
        return shortest >= 3 && Blocking.Sound.Of(one.Text) == Blocking.Sound.Of(other.Text) ? 4 : 5;
    }

    static bool HasPart(FieldValue whole, FieldValue part)
    {
        if (part.Words.Length >= whole.Words.Length || part.Text.Length < 3) return false;
        foreach (var word in part.Words)
            if (!whole.Words.Contains(word)) return false;
        return true;
    }
}
