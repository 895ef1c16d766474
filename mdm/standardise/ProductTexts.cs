namespace CdcSync.Mdm.Standardise;

/// <summary>
/// Reads what products are called: words, quantities with their unit ("16 gb", "5.5 inch", <c>5-1/2"</c>) and codes ("PS-LX350H", and with the word before: "dmc fx100").
/// </summary>
static class ProductTexts
{
    /// <summary>The value of a folded text; null when no letter or digit is in it.</summary>
    public static FieldValue? Read(string folded, FieldReading reading)
    {
        List<string> words = [], codes = [], quantities = [];
        var (last, number) = ("", "");
        var i = 0;
        while (i < folded.Length)
        {
            if (!IsPart(folded[i]))
            {
                i++;
                continue;
            }
            if ((i == 0 || !IsPart(folded[i - 1]) || folded[i - 1] is '-' or '/') && Quantity(folded, ref i, quantities) is { } quantity)
            {
                words.Add(quantity);
                (last, number) = ("", "");
                continue;
            }
            var end = i;
            while (end < folded.Length && (IsPart(folded[end]) || (IsInside(folded[end]) && end + 1 < folded.Length && IsPart(folded[end + 1])))) end++;
            Chunk(folded.AsSpan(i, end - i), words, codes, ref last);
            number = Joined(folded.AsSpan(i, end - i), number, codes);
            i = end;
        }
        if (words.Count == 0) return null;
        if (reading.Notes is not null)
        {
            if (codes.Count > 0) reading.Note($"codes {string.Join(", ", codes)}");
            if (quantities.Count > 0) reading.Note($"quantities {string.Join(", ", quantities)}");
        }
        var kept = Kept(words);
        return new FieldValue(string.Join(' ', kept), kept, new ProductText([.. codes.Distinct(StringComparer.Ordinal)], [.. quantities.Distinct(StringComparer.Ordinal)], []));
    }

    static bool IsPart(char letter) => char.IsLetterOrDigit(letter) || char.IsSurrogate(letter);

    static bool IsInside(char letter) => letter is '-' or '.' or '\'' or '_';

    static string[] Kept(List<string> words)
    {
        var kept = words.FindAll(w => !IsStop(w));
        return kept.Count > 0 ? [.. kept] : [.. words];
    }

    static bool IsStop(string word) => word is "THE" or "AND" or "WITH" or "FOR" or "OF" or "A" or "AN" or "IN" or "TO" or "BY" or "ON" or "OR" or "FROM" or "YOUR" or "W";

    // "16GB", "16 GB", "5.5-inch", 5.5", "8 port"; a number without unit is none. Moves i behind it.
    static string? Quantity(string folded, ref int i, List<string> quantities)
    {
        var length = Fractions.Length(folded.AsSpan(i), out var number);
        if (length == 0) return null;
        var at = i + length;
        if (at < folded.Length && folded[at] is ' ' or '-') at++;
        var end = at;
        while (end < folded.Length && (char.IsAsciiLetterUpper(folded[end]) || folded[end] is '"')) end++;
        if (end == at && at < folded.Length && folded[at] == '\'') end = at + (at < folded.Length - 1 && folded[at + 1] == '\'' ? 2 : 1);
        var unit = folded.AsSpan(at, end - at);
        // Where a system dropped the second stroke of the inch, the one that is left stands apart: "46 ' plasma".
        if (unit is "'") unit = at > i + length ? "IN" : "FT";
        // "fl oz", "cu ft", "sq. ft.": two words.
        if (unit is "FL" or "CU" or "SQ" && Second(folded, end, out var second, out var after) && (second is "OZ" or "OUNCE" or "OUNCES" or "FT" or "FEET"))
        {
            unit = unit is "FL" ? "FLOZ" : unit is "CU" ? "CUFT" : "SQFT";
            end = after;
        }
        if (!Units.Contains(unit) || (end < folded.Length && char.IsLetterOrDigit(folded[end]))) return null;
        if (at > i + length && folded[at - 1] == ' ' && IsWord(folded, unit, end)) return null;
        var quantity = Units.Quantity(number, unit);
        quantities.Add(quantity);
        i = end;
        return quantity;
    }

    // "3 in 1", "2 x 4", "400 cd changer": with a space between them these letters are a unit only where no word or number takes them.
    static bool IsWord(string folded, ReadOnlySpan<char> unit, int end)
    {
        var more = end < folded.Length - 1;
        return unit switch
        {
            "IN" or "M" or "G" or "W" or "V" or "L" or "LT" or "GR" or "MIN" or "PIECE" => more && char.IsAsciiDigit(folded[end + 1]),
            "X" or "CH" or "PC" or "CD" or "DVD" or "MEGA" or "DISK" => more,
            _ => false,
        };
    }

