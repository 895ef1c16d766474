using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>
/// Names of companies and persons, word by word: what share of what the words tell do both have. A rare word that one of them lacks counts more than a common one; a
/// typing error in a word, a word cut off at the end of a field and a short form of a person's name take little away.
/// </summary>
public sealed class NameComparison : IComparison
{
    public string Name => "name";

    public IReadOnlyList<string> Levels { get; } = ["the same", "the same words", "nearly the same", "alike", "a part of the other", "partly alike", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var (shared, left, right) = WordOverlap.Of(one.Words, other.Words, words);
        var share = shared / Math.Max(1e-9, Math.Max(left, right));
        if (share > 0.995) return 1;
        if (share >= 0.86) return 2;
        if (share >= 0.7) return 3;
        if (shared / Math.Max(1e-9, Math.Min(left, right)) >= 0.93) return 4;
        if (IsAcronym(one, other) || IsAcronym(other, one)) return 4;
        return share >= 0.45 ? 5 : 6;
    }

    // "IBM" and "International Business Machines"; two letters are too few to prove anything.
    static bool IsAcronym(FieldValue name, FieldValue acronym)
    {
        if (acronym.Words.Length != 1 || acronym.Text.Length < 3 || name.Words.Length != acronym.Text.Length) return false;
        for (var i = 0; i < name.Words.Length; i++)
            if (name.Words[i].Length == 0 || name.Words[i][0] != acronym.Text[i]) return false;
        return true;
    }
}
