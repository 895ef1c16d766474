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
    public static string FromPattern(string pattern)
    {
        var simple = pattern.Replace("\\.", "\u0001", StringComparison.Ordinal).Replace(".*", "*", StringComparison.Ordinal);
        if (simple.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '*' or '\u0001' or '.') && simple.Count(c => c is '\u0001' or '.') == 1)
            return simple.Replace('\u0001', '.');
        return "~" + pattern;
    }
}
