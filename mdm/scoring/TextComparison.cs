using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Descriptions: what share of what the rarer text tells the other says too.</summary>
public sealed class TextComparison : IComparison
{
    public string Name => "text";

    public int Cost => 20;

    public IReadOnlyList<string> Levels { get; } = ["the same", "mostly the same", "much the same", "partly the same", "little in common", "nothing in common"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var (shared, left, right) = WordOverlap.Of(one, other, words);
        var share = shared / Math.Max(1e-9, Math.Sqrt(left * right));
        return share switch { >= 0.8 => 1, >= 0.55 => 2, >= 0.35 => 3, >= 0.15 => 4, _ => 5 };
    }
}
