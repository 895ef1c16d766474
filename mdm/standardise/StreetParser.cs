namespace CdcSync.Mdm.Standardise;

/// <summary>Takes a street line apart: box, unit, number, name; what only describes the place is left out.</summary>
static class StreetParser
{
    /// <summary>The street line; null when nothing of it is left.</summary>
    public static FieldValue? Read(string folded, FieldReading reading)
    {
        var tokens = StreetTokens.Of(Transliteration.ToLatin(folded));
        StreetAsides.Cut(tokens, reading);
        var poBox = StreetUnits.TakeBox(tokens);
        var unit = StreetUnits.Take(tokens);
        var (number, name) = Split(tokens, ref unit);
        if (name.Count == 0 && number is null && poBox is null && unit is null) return null;
        var words = Name(name);
        var street = string.Join(' ', words);
        var address = new StreetAddress(number, street, unit, poBox);
        if (reading.Notes is not null) Note(address, reading);
        return new FieldValue(Text(address), words.Count > 0 ? [.. words] : [number ?? Text(address)], address);
    }

    static string Text(StreetAddress address)
    {
        var text = address.Number is null ? address.Name : address.Name.Length == 0 ? address.Number : $"{address.Number} {address.Name}";
        if (address.Unit is not null) text = $"{text} #{address.Unit}";
        return (address.PoBox is null ? text : text.Length == 0 ? $"POBOX {address.PoBox}" : $"{text} POBOX {address.PoBox}").Trim();
    }

    static void Note(StreetAddress address, FieldReading reading)
    {
        if (address.Number is not null) reading.Note($"number {address.Number}");
        if (address.Unit is not null) reading.Note($"unit {address.Unit}");
        if (address.PoBox is not null) reading.Note($"P.O. box {address.PoBox}");
    }

    static (string? Number, List<string> Name) Split(List<string> tokens, ref string? unit)
    {
        if (tokens.Count > 2 && Numeral(tokens[0]) is { } digit) tokens[0] = digit;
        for (var start = 0; start < tokens.Count; start = End(tokens, start) + 1)
            if (End(tokens, start) is var end && end - start > 1 && IsNumber(tokens[start]) && (end - start > 2 || tokens[start + 1].Length > 1) && !IsAlone(tokens, start, end)) return NumberFirst(tokens[start..end], ref unit);
        if (End(tokens, 0) is var first && first < tokens.Count && IsAlone(tokens, 0, first)) return (string.Concat(tokens[..first]), tokens[(first + 1)..End(tokens, first + 1)]);
        for (var start = 0; start < tokens.Count; start = End(tokens, start) + 1)
            if (End(tokens, start) is var end && NumberLast(tokens, start, end) is > 0 and var at)
                // "Adventura Towers 638 Downey St": the building's name stands before the number.
                return end - at > 2 && StreetWords.IsType(tokens[end - 1]) ? NumberFirst(tokens[at..end], ref unit) : NumberBehind(tokens[start..end], at - start, ref unit);
        for (var start = 0; start < tokens.Count; start = End(tokens, start) + 1)
        {
            if (End(tokens, start) is var end && IsAlone(tokens, start, end))
            {
                var number = string.Concat(tokens[start..end]);
                return start > 1 ? (number, tokens[..End(tokens, 0)]) : end < tokens.Count ? (number, tokens[(end + 1)..End(tokens, end + 1)]) : (number, []);
            }
            if (tokens[start] is "NO" && end - start == 2) return (tokens[start + 1], start > 1 ? tokens[..(start - 1)] : end < tokens.Count ? tokens[(end + 1)..End(tokens, end + 1)] : []);
        }
        return (null, tokens[..End(tokens, 0)]);
    }

    // A number between commas: "Calle Mayor, 5, 2 B", "12 bis, rue de la Paix".
    static bool IsAlone(List<string> tokens, int start, int end) => start < end && IsNumber(tokens[start]) && (end - start == 1 || (end - start == 2 && IsSuffix(tokens[start + 1])));

    static string? Numeral(string word) => word switch { "ONE" => "1", "TWO" => "2", "THREE" => "3", "FOUR" => "4", "FIVE" => "5", "SIX" => "6", "SEVEN" => "7", "EIGHT" => "8", "NINE" => "9", "TEN" => "10", _ => null };

