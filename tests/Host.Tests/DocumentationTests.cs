using System.CommandLine;
using System.Text.RegularExpressions;
using CdcSync.Contract.Canonical;
using CdcSync.Host.Cli;
using CdcSync.Host.Settings;
using CdcSync.Mdm;
using CdcSync.Mdm.Survivorship;
using CdcSync.Reconcile;
using CdcSync.Servers;

namespace CdcSync.Host.Tests;

/// <summary>What the guides show can be pasted: settings load, commands are there, files exist.</summary>
public sealed partial class DocumentationTests
{
    static readonly string[] Guides = [.. Directory.GetFiles(Path.Combine(Needs.Root, "docs"), "*.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Needs.Root, "deploy"), "*.md", SearchOption.AllDirectories).Where(f => !f.Contains("/bin/", StringComparison.Ordinal)), Path.Combine(Needs.Root, "README.md")];

    public static TheoryData<string, string> Snippets => [.. Guides.SelectMany(g => Fence().Matches(File.ReadAllText(g))
        .SelectMany((m, i) => Alternatives(m.Groups["text"].Value).Select((t, n) => ($"{Path.GetRelativePath(Needs.Root, g)} #{i + 1}.{n + 1}", t))))];

    public static TheoryData<string, string> Commands => [.. Guides.SelectMany(g => Command().Matches(File.ReadAllText(g)).Select(m => (Path.GetRelativePath(Needs.Root, g), m.Groups["words"].Value.Trim())))
        .Where(c => !c.Item2.Contains('[', StringComparison.Ordinal) && c.Item2.Length > 0).Distinct()];

    [Theory, MemberData(nameof(Snippets))]
    public void Settings_shown_in_a_guide_load(string place, string snippet)
    {
        foreach (var name in Variable().Matches(snippet).Select(m => m.Groups["name"].Value)) Environment.SetEnvironmentVariable(name, $"Host=127.0.0.1;Database={name}");
        var settings = ApplianceLoader.Parse(place, Whole(snippet));
        Assert.NotEmpty(settings.Store);
    }

    [Theory, MemberData(nameof(Commands))]
    public void A_command_shown_in_a_guide_is_one(string place, string words)
    {
        var parsed = CommandLine.Create().Parse(Placeholder().Replace(words, "1"));
        // A command alone is a name of it, not a call.
        Assert.True(parsed.Errors.Count == 0 || parsed.CommandResult.Tokens.Count == 0 && parsed.UnmatchedTokens.Count == 0 && Array.TrueForAll(words.Split(' '), w => !w.StartsWith('-')) && parsed.CommandResult.Command.Name == words.Split(' ')[^1], $"{place}: cdcsync {words}: {string.Join("; ", parsed.Errors.Select(e => e.Message))}");
    }

    [Fact]
    public void Every_command_stands_in_the_guide_of_the_command_line()
    {
        var guide = File.ReadAllText(Path.Combine(Needs.Root, "docs/command-line.md"));
        foreach (var command in CommandLine.Create().Subcommands.SelectMany(c => c.Subcommands.Count > 0 ? c.Subcommands.Select(s => $"{c.Name} {s.Name}") : [c.Name]))
            Assert.True(guide.Contains($"`{command}", StringComparison.Ordinal) || guide.Contains($"`{command.Split(' ')[^1]} ", StringComparison.Ordinal), $"docs/command-line.md says nothing of '{command}'");
    }

    [Fact]
    public void The_settings_of_a_comparison_are_all_described()
    {
        var guide = File.ReadAllText(Path.Combine(Needs.Root, "docs/reconciliation.md"));
        Assert.Equal(NamesOf(typeof(ReconcileSettings)), FirstColumn(guide, "| setting |"));
    }

    [Fact]
    public void The_settings_of_golden_records_are_all_shown()
    {
        var guide = File.ReadAllText(Path.Combine(Needs.Root, "docs/golden-records.md"));
        Assert.All(NamesOf(typeof(MdmSettings)), name => Assert.Contains($"  {name}: ", guide, StringComparison.Ordinal));
    }

    [Fact]
    public void The_settings_and_rules_of_survivorship_are_all_described()
    {
        var guide = File.ReadAllText(Path.Combine(Needs.Root, "docs/survivorship.md"));
        Assert.Equal(NamesOf(typeof(SurvivorshipSettings)).Concat(NamesOf(typeof(GroupSurvivorship))).Order(StringComparer.Ordinal), FirstColumn(guide, "| setting |"));
        Assert.Equal(SurvivalRules.All.Select(r => r.Name), FirstColumn(guide, "| rule |"));
    }

    static IEnumerable<string> FirstColumn(string guide, string head)
    {
        var table = guide[guide.IndexOf(head, StringComparison.Ordinal)..];
        return table[..table.IndexOf("\n\n", StringComparison.Ordinal)].Split('\n').Skip(2).SelectMany(l => Quoted().Matches(l.Split('|')[1]).Select(m => m.Groups["word"].Value)).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Links_lead_somewhere()
    {
        foreach (var guide in Guides)
            foreach (var link in Link().Matches(File.ReadAllText(guide)).Select(m => m.Groups["to"].Value))
                Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(guide)!, link)), $"{guide} refers to {link}");
    }

