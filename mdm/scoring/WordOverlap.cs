using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>What the words of two texts tell in common, in bits.</summary>
public static class WordOverlap
{
    const int Most = 32;

    // Below it two words are different words.
    const double Alike = 0.86;

    // A short form of a name.
    const double Short = 0.95;

    /// <summary>The bits both have, those of the one and those of the other. Each word goes with the most alike one that is still free.</summary>
    public static (double Shared, double One, double Other) Of(FieldValue one, FieldValue other, IWordFrequencies words) => Of(one, other, words, [], []);

    /// <summary>The same; words with a root in common are alike too ("Bob" and "Robert").</summary>
    public static (double Shared, double One, double Other) Of(FieldValue left, FieldValue right, IWordFrequencies words, string[][] roots, string[][] otherRoots)
    {
        ReadOnlySpan<string> one = left.Words.AsSpan(0, Math.Min(left.Words.Length, Most)), other = right.Words.AsSpan(0, Math.Min(right.Words.Length, Most));
        ReadOnlySpan<float> bitsOne = left.Bits(words).AsSpan(0, one.Length), bitsOther = right.Bits(words).AsSpan(0, other.Length);
        var (totalOne, totalOther, shared) = (Total(bitsOne), Total(bitsOther), 0d);
        ulong free = (1UL << other.Length) - 1, open = (1UL << one.Length) - 1;
        for (var i = 0; i < one.Length; i++)
            for (var j = 0; j < other.Length; j++)
            {
                if ((free >> j & 1) == 0 || one[i] != other[j]) continue;
                (free, open) = (free & ~(1UL << j), open & ~(1UL << i));
                shared += bitsOne[i];
                break;
            }
        for (var i = 0; i < one.Length && free != 0; i++)
        {
            if ((open >> i & 1) == 0) continue;
            var (best, at) = (0d, -1);
            for (var j = 0; j < other.Length; j++)
            {
                if ((free >> j & 1) == 0) continue;
                var alike = i < roots.Length && j < otherRoots.Length && HaveOneRoot(roots[i], otherRoots[j]) ? Short : Likeness(one[i], other[j], i == one.Length - 1 || j == other.Length - 1);
                if (alike > best) (best, at) = (alike, j);
            }
            if (best < Alike) continue;
            free &= ~(1UL << at);
            // A misspelt word is rare by its error, not by itself: the more common of the two says what it tells.
            shared += best * Math.Min(bitsOne[i], bitsOther[at]);
            totalOne += Math.Min(bitsOne[i], bitsOther[at]) - bitsOne[i];
            totalOther += Math.Min(bitsOne[i], bitsOther[at]) - bitsOther[at];
        }
        return (shared, totalOne, totalOther);
    }

    static double Total(ReadOnlySpan<float> bits)
    {
        var total = 0d;
        foreach (var word in bits) total += word;
        return total;
    }

    /// <summary>True when two given names may be short for one.</summary>
    public static bool HaveOneRoot(string[] one, string[] other)
    {
        foreach (var root in one)
            if (Array.IndexOf(other, root) >= 0) return true;
        return false;
    }

    /// <summary>True when two words may be one: a typing error, an initial, one cut off.</summary>
    public static bool AreAlike(string one, string other) => one == other || Likeness(one, other, last: true) >= Alike;

    static double Likeness(string one, string other, bool last)
    {
        var (brief, full) = one.Length < other.Length ? (one, other) : (other, one);
        if (full.StartsWith(brief, StringComparison.Ordinal)) return brief.Length == 1 ? 0.87 : last && brief.Length >= 3 ? 0.95 : brief.Length >= 4 ? 0.9 : 0;
        return brief.Length < 3 ? 0 : Similarity.JaroWinkler(one, other);
    }
}
