using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>
/// How alike two values of a field are, as one of a few levels. A new comparison is one file in this folder and one test. It keeps no state between calls and may be
/// called by many threads.
/// </summary>
public interface IComparison
{
    /// <summary>As rule files write it: <c>name</c>.</summary>
    string Name { get; }

    /// <summary>The levels, most alike first, each a few words for people; the last is for everything else. At most 14.</summary>
    IReadOnlyList<string> Levels { get; }

    /// <summary>The bits a level tells at most, whatever the data seem to teach: what contradicts speaks against, although by chance it is rare.</summary>
    double MostBits(int level) => double.PositiveInfinity;

    /// <summary>How long it takes, in comparisons of two short texts: the costly ones come last, and often not at all.</summary>
    int Cost => 1;

    /// <summary>The place of the level in <see cref="Levels"/>. Symmetric.</summary>
    /// <param name="one">A value.</param>
    /// <param name="other">Another of the same field.</param>
    /// <param name="words">How common each word of the field is.</param>
    int Compare(FieldValue one, FieldValue other, IWordFrequencies words);
}

/// <summary>How common the words of a field are.</summary>
public interface IWordFrequencies
{
    /// <summary>What an equal word tells, in bits: log2(records with a value / records with the word). A word never seen counts as seen once.</summary>
    double Bits(string word);
}
