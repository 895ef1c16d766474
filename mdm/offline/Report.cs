using System.Globalization;
using System.Net;
using System.Reflection;

namespace CdcSync.Mdm.Offline;

/// <summary>What a matching found, for people: one HTML file, nothing loaded from elsewhere, prints well.</summary>
public sealed class MatchReport(MatchOutcome outcome)
{
    readonly MatchResult _result = outcome.Result;

    /// <summary>Writes it.</summary>
    public async Task WriteAsync(TextWriter page, CancellationToken stop)
    {
        await page.WriteAsync($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Matching of {Text(Names())}</title>
            <style>{Resource("report.css")}</style></head><body>
            <header><p class="path">{Text(Names())}</p><h1>{Number(_result.Records.Count)} records, {Number(Clusters().Count)} things</h1>
            <p>{Number(_result.Candidates.Pairs.LongLength)} pairs compared in {outcome.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s</p></header><main>

            """);
        await page.WriteAsync(Cards());
        await page.WriteAsync(Warnings());
        await page.WriteAsync(Files());
        await page.WriteAsync(Sizes());
        await page.WriteAsync(new ReportScores(_result).Chart());
        await page.WriteAsync(new ReportWeights(_result).Table());
        await page.WriteAsync(Blocking());
        await new ReportPairs(outcome).WriteAsync(page, stop);
        await page.WriteAsync("</main><footer>CdcSync matching. This page shows values of the records: keep it as you keep them.</footer></body></html>\n");
    }

    string Names() => string.Join(", ", outcome.Tables.Select(t => t.Name));

    List<int> Clusters() => [.. _result.Clusters.CountBy(c => c).Select(c => c.Value)];

    string Cards()
    {
        var sizes = Clusters();
        var cards = new List<(string Label, string Value, string Hint)>
        {
            ("things", Number(sizes.Count), "clusters, single records included"),
            ("duplicates", Number(sizes.Sum(s => s - 1)), "records that another of the same thing precedes"),
            ("for a person", Number(outcome.Queue), "pairs that are doubtful, or that others speak against"),
        };
        if (outcome.Measures is { } measures)
            cards.AddRange(
            [
                ("precision", Share(measures.Precision), "of the pairs in clusters, right"),
                ("recall", Share(measures.Recall), "of the right pairs, in clusters"),
                ("F1", Share(measures.F1), "of the two"),
                ("merged unasked", Share(measures.AutoPrecision), "of the pairs above the merge threshold, right"),
                ("blocking recall", Share(measures.BlockingRecall), "of the right pairs, compared at all"),
            ]);
        return $"<section class=\"cards\">{string.Concat(cards.Select(c => $"<div class=\"card\"><b>{c.Value}</b><span>{c.Label}</span><small>{c.Hint}</small></div>"))}</section>\n";
    }

    string Warnings()
    {
        var warnings = outcome.Notes.ToList();
        if (_result.Valley.Warning("Decide some pairs and give them with --labels, or add fields that tell more") is { } doubt) warnings.Add(doubt);
        warnings.AddRange(_result.Candidates.Counts.Where(c => c.Pairs == 0).Select(c => $"The blocking key '{c.Key}' brings no two records together: leave it out, or see whether its fields are read"));
        if (Clusters() is var sizes && sizes.Max() is var largest && largest > 50 && largest > sizes.Count / 100) warnings.Add($"The largest cluster has {largest:N0} records: see whether a value is shared that says nothing, such as a head office's phone number");
        return warnings.Count == 0 ? "" : $"<section class=\"message\">{string.Concat(warnings.Select(w => $"<p>{Text(w)}</p>"))}</section>\n";
    }

    string Files() => "<section><h2>What was read</h2><table><thead><tr><th>File</th><th class=\"n\">Records</th><th>Fields, from their columns</th></tr></thead><tbody>"
        + string.Concat(outcome.Tables.Select(t => $"<tr><td>{Text(t.Name)}</td><td class=\"n\">{Number(t.Rows)}</td><td>{string.Join(", ", outcome.Rules.Fields.Where(f => f.Value.From.Any(t.Has)).Select(f => $"<b>{Text(f.Key)}</b> <i>{Text(f.Value.Kind)}</i> {Text(string.Join(" + ", f.Value.From.Where(t.Has)))}"))}</td></tr>"))
        + "</tbody></table></section>\n";

    string Sizes()
    {
        var sizes = Clusters().CountBy(s => s).OrderBy(s => s.Key).ToList();
        var shown = sizes.Take(12).Select(s => (Label: $"{s.Key}", Count: s.Value)).ToList();
        if (sizes.Count > 12) shown.Add(($"{sizes[12].Key} to {sizes[^1].Key}", sizes.Skip(12).Sum(s => s.Value)));
        var most = shown.Max(s => s.Count);
        return "<section><h2>Clusters by size</h2><table class=\"bars\"><tbody>"
            + string.Concat(shown.Select(s => $"<tr><th>{s.Label} record{(s.Label == "1" ? "" : "s")}</th><td><i style=\"width:{Percent((double)s.Count / most)}\"></i></td><td class=\"n\">{Number(s.Count)}</td></tr>"))
            + "</tbody></table></section>\n";
    }

    string Blocking() => "<section><h2>Blocking: which records were compared</h2><p>Records are compared when they share a value of one of these keys. Pairs of several keys are counted at each.</p>"
        + Recall()
        + "<table><thead><tr><th>Key</th><th class=\"n\">Records with it</th><th class=\"n\">Shared values</th><th class=\"n\">Pairs</th><th class=\"n\">Too common</th><th class=\"n\">Largest</th><th class=\"n\">Of equal pairs</th><th class=\"n\">Alone</th></tr></thead><tbody>"
        + string.Concat(_result.Candidates.Counts.Select(c => $"<tr><td><code>{Text(c.Key)}</code></td><td class=\"n\">{Number(c.Records)}</td><td class=\"n\">{Number(c.Blocks)}</td><td class=\"n\">{Number(c.Pairs)}</td><td class=\"n\">{Number(c.TooCommon)}</td><td class=\"n\">{Number(c.Largest)}</td>{Yield(c.Key)}</tr>"))
        + "</tbody></table></section>\n";

    string Recall() => outcome.Recall switch
    {
        null => "",
        { Share: { } share } known => $"<p>Estimated from the keys that equal records share: {Percent(share)} of the pairs of equal records share a key ({Percent(known.Low!.Value)} to {Percent(known.High!.Value)}); some {Number((long)known.Unseen!.Value)} pairs share none.</p>",
        { Why: { } why } => $"<p>How many equal records share no key cannot be estimated: {Text(why)}.</p>",
        _ => "",
    };

    string Yield(string key) => outcome.Recall?.Keys.FirstOrDefault(k => k.Key == key) is { } yield ? $"<td class=\"n\">{Percent(yield.Share)}</td><td class=\"n\">{Percent(yield.Alone)}</td>" : "<td></td><td></td>";

    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    internal static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Bits(double bits) => bits.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    internal static string Percent(double share) => $"{(share * 100).ToString("0.##", CultureInfo.InvariantCulture)}%";

    static string Share(double share) => share.ToString("0.0000", CultureInfo.InvariantCulture);

    static string Resource(string name)
    {
        var assembly = Assembly.GetExecutingAssembly();
        using var text = new StreamReader(assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single(n => n.EndsWith($"offline.{name}", StringComparison.Ordinal)))!);
        return text.ReadToEnd();
    }
}
