using System.Collections.Frozen;
using System.Text;

namespace CdcSync.Mdm.Standardise;

/// <summary>Names of companies and persons, so that two clerks' spellings of one meet.</summary>
public static class Names
{
    static readonly FrozenSet<string> LegalForms = new[]
    {
        "INC", "INCORPORATED", "CORP", "CORPORATION", "CO", "COMPANY", "LTD", "LIMITED", "LLC", "LLP", "LP", "PLC", "PTY", "PTE", "PVT", "GMBH", "MBH", "AG", "KG", "KGAA",
        "OHG", "GBR", "UG", "EK", "EV", "EG", "SE", "GESELLSCHAFT", "AKTIENGESELLSCHAFT", "SA", "SAS", "SASU", "SARL", "EURL", "SNC", "SCS", "SCA", "SPA", "SRL", "SRLS", "SL",
        "SLU", "SAU", "SLL", "LDA", "LTDA", "BV", "NV", "VOF", "CV", "BVBA", "SPRL", "AS", "ASA", "APS", "IVS", "AB", "OY", "OYJ", "KFT", "ZRT", "SRO", "SPZOO", "ZOO", "SPOO",
        "DOO", "DD", "OOO", "OAO", "ZAO", "JSC", "PJSC", "KK", "SDNBHD", "BHD", "SDN", "DBA",
    }.ToFrozenSet(StringComparer.Ordinal);

    // They only join a name and its legal form: "GmbH & Co. KG", "Smith and Company".
    static readonly FrozenSet<string> Joins = new[] { "AND", "UND", "ET", "E", "Y", "HAFTUNGSBESCHRANKT" }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> Titles = new[]
    {
        "MR", "MRS", "MS", "MISS", "DR", "PROF", "HERR", "FRAU", "M", "MME", "MLLE", "SIR", "DIPL", "ING", "JR", "SR", "PHD",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A company's name: folded, without punctuation and legal form; null when it is missing.</summary>
    public static string? Company(string? text)
    {
        if (Placeholders.IsMissing(text)) return null;
        var words = Words(text!);
        var end = words.Count;
        while (end > 1 && (LegalForms.Contains(words[end - 1]) || Joins.Contains(words[end - 1]))) end--;
        var start = end > 1 && words[0] == "THE" ? 1 : 0;
        return end == 0 ? null : string.Join(' ', words[start..end].Select(PlainVowels));
    }

    /// <summary>A person's name: folded, without titles, its parts in alphabetical order ("Smith, John" and "John Smith"); null when it is missing.</summary>
    public static string? Person(string? text)
    {
        if (Placeholders.IsMissing(text)) return null;
        var words = Words(text!);
        var names = words.Where(w => !Titles.Contains(w)).ToList();
        var kept = names.Count > 0 ? names : words;
        return kept.Count == 0 ? null : string.Join(' ', kept.Select(PlainVowels).Order(StringComparer.Ordinal));
    }

    // Dots and apostrophes join ("G.m.b.H.", "O'Brien"), other punctuation parts; single letters in a row are one word ("G m b H").
    static List<string> Words(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var letter in Folding.Fold(text))
            if (letter == '&' || letter == '+') plain.Append(" AND ");
            else if (char.IsLetterOrDigit(letter)) plain.Append(letter);
            else if (letter is not ('.' or '\'')) plain.Append(' ');
        var words = new List<string>();
        var single = false;
        foreach (var word in plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (single && word.Length == 1) words[^1] += word;
            else words.Add(word);
            single = word.Length == 1;
        }
        return words;
    }

    // Müller is typed MULLER or MUELLER: both lose the E, as does every other name on both sides.
    static string PlainVowels(string word) =>
        word.Length < 4 ? word : word.Replace("AE", "A", StringComparison.Ordinal).Replace("OE", "O", StringComparison.Ordinal).Replace("UE", "U", StringComparison.Ordinal);
}
