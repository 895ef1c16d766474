namespace CdcSync.Mdm.Standardise;

/// <summary>Takes a whole address in one text apart: from its end country, postcode and region, then the town; the street is what is left.</summary>
static class Addresses
{
    /// <summary>The parts as they were typed, folded; null where there is none.</summary>
    public static (string? Street, string? Town, string? Region, string? Postcode, string? Country) Parts(string folded)
    {
        var lines = folded.Split([',', ';', '|'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        if (lines.Count == 0) return default;
        string? country = null, region = null, postcode = null;
        if (lines.Count > 1 && lines[^1].Length > 3 && Countries.Code(lines[^1]) is not null || lines.Count > 1 && lines[^1] is "USA" or "US" or "UK" or "GB") country = TakeLast(lines);
        for (var i = lines.Count - 1; i >= Math.Max(0, lines.Count - 3) && postcode is null; i--)
        {
            var (before, code, after) = Postcode(lines[i], i > 0 || lines.Count == 1);
            if (code is null) continue;
            postcode = code;
            // "10115 Berlin", "Las Vegas NV 89132", "Sydney NSW 2000 Australia".
            if (after.Length > 0 && country is null && Countries.Code(after) is not null) (country, after) = (after, "");
            (before, region) = Region(before);
            var rest = $"{before} {after}".Trim();
            if (rest.Length == 0) lines.RemoveAt(i);
            else lines[i] = rest;
        }
        if (country is null && lines.Count > 1 && lines[^1].Length > 3 && lines.Count > 2 && Countries.Code(lines[^1]) is not null and not "SG" and not "HK") country = TakeLast(lines);
        if (region is null && lines.Count > 1)
        {
            if (Regions.Code(lines[^1]) is not null && (lines[^1].Length <= 3 || lines.Count > 2)) region = TakeLast(lines);
            else (lines[^1], region) = Region(lines[^1]);
        }
        var (street, town) = Town(lines);
        return (street, town, region, postcode, country);
    }

    static string TakeLast(List<string> lines)
    {
        var last = lines[^1];
        lines.RemoveAt(lines.Count - 1);
        return last;
    }

    static (string? Street, string? Town) Town(List<string> lines)
    {
        if (lines.Count == 0) return (null, null);
        if (lines.Count > 1 && lines[^1].Length > 0 && !lines[^1].Any(char.IsAsciiDigit))
        {
            var town = TakeLast(lines);
            return (string.Join(", ", lines), town);
        }
        if (lines.Count > 1) return (string.Join(", ", lines), null);
        // No comma: the town follows the type of street.
        var words = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!char.IsAsciiDigit(lines[0][0]) && Array.FindIndex(words, 1, words.Length > 1 ? words.Length - 1 : 0, w => char.IsAsciiDigit(w[0])) is var number)
        {
            // "Hauptstr 5 Berlin": the town follows the number.
            if (number < 1) return words.Any(w => StreetWords.IsType(StreetWords.Short(w))) ? (lines[0], null) : (null, lines[0]);
            if (number < words.Length - 1 && words[(number + 1)..].All(w => w.Length > 1 && !char.IsAsciiDigit(w[0]))) return (string.Join(' ', words[..(number + 1)]), string.Join(' ', words[(number + 1)..]));
            return (lines[0], null);
        }
        for (var i = words.Length - 2; i > 1; i--)
        {
            if (!StreetWords.IsType(StreetWords.Short(words[i].AsSpan().TrimEnd('.'))) || (words[i].TrimEnd('.') is "ST" or "SAINT" && i < words.Length - 1 && i > 2 && StreetWords.IsType(StreetWords.Short(words[i - 1])))) continue;
            var from = i + 1;
            while (from < words.Length && (words[from].TrimEnd('.') is "N" or "S" or "E" or "W" or "NE" or "NW" or "SE" or "SW" || words[from].Any(char.IsAsciiDigit) || StreetWords.IsUnit(StreetWords.Short(words[from].AsSpan().TrimEnd('.'))))) from++;
            return (string.Join(' ', words[..from]), from < words.Length ? string.Join(' ', words[from..]) : null);
        }
        return (lines[0], null);
    }

    static (string Before, string? Region) Region(string line)
    {
        var space = line.LastIndexOf(' ');
        if (space > 0 && line.Length - space <= 4 && Regions.Code(line.AsSpan(space + 1)) is not null) return (line[..space].TrimEnd(), line[(space + 1)..]);
        if (space < 0 && line.Length <= 3 && Regions.Code(line) is not null) return ("", line);
        return (line, null);
    }

    // The last postcode of a line, with what stands before and behind it.
    static (string Before, string? Code, string After) Postcode(string line, bool mayBegin)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = words.Length - 1; i >= 0; i--)
        {
            if (i == 0 && !mayBegin) break;
            if (i > 0 && Postcodes.IsTwoWords(words[i - 1], words[i])) return Around(words, i - 1, 2);
            if (Postcodes.IsOneWord(words[i]) && (i > 0 || !IsHouseNumber(words))) return Around(words, i, 1);
        }
        return (line, null, "");
    }

    // The number that a line begins with: of a house, where a type of street follows ("Saint" does not end a line) or it is shorter than most postcodes.
    static bool IsHouseNumber(string[] words)
    {
        for (var i = 1; i < words.Length; i++)
            if ((i > 1 || words.Length == 2) && StreetWords.IsType(StreetWords.Short(words[i].AsSpan().TrimEnd('.')))) return true;
        return words.Length > 2 && words[0].Length < 5;
    }

    static (string, string?, string) Around(string[] words, int at, int length) =>
        (string.Join(' ', words[..at]), string.Join(' ', words[at..(at + length)]), string.Join(' ', words[(at + length)..]));
}
