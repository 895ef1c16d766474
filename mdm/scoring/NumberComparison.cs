using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Amounts: prices, weights, years. How far apart they are in proportion.</summary>
public sealed class NumberComparison : IComparison
{
    public string Name => "number";

    public IReadOnlyList<string> Levels { get; } = ["the same", "within 2 %", "within 10 %", "within 25 %", "within twice", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        if (one.Detail is not double left || other.Detail is not double right || left * right <= 0) return 5;
        var apart = 1 - (Math.Min(Math.Abs(left), Math.Abs(right)) / Math.Max(Math.Abs(left), Math.Abs(right)));
        return apart switch { <= 0.02 => 1, <= 0.1 => 2, <= 0.25 => 3, <= 0.5 => 4, _ => 5 };
    }
}
