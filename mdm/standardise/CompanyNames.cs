namespace CdcSync.Mdm.Standardise;

/// <summary>Reads the names of companies: noise, trading names, legal forms and abbreviations.</summary>
static class CompanyNames
{
    /// <summary>The names in a folded text; two where a company trades under another name.</summary>
    public static List<FieldValue> Read(string folded, FieldReading reading)
    {
        var words = NameWords.Of(NameNoise.Cut(folded, reading), CompanySpellings.Lookup);
        var end = NameNoise.End(words, reading);
        var values = new List<FieldValue>(1);
        var start = 0;
        for (var i = 1; i < end; i++)
        {
            if (NameNoise.TradingAs(words, i, end) is not (> 0 and var length)) continue;
            if (reading.Notes is not null) reading.Note($"'{string.Join(' ', words[i..(i + length)])}' parts two names");
            Add(values, words, start, i, reading);
            start = i + length;
            i = start;
        }
        Add(values, words, start, end, reading);
        return values;
    }

    static void Add(List<FieldValue> values, List<string> words, int start, int end, FieldReading reading)
    {
        if (start >= end) return;
        string? legalForm = null;
        while (true)
        {
            while (end - start > 1 && IsJoin(words[end - 1])) end--;
            while (end - start > 1 && (words[start] is "THE" || IsJoin(words[start]))) start++;
            if (end - start > 2 && words[end - 1] is "THE") end--;
            var (form, length) = LegalForms.AtEnd(words, start, end, reading.Country);
            if (length > 0) end -= length;
            else if (legalForm is null && LegalForms.AtStart(words, start, end, reading.Country) is { Words: > 0 } leading)
            {
                form = leading.Form;
                start += leading.Words;
            }
            if (form is null) break;
            if (reading.Notes is not null) reading.Note($"legal form {form} left out");
            legalForm ??= form;
        }
        var kept = Kept(words, start, end);
        values.Add(new FieldValue(string.Join(' ', kept), kept, new CompanyName(legalForm, Acronym(kept))));
    }

    // AND and THE inside a name are typed or not: they stay only where nothing else would.
    static string[] Kept(List<string> words, int start, int end)
    {
        var kept = new List<string>(end - start);
        for (var i = start; i < end; i++)
            if (!IsJoin(words[i]) && words[i] is not "THE") kept.Add(NameWords.PlainVowels(words[i]));
        return kept.Count > 0 ? [.. kept] : [.. words[start..end]];
    }

    static bool IsJoin(string word) => word is "AND" or "UND" or "ET" or "Y" or "OG" or "OCH";

    static string Acronym(string[] words)
    {
        if (words.Length < 2) return "";
        Span<char> letters = stackalloc char[12];
        var length = 0;
        foreach (var word in words)
            if (length < letters.Length && word is not ("OF" or "DE" or "DU" or "DER" or "DES" or "FOR")) letters[length++] = word[0];
        return new string(letters[..length]);
    }
}
