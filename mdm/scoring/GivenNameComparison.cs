using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Given names: short forms ("Bob" and "Robert"), initials, typing errors.</summary>
public sealed class GivenNameComparison : IComparison
{
    public string Name => "given_name";

    public int Cost => 2;

    public IReadOnlyList<string> Levels { get; } = ["the same", "a typing error", "a short form", "nearly the same", "an initial", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var shortest = Math.Min(one.Text.Length, other.Text.Length);
        if (shortest >= 4 && Similarity.Edits(one.Text, other.Text, 1) <= 1) return 1;
        if (one.Detail is PersonName left && other.Detail is PersonName right && left.NicknameRoots.Intersect(right.NicknameRoots).Any()) return 2;
        if (one.Words.Intersect(other.Words).Any(w => w.Length > 1)) return 2;
        if (shortest >= 3 && Similarity.JaroWinkler(one.Text, other.Text) >= 0.88) return 3;
        return (shortest == 1 && one.Text[0] == other.Text[0]) || (shortest > 2 && Blocking.Sound.Of(one.Text) == Blocking.Sound.Of(other.Text)) ? 4 : 5;
    }
}
