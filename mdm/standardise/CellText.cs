namespace CdcSync.Mdm.Standardise;

/// <summary>The text of a cell before its kind looks at it: bounded, folded, and missing where it is a placeholder.</summary>
static class CellText
{
    /// <summary>Nobody's name is longer, and a document in a name's column must not cost more than a name.</summary>
    public const int Longest = 1000;

    /// <summary>The folded text; null when it is missing.</summary>
    public static string? Folded(string raw, FieldReading reading)
    {
        var folded = Folding.Fold(Bounded(raw, reading));
        return IsPresent(folded, reading) ? folded : null;
    }

    /// <summary>The text as it was typed, trimmed; null when it is missing.</summary>
    public static string? Typed(string raw, FieldReading reading)
    {
        var bounded = Bounded(raw, reading);
        return IsPresent(Folding.Fold(bounded), reading) ? bounded.Trim() : null;
    }

    static string Bounded(string raw, FieldReading reading)
    {
        if (raw.Length <= Longest) return raw;
        if (reading.Notes is not null) reading.Note($"only the first {Longest} of {raw.Length} characters are read");
        return raw[..(char.IsHighSurrogate(raw[Longest - 1]) ? Longest - 1 : Longest)];
    }

    static bool IsPresent(string folded, FieldReading reading)
    {
        if (!Placeholders.IsMissingFolded(folded)) return true;
        if (reading.Notes is not null && folded.Length > 0) reading.Note($"'{folded}' is a placeholder: missing");
        return false;
    }
}
