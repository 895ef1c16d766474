namespace CdcSync.Mdm.Scoring;

/// <summary>How alike two texts are, letter by letter. Nothing is allocated for texts of up to 64 letters; of longer ones the first 256 count.</summary>
public static class Similarity
{
    const int Longest = 256;

    /// <summary>Jaro-Winkler, 0 to 1: shared letters in nearly the same places, a shared beginning counting more. For names.</summary>
    public static double JaroWinkler(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        if (one.SequenceEqual(other)) return 1;
        one = one[..Math.Min(one.Length, Longest)];
        other = other[..Math.Min(other.Length, Longest)];
        if (one.Length == 0 || other.Length == 0) return 0;
        if (one.Length > other.Length)
        {
            var swap = one;
            one = other;
            other = swap;
        }
        var jaro = other.Length <= 64 ? Jaro64(one, other) : JaroLong(one, other);
        var shared = 0;
        while (shared < 4 && shared < one.Length && one[shared] == other[shared]) shared++;
        return jaro < 0.7 ? jaro : jaro + (shared * 0.1 * (1 - jaro));
    }

    // Which letters of the longer text are taken stands in one word of bits.
    static double Jaro64(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        var reach = Math.Max(0, (other.Length / 2) - 1);
        ulong takenOne = 0, takenOther = 0;
        var matches = 0;
        for (var i = 0; i < one.Length; i++)
        {
            var to = Math.Min(other.Length - 1, i + reach);
            for (var j = Math.Max(0, i - reach); j <= to; j++)
            {
                if (one[i] != other[j] || (takenOther >> j & 1) != 0) continue;
                takenOne |= 1UL << i;
                takenOther |= 1UL << j;
                matches++;
                break;
            }
        }
        if (matches == 0) return 0;
        var swapped = 0;
        for (ulong left = takenOne, right = takenOther; left != 0; left &= left - 1, right &= right - 1)
            if (one[System.Numerics.BitOperations.TrailingZeroCount(left)] != other[System.Numerics.BitOperations.TrailingZeroCount(right)]) swapped++;
        return Share(matches, swapped, one.Length, other.Length);
    }

    static double JaroLong(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        var reach = Math.Max(0, (other.Length / 2) - 1);
        Span<bool> takenOne = stackalloc bool[Longest], takenOther = stackalloc bool[Longest];
        takenOne.Clear();
        takenOther.Clear();
        var matches = 0;
        for (var i = 0; i < one.Length; i++)
        {
            for (var j = Math.Max(0, i - reach); j <= Math.Min(other.Length - 1, i + reach); j++)
            {
                if (takenOther[j] || one[i] != other[j]) continue;
                takenOne[i] = takenOther[j] = true;
                matches++;
                break;
            }
        }
        if (matches == 0) return 0;
        var (swapped, next) = (0, 0);
        for (var i = 0; i < one.Length; i++)
        {
            if (!takenOne[i]) continue;
            while (!takenOther[next]) next++;
            if (one[i] != other[next++]) swapped++;
        }
        return Share(matches, swapped, one.Length, other.Length);
    }

    static double Share(double matches, int swapped, int one, int other) => ((matches / one) + (matches / other) + ((matches - (swapped / 2)) / matches)) / 3;

    /// <summary>How many letters to insert, delete, change or swap with their neighbour (optimal string alignment); <paramref name="most"/> + 1 when it is more than that.</summary>
    public static int Edits(ReadOnlySpan<char> one, ReadOnlySpan<char> other, int most)
    {
        one = one[..Math.Min(one.Length, Longest)];
        other = other[..Math.Min(other.Length, Longest)];
        var same = one.CommonPrefixLength(other);
        one = one[same..];
        other = other[same..];
        same = 0;
        while (same < one.Length && same < other.Length && one[^(same + 1)] == other[^(same + 1)]) same++;
        one = one[..^same];
        other = other[..^same];
        if (Math.Abs(one.Length - other.Length) > most) return most + 1;
        if (one.Length == 0 || other.Length == 0) return Math.Max(one.Length, other.Length);
        Span<int> before = stackalloc int[other.Length + 1], last = stackalloc int[other.Length + 1], row = stackalloc int[other.Length + 1];
        for (var j = 0; j <= other.Length; j++) last[j] = j;
        for (var i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            var least = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var edits = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]) edits = Math.Min(edits, before[j - 2] + 1);
                row[j] = edits;
                least = Math.Min(least, edits);
            }
            if (least > most) return most + 1;
            var free = before;
            before = last;
            last = row;
            row = free;
        }
        return Math.Min(last[other.Length], most + 1);
    }
}
