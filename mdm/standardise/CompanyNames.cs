namespace CdcSync.Mdm.Standardise;

/// <summary>Reads the names of companies: noise, trading names, legal forms and abbreviations.</summary>
static class CompanyNames
{
    /// <summary>The names in a text; two where a company trades under another name, none where it is missing.</summary>
    public static IReadOnlyList<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(GluedForm.Part(raw), reading) is not { } folded) return [];
        var name = NameNoise.Cut(Transliteration.ToLatin(FarEastern.Part(folded)), reading);
        var words = NameWords.Of(name, CompanySpellings.Lookup);
        NameWords.JoinInitials(words);
        Numerals.Join(words);
        var end = NameNoise.End(words, reading);
        var values = new List<FieldValue>(1);
        var start = 0;
        for (var i = 1; i < end; i++)
        {
            if (NameNoise.TradingAs(words, i, end) is not (> 0 and var length)) continue;
            if (reading.Notes is not null) reading.Note($"'{string.Join(' ', words[i..(i + length)])}' parts two names");
            Add(values, words, start, i, false, reading);
            start = i + length;
            i = start;
        }
        Add(values, words, start, end, IsFieldLength(name.Length), reading);
        return values;
    }

    static void Add(List<FieldValue> values, List<string> words, int start, int end, bool cutOff, FieldReading reading)
    {
        if (start >= end) return;
        string? legalForm = null;
        FreeForm(words, start, end);
        while (true)
        {
            while (end - start > 1 && IsJoin(words[end - 1])) end--;
            while (end - start > 1 && (words[start] is "THE" || IsJoin(words[start]))) start++;
            if (end - start > 2 && words[end - 1] is "THE") end--;
            var (form, length) = LegalForms.AtEnd(words, start, end, reading.Country);
            if (length > 0) end -= length;
            else if (LegalForms.AtStart(words, start, end, reading.Country) is { Words: > 0 } leading && (legalForm is null || words[start].Length > 2))
            {
                form = leading.Form;
                start += leading.Words;
            }
            else if (LegalForms.NearEnd(words, start, end, cutOff) is { Words: > 0 } near)
            {
                form = near.Form;
                end -= near.Words;
            }
            if (form is null) break;
            if (reading.Notes is not null) reading.Note($"legal form {form} left out");
            legalForm ??= form;
            if (form == "LTD" && end - start > 1) end -= StrayPty(words, start, end);
        }
        var kept = Kept(words, start, end);
        values.Add(new FieldValue(string.Join(' ', kept), kept, new CompanyName(legalForm, Acronym(kept))));
    }

    // A space typed a letter too late or too early: "Acme Toolsp ty Ltd", "Acme Packagin gPty Ltd". How many words it leaves to drop.
    static int StrayPty(List<string> words, int start, int end)
    {
        var last = words[end - 1];
        if (last is "TY" or "PT" or "PY" or "PYT" or "PTTY" or "PTYY")
        {
            if (last == "TY" && end - start > 1 && words[end - 2] is { Length: > 3 } stuck && stuck[^1] == 'P') words[end - 2] = stuck[..^1];
            return 1;
        }
        if (last.Length != 4 || !last.EndsWith("PTY", StringComparison.Ordinal) || end - start < 2) return 0;
        words[end - 2] += last[0];
        return 1;
    }

    // "Tsang Far mGmbH", "Glass Group Tanam iLimited": the letter goes back to its word.
    static void FreeForm(List<string> words, int start, int end)
    {
        if (end - start < 2) return;
        var last = words[end - 1];
        var form = last.Length switch { 4 => "LTD", 5 => "GMBH", 8 => "LIMITED", _ => "" };
        if (form.Length == 0 || !last.EndsWith(form, StringComparison.Ordinal) || (form.Length == 3 && last[0] is 'L')) return;
        words[end - 2] += last[0];
        words[end - 1] = form;
    }

    // Where systems cut names off: half a legal form may stand at the end.
    static bool IsFieldLength(int length) => length is 25 or 30 or 32 or 35 or 40 or 50 or 60;

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
