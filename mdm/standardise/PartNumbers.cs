namespace CdcSync.Mdm.Standardise;

/// <summary>Numbers that people give things: upper case, letters and digits alone ("AB-100 / x" is "AB100X").</summary>
public static class PartNumbers
{
    /// <summary>The standard form, or null when it is missing.</summary>
    public static string? Standard(string? text)
    {
        if (Placeholders.IsMissing(text)) return null;
        var bare = string.Concat(Folding.Fold(text!).Where(char.IsLetterOrDigit));
        return bare.Length == 0 ? null : bare;
    }
}
