using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Numbers of a register: the same, a typing error (one character, or two neighbours swapped).</summary>
public sealed class IdentifierComparison : IComparison
{
    public string Name => "identifier";

    public IReadOnlyList<string> Levels { get; } = ["the same", "a typing error", "the same but for an end", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var shortest = Math.Min(one.Text.Length, other.Text.Length);
        if (shortest >= 5 && Similarity.Edits(one.Text, other.Text, 1) <= 1) return 1;
        return shortest >= 6 && (one.Text.EndsWith(other.Text, StringComparison.Ordinal) || other.Text.EndsWith(one.Text, StringComparison.Ordinal)) ? 2 : 3;
    }
}
