using System.Text.RegularExpressions;
using CdcSync.Capture.Debezium;

namespace CdcSync.Capture.Postgres;

/// <summary>How settings name tables: <c>schema.table</c> with <c>*</c>, or, behind <c>~</c>, a regular expression for the whole name.</summary>
static class TableName
{
    public static bool Matches(string given, string table) => given.StartsWith('~')
        ? Patterns.Whole(given[1..], table, RegexOptions.IgnoreCase)
        : Regex.IsMatch(table, $"^{Regex.Escape(given).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>A regular expression, as simply as it can be said.</summary>
    /// <param name="pattern">The regular expression.</param>
    /// <param name="anyCase">Names with <c>*</c> match upper and lower case alike, as regular expressions do.</param>
    public static string FromPattern(string pattern, bool anyCase = false)
    {
        var simple = pattern.Replace("\\.", "\u0001", StringComparison.Ordinal).Replace(".*", "*", StringComparison.Ordinal);
        if (simple.All(c => (anyCase ? char.IsAsciiLetter(c) : char.IsAsciiLetterLower(c)) || char.IsAsciiDigit(c) || c is '_' or '*' or '\u0001' or '.') && simple.Count(c => c is '\u0001' or '.') == 1)
            return simple.Replace('\u0001', '.');
        return "~" + pattern;
    }
}
