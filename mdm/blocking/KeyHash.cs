namespace CdcSync.Mdm.Blocking;

/// <summary>Values of blocking keys as numbers of 64 bits. Stored ones outlive a release: the function never changes.</summary>
static class KeyHash
{
    /// <summary>The number of no value: what those of a key's fields are mixed into.</summary>
    public const ulong Nothing = 0x9E3779B97F4A7C15;

    public static ulong Of(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var letter in text) hash = (hash ^ letter) * 0x100000001B3;
        return Mix(hash, Nothing);
    }

    /// <summary>How many blocking keys rules may have: their values can be told apart by <see cref="KeyOf"/>.</summary>
    public const int MostKeys = 64;

    /// <summary>The number of a key's value, as it is stored: the lowest bits say which key it is of.</summary>
    public static long Stored(ulong value, int key) => (long)(value & ~(ulong)(MostKeys - 1) | (uint)key);

    /// <summary>Which key a stored number is of.</summary>
    public static int KeyOf(long stored) => (int)(stored & (MostKeys - 1));

    public static ulong Mix(ulong one, ulong other)
    {
        var mixed = (one ^ other) * 0xFF51AFD7ED558CCD;
        return (mixed ^ mixed >> 33) * 0xC4CEB9FE1A85EC53;
    }
}
