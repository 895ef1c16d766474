using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>
/// Names of companies and persons, word by word: what share of what the words tell do both have. A rare word that one of them lacks counts more than a common one; a
/// typing error in a word, a word cut off at the end of a field and a short form of a person's name take little away. Two persons of one surname are no one person.
/// </summary>
public sealed class NameComparison : IComparison
{
    const int Relatives = 6;

    public string Name => "name";

    public int Cost => 4;

    public IReadOnlyList<string> Levels { get; } = ["the same", "the same words", "nearly the same", "alike", "a part of the other", "partly alike", "the surname, another given name", "different"];

    // A family shares a surname, and often all the rest.
    public double MostBits(int level) => level == Relatives ? -3 : double.PositiveInfinity;

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        var (person, another) = (one.Detail as PersonName, other.Detail as PersonName);
        var persons = person is not null && another is not null;
        if (persons && AreFatherAndSon(person!, another!)) return Relatives;
        if (one.Text == other.Text) return 0;
        var (shared, left, right) = persons ? WordOverlap.Of(one, other, words, person!.RootsByWord, another!.RootsByWord) : WordOverlap.Of(one, other, words);
        var share = shared / Math.Max(1e-9, Math.Max(left, right));
        if (share > 0.995) return 1;
        if (persons && AreRelatives(one, other, person!, another!)) return Relatives;
        if (share >= 0.86) return 2;
        if (share >= 0.7) return 3;
        if (shared / Math.Max(1e-9, Math.Min(left, right)) >= 0.93) return 4;
        if (IsAcronym(one, other) || IsAcronym(other, one)) return 4;
        return share >= 0.45 ? 5 : 7;
    }

    static bool AreFatherAndSon(PersonName one, PersonName other) => one.Generation is not null && other.Generation is not null && one.Generation != other.Generation;

    // The last words alike, and none of those before them.
    static bool AreRelatives(FieldValue one, FieldValue other, PersonName person, PersonName another)
    {
        if (one.Words.Length < 2 || other.Words.Length < 2 || !WordOverlap.AreAlike(one.Words[^1], other.Words[^1])) return false;
        for (var i = 0; i < one.Words.Length - 1; i++)
            for (var j = 0; j < other.Words.Length - 1; j++)
                if (WordOverlap.AreAlike(one.Words[i], other.Words[j]) || WordOverlap.HaveOneRoot(person.RootsByWord[i], another.RootsByWord[j])) return false;
        return true;
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
