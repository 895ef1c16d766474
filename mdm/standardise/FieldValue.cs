namespace CdcSync.Mdm.Standardise;

/// <summary>One value of a field, as it is blocked on and compared.</summary>
/// <param name="text">The standard form: two values with equal texts are the same value.</param>
/// <param name="words">The words it is compared by; the text alone when left out.</param>
/// <param name="detail">What only comparisons of its kind know: an address in parts, a date.</param>
public sealed class FieldValue(string text, string[]? words = null, object? detail = null)
{
    /// <summary>The standard form.</summary>
    public string Text { get; } = text;

    /// <summary>Its words, in the order they were written, unless the kind says otherwise.</summary>
    public string[] Words { get; } = words ?? [text];

    /// <summary>What only comparisons of its kind know; null for most.</summary>
    public object? Detail { get; } = detail;
}