    static bool Second(string folded, int end, out ReadOnlySpan<char> word, out int after)
    {
        var start = end;
        while (start < folded.Length && folded[start] is ' ' or '.') start++;
        after = start;
        while (after < folded.Length && char.IsAsciiLetterUpper(folded[after])) after++;
        word = folded.AsSpan(start, after - start);
        return word.Length > 0;
    }

    // A run without space: parts of letters alone are words ("belt-drive"), what mixes letters and digits is one code ("PS-LX350H").
    static void Chunk(ReadOnlySpan<char> chunk, List<string> words, List<string> codes, ref string last)
    {
        Span<char> joined = stackalloc char[Math.Min(chunk.Length, 128)];
        var length = 0;
        var digits = false;
        var counts = false;
        foreach (var range in chunk.SplitAny('-', '.', '\'', '_'))
        {
            var part = chunk[range];
            if (part.IsEmpty || part.Length > 64) continue;
            // "belt-drive"; "4-cup", "2-way" count something.
            var isWord = !part.ContainsAnyInRange('0', '9') && (part.Length >= 4 || (part.Length == 3 && length is 1 or 2 && !joined[..length].ContainsAnyExceptInRange('0', '9')));
            counts |= isWord && length is 1 or 2 && !joined[..length].ContainsAnyExceptInRange('0', '9');
            if (isWord)
            {
                Flush(joined[..length], digits, words, codes, ref last);
                (length, digits) = (0, false);
                Flush(part, false, words, codes, ref last);
                continue;
            }
            if (length + part.Length > joined.Length) break;
            part.CopyTo(joined[length..]);
            length += part.Length;
            digits |= part.ContainsAnyInRange('0', '9');
        }
        Flush(joined[..length], digits, words, codes, ref last);
        // "4046-trpautoc" is 4046TRPAUTOC elsewhere.
        if (!counts && chunk.Length is > 4 and <= 24 && chunk.ContainsAnyInRange('0', '9') && string.Concat(chunk.ToString().Where(char.IsLetterOrDigit)) is var whole && whole.Length < chunk.Length && IsCode(whole) && !IsStandard(whole)) codes.Add(whole);
    }

    // "9UEA 01700", "01010823 01": a number that goes on behind the space. The number so far.
    static string Joined(ReadOnlySpan<char> chunk, string before, List<string> codes)
    {
        if (!chunk.ContainsAnyInRange('0', '9') || chunk.Length > 16) return "";
        var bare = string.Concat(chunk.ToString().Where(char.IsLetterOrDigit));
        if (before.Length >= 3 && before.Length + bare.Length is >= 7 and <= 20) codes.Add(before + bare);
        return bare;
    }

    static bool IsCode(ReadOnlySpan<char> word) => word.Length >= 5 || (word.Length == 4 && word.ContainsAnyExceptInRange('0', '9'));

    // Norms and formats that hundreds of products share.
    static bool IsStandard(ReadOnlySpan<char> word) =>
        word is "1080P" or "1080I" or "720P" or "480P" or "480I" or "2160P" or "80211" or "80211A" or "80211B" or "80211G" or "80211N" or "80211BG" or "80211ABG" or "80211AC" or "MPEG2" or "MPEG4" or "H264" or "CAT5E" or "RJ45"
            or "PS2" or "PS3" or "PS4" or "USB2" or "USB3" or "DDR2" or "DDR3" or "DDR4" or "SATA2" or "SATA3" or "XBOX360" or "MP3" or "MP4" or "10BASET" or "100BASET" or "100BASETX" or "1000BASET" or "10100BASET" or "10100"
            or "101001000" or "100BASE" or "RS232" or "IEEE1394" or "24BIT" or "16BIT" or "32BIT" or "64BIT" or "HDV" or "51CH" or "71CH"
        || IsMeasure(word) || (word.Length == 4 && word is ['1', '9', ..] or ['2', '0', ..] && !word.ContainsAnyExceptInRange('0', '9'));

    // "18-55mm": a range with a unit.
    static bool IsMeasure(ReadOnlySpan<char> word) =>
        word.IndexOfAnyExceptInRange('0', '9') is > 0 and var letters && word.Length - letters >= 2 && Units.Contains(word[letters..]);

    static void Flush(ReadOnlySpan<char> word, bool digits, List<string> words, List<string> codes, ref string last)
    {
        if (word.IsEmpty) return;
        var text = new string(word);
        words.Add(text);
        if (digits && IsCode(word) && !IsStandard(word)) codes.Add(text);
        // "dmc fx100", "sbv 40s", "ps 500": the maker's letters stand apart.
        if (digits && last.Length is >= 1 and <= 4 && (last.Length <= 3 || word.Length <= 4) && (word.Length >= 3 || word.ContainsAnyExceptInRange('0', '9')) && word.Length + last.Length is >= 5 and <= 20 && !IsStop(last) && !IsStandard(word)) codes.Add(last + text);
        last = digits ? "" : text;
    }
}
