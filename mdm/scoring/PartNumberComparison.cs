using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Manufacturers' part numbers: the same, one within the other (a packaging suffix), letters that are mistaken for digits.</summary>
public sealed class PartNumberComparison : IComparison
{
    public string Name => "part_number";

    public IReadOnlyList<string> Levels { get; } = ["the same", "the same to the eye", "the same but for an end", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        if (one.Text.Length == other.Text.Length && LookAlike(one.Text, other.Text)) return 1;
        var (brief, full) = one.Text.Length < other.Text.Length ? (one.Text, other.Text) : (other.Text, one.Text);
        return brief.Length >= 5 && full.Length - brief.Length <= 4 && (full.StartsWith(brief, StringComparison.Ordinal) || full.EndsWith(brief, StringComparison.Ordinal)) ? 2 : 3;
    }

    static bool LookAlike(string one, string other)
    {
        for (var i = 0; i < one.Length; i++)
            if (Plain(one[i]) != Plain(other[i])) return false;
        return true;
    }

    static char Plain(char letter) => letter switch { 'O' or 'Q' => '0', 'I' or 'L' => '1', 'S' => '5', 'B' => '8', 'Z' => '2', _ => letter };
}