    // The place of the next comma, or the end.
    static int End(List<string> tokens, int start) => tokens.IndexOf(",", start) is >= 0 and var comma ? comma : tokens.Count;

    static (string?, List<string>) NumberFirst(List<string> line, ref string? unit)
    {
        var number = line[0];
        var used = 1;
        if (number.IndexOf('/') is > 0 and var slash)
        {
            unit ??= number[..slash];
            number = number[(slash + 1)..];
        }
        if (used < line.Count && line[used] is "1/2" or "1/4" or "3/4") number = $"{number} {line[used++]}";
        else if (used + 1 < line.Count && IsSuffix(line[used]) && (line[used].Length > 1 || !StreetWords.IsType(line[used + 1]))) number += line[used++];
        var name = line[used..];
        // "100 Broadway Ave 4": what stands behind the type of street is a unit.
        if (name.Count > 2 && IsNumber(name[^1]) && StreetWords.IsType(name[^2]) && name[^2] is not ("HWY" or "RTE" or "R" or "C" or "VIA"))
        {
            unit ??= name[^1];
            name.RemoveAt(name.Count - 1);
        }
        return name.Count == 1 && name[0] is "AVE" or "ST" && number.All(char.IsAsciiDigit) ? (null, [number, .. name]) : (number, name);
    }

    static (string?, List<string>) NumberBehind(List<string> line, int at, ref string? unit)
    {
        var number = line[at];
        var name = line[..at];
        if (name.Count > 1 && name[^1] == "NO") name.RemoveAt(name.Count - 1);
        if (number.IndexOf('/') is > 0 and var slash)
        {
            unit ??= number[(slash + 1)..];
            number = number[..slash];
        }
        if (at + 1 < line.Count && (IsSuffix(line[at + 1]) || line[at + 1] is "N" or "S" or "E" or "W")) number += line[at + 1];
        return (number, name);
    }

    // Where the house number stands when it follows the name; 0 when there is none.
    static int NumberLast(List<string> tokens, int start, int end)
    {
        for (var i = end - 1; i > start; i--)
        {
            if (!IsNumber(tokens[i]) || (tokens[i - 1] is "NO" && i - 1 == start) || tokens[i - 1] is "HWY" or "RTE" or "CO" or "I" or "US" || (i + 1 < end && StreetWords.IsType(tokens[i + 1]))) continue;
            // "Mannerheimintie 5 A 3": stair and flat follow the number.
            return i - start > 2 && IsSuffix(tokens[i - 1]) && IsNumber(tokens[i - 2]) ? i - 2 : i;
        }
        return 0;
    }

    static bool IsSuffix(string token) => token.Length == 1 ? char.IsAsciiLetterUpper(token[0]) && token is not ("N" or "S" or "E" or "W" or "C" or "R") : token is "BIS" or "TER" or "QUATER";

    static bool IsNumber(string token) =>
        char.IsAsciiDigit(token[0]) && !(token.Length > 2 && token[^2..] is "ST" or "ND" or "RD" or "TH" && char.IsAsciiDigit(token[^3])) && token.Length < 16;

    static List<string> Name(List<string> tokens)
    {
        var words = new List<string>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token is "STE" && i + 1 < tokens.Count) token = "ST";
            if (token is "," or "#" or "DE" or "DU" or "DES" or "DEL" or "DELLA" or "DI" or "OF" or "THE" && tokens.Count > 1) continue;
            if (token is "STR" && words.Count > 0 && !char.IsAsciiDigit(words[^1][0])) words[^1] = words[^1].EndsWith("STR", StringComparison.Ordinal) ? words[^1] : words[^1] + "STR";
            else if (i + 1 < tokens.Count && tokens[i + 1] is "ST" or "AVE" or "RD" or "DR" or "PL" or "LN" or "CT" && token.Length < 4 && token.All(char.IsAsciiDigit)) words.Add(Ordinal(token));
            else words.Add(token);
        }
        if (words.Count > 1 && StreetWords.Mistyped(words[^1]) is { } type) words[^1] = type;
        return words;
    }

    static string Ordinal(string number) => number + (number.Length > 1 && number[^2] == '1' ? "TH" : number[^1] switch { '1' => "ST", '2' => "ND", '3' => "RD", _ => "TH" });
}
