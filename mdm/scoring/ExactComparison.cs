using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Equal or not: for codes, categories and anything standardised to one form.</summary>
public sealed class ExactComparison : IComparison
{
    public string Name => "exact";

    public IReadOnlyList<string> Levels { get; } = ["the same", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words) => one.Text == other.Text ? 0 : 1;
}
