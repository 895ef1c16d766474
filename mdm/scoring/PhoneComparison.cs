using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Phone numbers: the same subscriber, a wrong digit, the same exchange.</summary>
public sealed class PhoneComparison : IComparison
{
    const int Exchange = 6;

    public string Name => "phone";

    public IReadOnlyList<string> Levels { get; } = ["the same", "the same last digits", "a wrong digit", "the same exchange", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var left = one.Words[0].AsSpan();
        var right = other.Words[0].AsSpan();
        if (left.Length >= 7 && right.Length >= 7 && left[^7..].SequenceEqual(right[^7..])) return 1;
        if (Similarity.Edits(left, right, 1) <= 1) return 2;
        return left.CommonPrefixLength(right) >= Exchange ? 3 : 4;
    }
}
