using System.Text;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Suggest;

/// <summary>A proposal as a rule file for people to read and edit: YAML, with a reason beside each line.</summary>
public static class RuleText
{
    const int Column = 72;

    /// <summary>The whole file.</summary>
    public static string Of(RuleProposal proposal)
    {
        var (rules, text) = (proposal.Rules, new StringBuilder());
        text.Append("# Proposed by `cdcsync mdm suggest` from the columns' names and values. Read it, edit it, keep it: `cdcsync mdm match --rules THIS_FILE`.\n");
        Line(text, $"object: {Scalar(rules.Object)}", "what the records are of: customer, item, location, or a word of your own");
        if (rules.Id is { } id) Line(text, $"id: {Scalar(id)}", "the record's id in its source");
        if (rules.Source is { } source) Line(text, $"source: {Scalar(source)}", "which system the record is from");
        Fields(text, proposal.Fields);
        text.Append("\n# Records are compared when they share one of these; a value that more than `largest_block` records share is not used by itself.\nblocking:\n");
        foreach (var (key, why) in proposal.Keys) Line(text, $"  - {key}", why);
        Line(text, $"largest_block: {rules.LargestBlock}", "");
        text.Append('\n');
        Line(text, $"same: {Names(rules.Same)}", "equal values that decide alone: none, for numbers are shared and mistyped");
        Line(text, $"differ: {Names(rules.Differ)}", "different values that forbid a merge");
        Line(text, $"one_to_one: {(rules.OneToOne ? "true" : "false")}", "true where each source holds each thing once");
        Line(text, $"merge: {rules.Merge}", "the probability from which records are merged without asking");
        Line(text, $"review: {rules.Review}", "the probability from which a person is asked");
        if (proposal.LeftOut.Count > 0) text.Append("\n# Not read:\n");
        foreach (var (column, why) in proposal.LeftOut) text.Append($"#   {Flat(column)}: {why}\n");
        return text.ToString();
    }

    static void Fields(StringBuilder text, IReadOnlyList<PlannedField> fields)
    {
        text.Append("\nfields:\n");
        foreach (var (name, rule, why) in fields)
        {
            var settings = new List<string> { $"kind: {rule.Kind}", rule.From.Count == 1 ? $"from: {Scalar(rule.From[0])}" : $"from: {Names(rule.From)}" };
            if (rule.Each) settings.Add("each: true");
            if (rule.Also.Count > 0) settings.Add($"also: {Names(rule.Also)}");
            if (rule.Part is { } part) settings.Add($"part: {part}");
            if (rule.Country is { } country) settings.Add($"country: {country}");
            if (rule.Compare is { } compare) settings.Add($"compare: {compare}");
            if (rule.Frequency is { } frequency) settings.Add($"frequency: {(frequency ? "true" : "false")}");
            Line(text, $"  {name}: {{ {string.Join(", ", settings)} }}", why);
        }
    }

    static void Line(StringBuilder text, string line, string why) => text.Append(why.Length == 0 ? line : $"{line.PadRight(Column)}  # {Flat(why)}").Append('\n');

    static string Names(IReadOnlyList<string> names) => $"[{string.Join(", ", names.Select(Scalar))}]";

    static string Flat(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    // Quoted unless it is plainly a word: a column may be called no, 1e3, or {x}.
    static string Scalar(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n")
            ? text
            : $"\"{string.Concat(text.Select(c => c is '"' or '\\' ? $"\\{c}" : char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}"))}\"";
}
