namespace CdcSync.Mdm.Standardise;

/// <summary>One value of a field, as it is blocked on and compared.</summary>
/// <param name="text">The standard form: two values with equal texts are the same value.</param>
/// <param name="words">The words it is compared by; the text alone when left out.</param>
/// <param name="detail">What only comparisons of its kind know: an address in parts, a date.</param>
public sealed class FieldValue(string text, string[]? words = null, object? detail = null)
{
    Counted? _counted;

    /// <summary>The standard form.</summary>
    public string Text { get; } = text;

    /// <summary>Its words, in the order they were written, unless the kind says otherwise.</summary>
    public string[] Words { get; } = words ?? [text];

    /// <summary>What only comparisons of its kind know; null for most.</summary>
    public object? Detail { get; } = detail;

    /// <summary>
    /// What each word tells, as one field's frequencies have it, and half a bit for being there: looked up once, although a value is compared a hundred times.
    /// </summary>
    internal float[] Bits(Scoring.IWordFrequencies words)
    {
        if (_counted is { } known && ReferenceEquals(known.Words, words)) return known.Bits;
        var counted = new Counted(words, new float[Words.Length]);
        for (var i = 0; i < Words.Length; i++) counted.Bits[i] = (float)words.Bits(Words[i]) + 0.5f;
        // Threads that come together do the same work twice, and each has its own whole.
        return (_counted = counted).Bits;
    }

    sealed record Counted(Scoring.IWordFrequencies Words, float[] Bits);
}