    static IEnumerable<string> NamesOf(Type settings) =>
        settings.GetProperties().Where(p => p.SetMethod is not null).Select(p => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name)).Order(StringComparer.Ordinal);

    // Two lines that begin with the same key are a choice: each is a snippet.
    static string[] Alternatives(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 1 && lines.Select(l => l.Split(':')[0]).Distinct().Count() == 1 ? lines : [text];
    }

    // A snippet shows a part: the rest is made up so that the whole can be judged.
    static string Whole(string snippet)
    {
        snippet = snippet.Replace("[ ... ]", "[]", StringComparison.Ordinal).Replace("target: { ... }", $"target: {HttpTarget}", StringComparison.Ordinal);
        var indent = snippet.Split('\n').Where(l => l.Trim().Length > 0).Min(l => l.Length - l.TrimStart().Length);
        snippet = string.Join('\n', snippet.Split('\n').Select(l => l.Length > indent ? l[indent..] : l.Trim()));
        if (snippet.StartsWith("- object:", StringComparison.Ordinal)) snippet = $"canonical:\n{snippet}";
        else if (snippet.StartsWith("- name:", StringComparison.Ordinal)) snippet = $"sinks:\n{snippet}";
        else if (snippet.StartsWith("target:", StringComparison.Ordinal)) snippet = $"sinks:\n  - name: shop\n    kind: http\n    objects: {{ item: canonical, inventory: canonical, price: canonical, invoice: canonical }}\n{Indented(snippet, 4)}";
        var (has, parts) = (TopKey().Matches(snippet).Select(m => m.Groups["key"].Value).ToHashSet(), new List<string> { snippet });
        if (!has.Contains("store")) parts.Add("store: Host=127.0.0.1;Database=s");
        if (snippet.Contains("sources: []", StringComparison.Ordinal)) return string.Join('\n', parts).Replace("mdm: { sources: [erp, wms] }", "mdm: {}", StringComparison.Ordinal);
        var source = has.Contains("sources") ? Named().Match(snippet).Groups["name"].Value : "erp";
        if (!has.Contains("sources")) parts.Add("sources:\n  - { name: erp, kind: postgres, connection: Host=h }\n  - { name: wms, kind: postgres, connection: Host=h }");
        if (!has.Contains("canonical"))
            parts.Add("canonical:\n" + string.Join('\n', CanonicalCatalog.All.Select(k => $"  - {{ object: {k.Name}, source: {source}, key: t.id, query: \"select id from t where id = any(@keys)\" }}")));
        if (!has.Contains("mdm")) parts.Add(has.Contains("sources") ? $"mdm: {{ sources: [{source}] }}" : "mdm: { sources: [erp, wms] }");
        if (has.Contains("reconcile") && !has.Contains("sinks")) parts.Add("sinks:\n  - { name: shop, kind: tables, objects: { inventory: canonical }, target: { connection: Host=h } }");
        return string.Join('\n', parts);
    }

    const string HttpTarget = "{ url: \"http://h\", objects: { item: { key: number, upsert: { path: /i } }, inventory: { key: item_id, upsert: { path: /s } }, price: { key: item_id, upsert: { path: /p } } } }";

    static string Indented(string text, int by) => string.Join('\n', text.Split('\n').Select(l => new string(' ', by) + l));

    [GeneratedRegex(@"```yaml\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?m)(?:^|`|dev )cdcsync (?<words>[a-z][^`\n|]*?)(?:`|  | >|$|, | and )", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Command();

    [GeneratedRegex(@"\b(?:N|B|S)\b", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"(?m)^(?<key>[a-z]+):", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TopKey();

    [GeneratedRegex(@"\$\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\bname: (?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();

    [GeneratedRegex(@"`(?<word>[a-z_]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\]\((?<to>[^)#:]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
