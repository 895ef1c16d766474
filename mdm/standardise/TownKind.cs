using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>A town, suburb or village.</summary>
public sealed class TownKind : IFieldKind
{
    // Names that a town has beside its own; only where they cannot be another town.
    static readonly FrozenDictionary<string, string> Known = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["NEW YORK CITY"] = "NEW YORK", ["NYC"] = "NEW YORK", ["NY"] = "NEW YORK", ["MANHATTAN"] = "NEW YORK", ["LA"] = "LOS ANGELES", ["LV"] = "LAS VEGAS", ["SF"] = "SAN FRANCISCO", ["PHILA"] = "PHILADELPHIA",
        ["WASHINGTON DC"] = "WASHINGTON", ["MUNCHEN"] = "MUNICH", ["KOLN"] = "COLOGNE", ["NURNBERG"] = "NUREMBERG", ["WIEN"] = "VIENNA", ["GENEVE"] = "GENEVA", ["GENF"] = "GENEVA",
        ["BASEL"] = "BASLE", ["BALE"] = "BASLE", ["BERNE"] = "BERN", ["BRUSSEL"] = "BRUSSELS", ["BRUXELLES"] = "BRUSSELS", ["ANTWERPEN"] = "ANTWERP", ["ANVERS"] = "ANTWERP", ["GENT"] = "GHENT",
        ["DEN HAAG"] = "THE HAGUE", ["S GRAVENHAGE"] = "THE HAGUE", ["SGRAVENHAGE"] = "THE HAGUE", ["MILANO"] = "MILAN", ["ROMA"] = "ROME", ["TORINO"] = "TURIN", ["FIRENZE"] = "FLORENCE",
        ["NAPOLI"] = "NAPLES", ["VENEZIA"] = "VENICE", ["GENOVA"] = "GENOA", ["SEVILLA"] = "SEVILLE", ["LISBOA"] = "LISBON", ["KOBENHAVN"] = "COPENHAGEN", ["GOTEBORG"] = "GOTHENBURG",
        ["PRAHA"] = "PRAGUE", ["WARSZAWA"] = "WARSAW", ["MOSKVA"] = "MOSCOW", ["BUCURESTI"] = "BUCHAREST", ["ATHINA"] = "ATHENS",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public string Name => "town";

    public string Summary => "a town, suburb or village: St, Mt and directions in one spelling";

    public string Comparison => "town";

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) => CellText.Folded(raw, reading) is { } folded && Of(folded, reading) is { } value ? [value] : [];

    /// <summary>The town of a folded text; null when nothing is left.</summary>
    public static FieldValue? Of(string folded, FieldReading reading)
    {
        var latin = Transliteration.ToLatin(folded);
        // "Neustadt (Hessen)", "Chicago, IL": what follows says which of several.
        var end = latin.AsSpan().IndexOfAny(',', '(') is > 1 and var mark ? mark : latin.Length;
        var words = NameWords.Of(latin[..end], TownSpellings.Lookup);
        while (words.Count > 1 && words.TrueForAll(w => char.IsLetter(w[0])) is false && char.IsAsciiDigit(words[0][0])) words.RemoveAt(0);
        if (words.Count > 1 && words[0] is "THE" or "CITY" && words[^1] is not "HAGUE") words.RemoveRange(0, words[0] is "CITY" && words.Count > 2 && words[1] is "OF" ? 2 : words[0] is "THE" ? 1 : 0);
        if (words.Count == 0) return null;
        for (var i = 0; i < words.Count; i++) words[i] = NameWords.PlainVowels(words[i]);
        var text = string.Join(' ', words);
        if (!Known.TryGetValue(text, out var known)) return new FieldValue(text, [.. words]);
        if (reading.Notes is not null) reading.Note($"{text} is {known}");
        return new FieldValue(known, known.Split(' '));
    }
}
