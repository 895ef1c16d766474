using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Postal codes: one wrong character, the same district.</summary>
public sealed class PostcodeComparison : IComparison
{
    public string Name => "postcode";

    public IReadOnlyList<string> Levels { get; } = ["the same", "one character differs", "the same beginning", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        if (Similarity.Edits(one.Text, other.Text, 1) <= 1) return 1;
        return one.Text.AsSpan().CommonPrefixLength(other.Text) >= 2 ? 2 : 3;
    }
}
