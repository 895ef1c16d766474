using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>Reads the names of persons: titles, order, particles of surnames, nicknames.</summary>
static class PersonNames
{
    static readonly FrozenSet<string> Titles = new[]
    {
        "MR", "MRS", "MS", "MISS", "MX", "DR", "PROF", "PROFESSOR", "DOKTOR", "DOCTOR", "HERR", "HERRN", "FRAU", "FR", "FRL", "MME", "MLLE", "MONSIEUR", "MADAME", "MADEMOISELLE", "SIR", "DAME",
        "LORD", "LADY", "REV", "REVEREND", "HON", "HONOURABLE", "CAPT", "CAPTAIN", "COL", "COLONEL", "MAJ", "MAJOR", "LT", "LIEUTENANT", "SGT", "SERGEANT", "GEN", "GENERAL", "SR.", "SRA", "SRTA",
        "SENOR", "SENORA", "DON", "DONA", "SIG", "SIGRA", "SIGNOR", "SIGNORA", "DOTT", "DOTTSSA", "ING", "DIPL", "DIPLING", "MAG", "DHR", "MEVR", "MEVROUW", "DRS", "PRESIDENT", "PRASIDENT",
        "SHEIKH", "SHAIKH", "SHEIK", "HAJJI", "HAJI", "ATTN", "ATTENTION", "ZHD", "ZHDN", "C/O", "ESQ", "ESQUIRE", "PHD", "MD", "DDS", "DVM", "CPA", "MBA", "RN", "JD", "MBE", "OBE", "CBE", "KBE", "BSC", "MSC",
        "BA", "MA", "DPHIL", "FRCS", "PE",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, string> Generations = SpellingTable.Read("""
        JR JNR JUNIOR JUN
        SR SNR SENIOR SEN
        II 2ND
        III 3RD
        IV 4TH
        """);

    static readonly FrozenSet<string> Particles = new[]
    {
        "VON", "VAN", "DE", "DER", "DEN", "DEL", "DELLA", "DI", "DA", "DO", "DOS", "DAS", "DU", "LA", "LE", "LOS", "LAS", "TEN", "TER", "TE", "ZU", "ZUM", "ZUR", "VOM", "AF", "AV", "BIN", "IBN", "BEN",
        "AL", "EL", "MC", "MAC", "O", "ST", "SAN", "SANTA", "D", "L", "FITZ", "ABU",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> NoSpellings =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["\u00a0"] = "" }.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>True of JR, SENIOR, III: a word that tells father and son apart.</summary>
    public static bool IsGeneration(string word) => Generations.ContainsKey(word);

    /// <summary>A full name, given names first.</summary>
    public static FieldValue? Full(string folded, FieldReading reading)
    {
        var comma = folded.IndexOf(',');
        var words = Words(folded, reading, out var generation);
        if (words.Count == 0) return null;
        var surnameFirst = comma > 0 ? NameWords.Of(folded[..comma], NoSpellings).Count(w => !Titles.Contains(w) && !Generations.ContainsKey(w)) : 0;
        if (surnameFirst > 0 && surnameFirst < words.Count)
        {
            if (reading.Notes is not null) reading.Note("surname stood first");
            words = [.. words[surnameFirst..], .. words[..surnameFirst]];
        }
        return Value(words, string.Join(' ', words.Select(NameWords.PlainVowels).Order(StringComparer.Ordinal)), generation);
    }

    /// <summary>The given names of a field that holds nothing else.</summary>
    public static FieldValue? Given(string folded, FieldReading reading)
    {
        var words = Words(folded, reading, out var generation);
        return words.Count == 0 ? null : Value(words, string.Join(' ', words.Select(NameWords.PlainVowels)), generation);
    }

    /// <summary>The surname of a field that holds nothing else: particles are written together with the name they belong to.</summary>
    public static FieldValue? Surname(string folded, FieldReading reading)
    {
        var words = Words(folded, reading, out _);
        if (words.Count == 0) return null;
        var joined = new List<string>(words.Count);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            while (i < words.Count - 1 && Particles.Contains(words[i])) word += words[++i];
            joined.Add(NameWords.PlainVowels(word));
        }
        return new FieldValue(string.Join(' ', joined), [.. joined]);
    }

    static FieldValue Value(List<string> words, string text, string? generation)
    {
        var byWord = new string[words.Count][];
        for (var i = 0; i < byWord.Length; i++) byWord[i] = i > 0 && Particles.Contains(words[i]) ? [] : Nicknames.Roots(words[i]);
        // The last word is the surname, unless it is all there is.
        var given = words.Count > 1 ? byWord[..^1] : byWord;
        string[] roots = given.Length == 1 ? given[0] : [.. given.SelectMany(r => r).Distinct(StringComparer.Ordinal)];
        return new FieldValue(text, [.. words.Select(NameWords.PlainVowels)], new PersonName(roots, byWord, generation));
    }

    static List<string> Words(string folded, FieldReading reading, out string? generation)
    {
        generation = null;
        var words = NameWords.Of(folded, NoSpellings);
        var kept = new List<string>(words.Count);
        foreach (var word in words)
        {
            if (kept.Count > 0 && Generations.TryGetValue(word, out var found)) generation = found;
            else if (!Titles.Contains(word) && word != "AND")
            {
                kept.Add(word);
                continue;
            }
            if (reading.Notes is not null) reading.Note($"'{word}' left out");
        }
        return kept.Count > 0 ? kept : words;
    }
}
