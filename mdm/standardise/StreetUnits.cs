namespace CdcSync.Mdm.Standardise;

/// <summary>Units and boxes in a street line.</summary>
static class StreetUnits
{
    /// <summary>Takes "P.O. Box 99", "Postfach 99", "BP 99" out of the tokens.</summary>
    public static string? TakeBox(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count - 1; i++)
        {
            var length = BoxWords(tokens, i);
            if (length == 0 || i + length >= tokens.Count || !IsValue(tokens[i + length])) continue;
            var number = tokens[i + length];
            tokens.RemoveRange(i, length + 1);
            // "Postfach 12 34 56" is one number.
            while (i < tokens.Count && tokens[i].Length is 2 or 3 && tokens[i].All(char.IsAsciiDigit) && number.All(char.IsAsciiDigit) && number.Length < 8)
            {
                number += tokens[i];
                tokens.RemoveAt(i);
            }
            return number;
        }
        return null;
    }

    static int BoxWords(List<string> tokens, int i)
    {
        var next = i + 1 < tokens.Count ? tokens[i + 1] : "";
        var after = i + 2 < tokens.Count ? tokens[i + 2] : "";
        return tokens[i] switch
        {
            "POBOX" => next is "NO" or "#" ? 2 : 1,
            "PO" or "GPO" or "POB" or "PMB" when next is "BOX" => after is "NO" or "#" ? 3 : 2,
            "P" when next is "O" && after is "BOX" => 3,
            "POST" when next is "BOX" => 2,
            "POST" when next is "OFC" && after is "BOX" => 3,
            "POB" or "GPO" or "PMB" => 1,
            "LOCKED" or "PRIVATE" or "MAIL" when next is "BAG" => 2,
            "BOX" when i == 0 => 1,
            "BP" or "CP" when next.Length > 0 && char.IsAsciiDigit(next[0]) => 1,
            "APARTADO" or "APDO" => next is "DE" or "CORREOS" ? (after is "CORREOS" ? 3 : 2) : 1,
            "CASELLA" or "CAIXA" or "CASE" when next is "POSTALE" or "POSTAL" => 2,
            _ => 0,
        };
    }

    /// <summary>Takes unit, floor and building out of the tokens: <c>4</c>, <c>FL3</c>, <c>BLDG2 FL3 4</c>.</summary>
    public static string? Take(List<string> tokens)
    {
        string? building = null, floor = null, unit = null;
        for (var i = 0; i < tokens.Count; i++)
        {
            var kind = tokens[i];
            if (!StreetWords.IsUnit(kind)) continue;
            var value = Value(tokens, ref i, kind);
            if (value is null) continue;
            if (kind is "FL") floor ??= "FL" + value;
            else if (kind is "BLDG" or "BLK" or "STAIR" or "LOT" or "HSE") building ??= kind + value;
            else unit = unit is null ? value : $"{unit} {value}";
            i--;
        }
        if (building is null && floor is null) return unit;
        return string.Join(' ', new[] { building, floor, unit }.OfType<string>());
    }

    // Takes the word and its number; i is then the place of what followed.
    static string? Value(List<string> tokens, ref int i, string kind)
    {
        var value = i + 1 < tokens.Count ? tokens[i + 1] : "";
        if (value is "NO" or "#" && i + 2 < tokens.Count && IsValue(tokens[i + 2]))
        {
            tokens.RemoveAt(i + 1);
            value = tokens[i + 1];
        }
        if (IsValue(value) && !(value.Length == 1 && char.IsLetter(value[0]) && !EndsHere(tokens, i + 2)) && !IsOrdinal(value) && !(kind == "FL" && value.Length > 3))
        {
            tokens.RemoveRange(i, 2);
            // "Unit 2/98 Smith St": the house number follows the slash.
            if (value.IndexOf('/') is > 0 and var slash && i < tokens.Count && !char.IsAsciiDigit(tokens[i][0]))
            {
                tokens.Insert(i, value[(slash + 1)..]);
                value = value[..slash];
            }
            return value.TrimStart('0') is { Length: > 0 } plain ? plain : value;
        }
        // "3rd floor", "2. OG".
        if (kind is "FL" && i > 0 && char.IsAsciiDigit(tokens[i - 1][0]) && (IsOrdinal(tokens[i - 1]) || i > 1))
        {
            value = tokens[i - 1].TrimEnd('S', 'T', 'N', 'D', 'R', 'H', 'E', 'M');
            tokens.RemoveRange(i - 1, 2);
            i--;
            return value;
        }
        if (kind is "#" or "APT" or "STE" or "UNIT" or "FL" or "RM" && (kind == "#" || EndsHere(tokens, i + 1)) && i > 0)
        {
            tokens.RemoveAt(i);
            i--;
        }
        return null;
    }

    static bool EndsHere(List<string> tokens, int i) => i >= tokens.Count || tokens[i] == "," || char.IsAsciiDigit(tokens[i][0]);

    static bool IsOrdinal(string token) => token.Length > 2 && char.IsAsciiDigit(token[^3]) && token[^2..] is "ST" or "ND" or "RD" or "TH";

    static bool IsValue(string token) =>
        token.Length is > 0 and <= 10 && (token.AsSpan().IndexOfAnyInRange('0', '9') >= 0 || (token.Length == 1 && char.IsAsciiLetterUpper(token[0])));
}
