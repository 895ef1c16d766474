using System.Text;

namespace CdcSync.Capture.Mapping;

/// <summary>
/// Finds <c>OPERAND = any(@keys)</c> in a query, outside quotes and comments, and puts something else there: a filter for a keyed read, <c>true</c> for a full one. So one text
/// serves changes, snapshot and reconciliation.
/// </summary>
static class KeyFilter
{
    /// <summary>Whether the query has the filter.</summary>
    public static bool IsIn(string query) => Find(query).Count > 0;

    /// <summary>The query with every filter replaced by what <paramref name="filter"/> makes of its operand.</summary>
    public static string Replace(string query, Func<string, string> filter)
    {
        var text = new StringBuilder();
        var from = 0;
        foreach (var (start, end, operand) in Find(query))
        {
            text.Append(query, from, start - from).Append(filter(operand));
            from = end;
        }
        return text.Append(query, from, query.Length - from).ToString();
    }

    /// <summary>The columns of an operand: one, or those of a row in parentheses.</summary>
    public static IReadOnlyList<string> Columns(string operand) =>
        operand.StartsWith('(') ? operand[1..^1].Split(',', StringSplitOptions.TrimEntries) : [operand];

    static List<(int Start, int End, string Operand)> Find(string query)
    {
        var code = Code(query);
        var found = new List<(int, int, string)>();
        for (var at = code.IndexOf("@keys", StringComparison.Ordinal); at >= 0; at = code.IndexOf("@keys", at + 1, StringComparison.Ordinal))
        {
            var open = Back(code, at - 1);
            if (open < 0 || code[open] != '(') continue;
            var any = Back(code, open - 1);
            if (any < 2 || !code[(any - 2)..(any + 1)].Equals("any", StringComparison.OrdinalIgnoreCase)) continue;
            var equals = Back(code, any - 3);
            var close = Forward(code, at + "@keys".Length);
            if (equals < 1 || code[equals] != '=' || close >= code.Length || code[close] != ')') continue;
            var last = Back(code, equals - 1);
            var first = Operand(code, last);
            if (first <= last) found.Add((first, close + 1, query[first..(last + 1)]));
        }
        return found;
    }

    static int Back(string code, int at)
    {
        while (at >= 0 && char.IsWhiteSpace(code[at])) at--;
        return at;
    }

    static int Forward(string code, int at)
    {
        while (at < code.Length && char.IsWhiteSpace(code[at])) at++;
        return at;
    }

    // Where the operand that ends here begins: a parenthesised row or a qualified, perhaps cast, column.
    static int Operand(string code, int last)
    {
        var at = last;
        if (at >= 0 && code[at] == ')')
        {
            for (var depth = 0; at >= 0; at--)
            {
                if (code[at] == ')') depth++;
                if (code[at] == '(' && --depth == 0) return at;
            }
            return 0;
        }
        while (at >= 0 && (char.IsLetterOrDigit(code[at]) || code[at] is '_' or '.' or '"' or '$' or ':')) at--;
        return at + 1;
    }

    // The query with strings and comments blanked out (quoted identifiers stay), at the same places.
    static string Code(string query)
    {
        var code = query.ToCharArray();
        for (var i = 0; i < code.Length; i++)
        {
            var end = query[i] switch
            {
                '\'' => query.IndexOf('\'', i + 1),
                '-' when Next(query, i) == '-' => query.IndexOf('\n', i),
                '/' when Next(query, i) == '*' => query.IndexOf("*/", i + 2, StringComparison.Ordinal) is var close and >= 0 ? close + 1 : -1,
                '$' when Dollar(query, i) is { } tag => query.IndexOf(tag, i + tag.Length, StringComparison.Ordinal) is var close and >= 0 ? close + tag.Length - 1 : -1,
                _ => i - 1,
            };
            if (end == i - 1) continue;
            if (end < 0) end = code.Length - 1;
            for (; i <= end; i++) code[i] = ' ';
            i--;
        }
        return new string(code);
    }

    static char Next(string query, int at) => at + 1 < query.Length ? query[at + 1] : '\0';

    static string? Dollar(string query, int at)
    {
        var end = at + 1;
        while (end < query.Length && (char.IsLetter(query[end]) || query[end] == '_')) end++;
        return end < query.Length && query[end] == '$' ? query[at..(end + 1)] : null;
    }
}
