using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Dates: day and month swapped, one wrong digit, the same year.</summary>
public sealed class DateComparison : IComparison
{
    public string Name => "date";

    public IReadOnlyList<string> Levels { get; } = ["the same", "day and month swapped", "one part differs", "a wrong digit", "within a month", "the same year", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        if (one.Detail is not DateOnly left || other.Detail is not DateOnly right) return 6;
        if (left.Year == right.Year && left.Day == right.Month && left.Month == right.Day) return 1;
        var parts = (left.Year == right.Year ? 1 : 0) + (left.Month == right.Month ? 1 : 0) + (left.Day == right.Day ? 1 : 0);
        var typing = Similarity.Edits(one.Text, other.Text, 1) <= 1;
        if (parts == 2 && typing) return 3;
        if (parts == 2) return 2;
        if (typing) return 3;
        if (Math.Abs(left.DayNumber - right.DayNumber) <= 31) return 4;
        return left.Year == right.Year ? 5 : 6;
    }
}
