using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>E-mail addresses, as [mailbox, domain]: the same mailbox elsewhere, another mailbox of the same domain, a typing error.</summary>
public sealed class EmailComparison : IComparison
{
    // A mailbox that says who: `info` and `sales` are everybody's.
    const int Telling = 5;

    public string Name => "email";

    public int Cost => 2;

    public IReadOnlyList<string> Levels { get; } = ["the same", "a typing error", "the same mailbox elsewhere", "the same domain", "nearly the same mailbox", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        if (Similarity.Edits(one.Text, other.Text, 2) is 1 or 2 && one.Text.Length > 8) return 1;
        if (one.Words.Length < 2 || other.Words.Length < 2) return 5;
        if (one.Words[0].Length >= Telling && IsMailbox(one.Words[0], other.Words[0]) && words.Bits(one.Words[0]) > Telling) return 2;
        // Everybody's domain says nothing: what counts is how few have it.
        if (one.Words[1] == other.Words[1]) return words.Bits(one.Words[1]) > 6 ? 3 : 5;
        return one.Words[0].Length >= Telling && Similarity.JaroWinkler(one.Words[0], other.Words[0]) >= 0.9 ? 4 : 5;
    }

    // john.smith, john_smith and johnsmith.
    static bool IsMailbox(string one, string other)
    {
        for (int i = 0, j = 0; ; i++, j++)
        {
            while (i < one.Length && !char.IsLetterOrDigit(one[i])) i++;
            while (j < other.Length && !char.IsLetterOrDigit(other[j])) j++;
            if (i >= one.Length || j >= other.Length) return i >= one.Length && j >= other.Length;
            if (one[i] != other[j]) return false;
        }
    }
}
