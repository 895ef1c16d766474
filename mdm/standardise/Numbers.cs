using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>Reads numbers as people and systems write them: currency signs, thousands marks, both decimal styles.</summary>
static class Numbers
{
    /// <summary>The number in a folded text; null when it holds none or more than one.</summary>
    public static double? Read(string folded)
    {
        var start = folded.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0) return null;
        var end = start;
        while (end < folded.Length && (char.IsAsciiDigit(folded[end]) || IsMark(folded, end))) end++;
        var exponent = Exponent(folded, end);
        if (folded.AsSpan(end + exponent).ContainsAnyInRange('0', '9')) return null;
        var sign = folded.AsSpan(0, start).Contains('-') || (folded[0] == '(' && folded[^1] == ')') || folded[^1] == '-' ? -1 : 1;
        if (start > 0 && folded[start - 1] == '.') start--;
        var plain = Plain(folded[start..end]) + folded[end..(end + exponent)];
        return double.TryParse(plain, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number * sign : null;
    }

    // Between digits only.
    static bool IsMark(string folded, int at) =>
        folded[at] is '.' or ',' or '\'' or ' ' && at + 1 < folded.Length && char.IsAsciiDigit(folded[at + 1]) && (folded[at] != ' ' || (at + 3 < folded.Length && char.IsAsciiDigit(folded[at + 3])));

    static int Exponent(string folded, int at)
    {
        if (at + 1 >= folded.Length || folded[at] != 'E') return 0;
        var digits = at + (folded[at + 1] is '+' or '-' ? 2 : 1);
        var end = digits;
        while (end < folded.Length && char.IsAsciiDigit(folded[end])) end++;
        return end > digits ? end - at : 0;
    }

    // The last mark is the decimal one, unless it stands more than once (1,234,567) or is one comma before three digits (1,234).
    static string Plain(string marked)
    {
        var last = marked.AsSpan().LastIndexOfAny('.', ',');
        if (last < 0) return string.Concat(marked.Where(char.IsAsciiDigit));
        var mark = marked[last];
        var repeated = marked.AsSpan(0, last).Contains(mark);
        if (repeated || (mark == ',' && marked.Length - last == 4 && !marked.Contains('.'))) return string.Concat(marked.Where(char.IsAsciiDigit));
        return $"{string.Concat(marked[..last].Where(char.IsAsciiDigit))}.{marked[(last + 1)..]}";
    }
}
