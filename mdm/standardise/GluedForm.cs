namespace CdcSync.Mdm.Standardise;

/// <summary>Words that lost the space between them and show it by their capitals, which folding forgets: "SiemensAG", "AcmeGmbH", "SergeiLavrov".</summary>
static class GluedForm
{
    /// <summary>The name with a space before the legal form it ends with.</summary>
    public static string Part(string raw)
    {
        var end = raw.Length;
        while (end > 0 && !char.IsLetterOrDigit(raw[end - 1])) end--;
        for (var i = end - 2; i > 1 && end - i <= 5 && char.IsLetterOrDigit(raw[i]); i--)
            if (char.IsLower(raw[i - 1]) && char.IsUpper(raw[i]) && raw[i..end] is "PLC" or "AG" or "GmbH" or "GMBH" or "Ltd" or "LTD" or "Inc" or "INC" or "LLC" or "SA" or "SARL" or "BV" or "NV" or "KG" or "AB" or "SE" or "SpA" or "SRL")
                return $"{raw[..i]} {raw[i..]}";
        return raw;
    }

    /// <summary>A person's name that is one word with a capital in its middle, as two.</summary>
    public static string PartNames(string raw)
    {
        if (raw.Length > 60) return raw;
        var at = 0;
        for (var i = 1; i < raw.Length; i++)
        {
            if (!char.IsLetter(raw[i])) return raw;
            if (!char.IsUpper(raw[i])) continue;
            // A second capital, or a surname like McDonald, MacArthur, DeVito, VanDyke.
            if (at > 0 || i < 3 || raw.Length - i < 3 || !char.IsLower(raw[i - 1])) return raw;
            at = i;
        }
        return at == 0 || raw.StartsWith("Mac", StringComparison.Ordinal) || raw.StartsWith("Van", StringComparison.Ordinal) || raw.StartsWith("Von", StringComparison.Ordinal) ? raw : $"{raw[..at]} {raw[at..]}";
    }
}
