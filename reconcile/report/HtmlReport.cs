using System.Net;
using System.Reflection;

namespace CdcSync.Reconcile.Reporting;

/// <summary>The report a controller reads in the morning: one file, nothing loaded from elsewhere, prints well.</summary>
sealed class HtmlReport(ReconcileRun run)
{
    public async Task WriteAsync(TextWriter page, CancellationToken stop)
    {
        await page.WriteAsync($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(run.Name)}: {Verdict()}</title>
            <style>{Resource("report.css")}</style></head><body>
            <header class="{ReportJson.Word(run.Outcome)}">
            <p class="path">{Text(run.Object)} &middot; {Text(run.Source)} &rarr; {Text(run.Target)}</p>
            <h1>{Text(run.Name)}</h1>
            <p class="verdict">{Verdict()}</p>
            <p class="when">{Time(run.StartedAt)} UTC, {Duration()} &middot; run {run.Id}</p>
            </header><main>

            """);
        if (run.Message is { } message) await page.WriteAsync($"<p class=\"message\">{Text(message)}</p>\n");
        if (run.Outcome != ReconcileOutcome.CouldNotCompare || run.SourceRecords > 0) await SummaryAsync(page);
        if (run.Differences.Count > 0)
        {
            await CausesAsync(page);
            await DifferencesAsync(page, stop);
        }
        await page.WriteAsync($"</main><footer>CdcSync reconciliation &middot; the same in CSV and JSON beside this file</footer><script>{Resource("report.js")}</script></body></html>\n");
    }

    async Task SummaryAsync(TextWriter page)
    {
        (string Label, long Count, string Hint)[] cards =
        [
            ("at the source", run.SourceRecords, $"records of {run.Source}"),
            ("at the target", run.TargetRecords, $"records of {run.Target}"),
            ("equal", run.Equal, "in all compared fields"),
            ("within tolerance", run.WithinTolerance, "differ by no more than allowed"),
            ("settled", run.Settled, "were on their way and agreed when read again"),
            ("in motion", run.Moving, "changed with every reading: not counted"),
            ("repaired", run.Differences.Count(d => d.Repaired), "sent, read again, and equal"),
            ("differences left", run.Left, run.Unexamined > 0 ? $"{run.Unexamined:N0} of them above the limit, not examined" : "each listed below"),
        ];
        await page.WriteAsync("<section class=\"cards\">");
        foreach (var (label, count, hint) in cards)
            await page.WriteAsync($"<div class=\"card{(label == "differences left" && count > 0 ? " bad" : "")}\"><b>{count:N0}</b><span>{label}</span><small>{Text(hint)}</small></div>");
        await page.WriteAsync("</section>\n");
    }

    async Task CausesAsync(TextWriter page)
    {
        await page.WriteAsync("<section><h2>By cause</h2><table class=\"causes\"><thead><tr><th>Cause</th><th class=\"n\">Missing</th><th class=\"n\">Changed</th><th class=\"n\">Extra</th><th class=\"n\">Repaired</th><th class=\"n\">Left</th><th>What it means</th></tr></thead><tbody>\n");
        foreach (var cause in run.Differences.GroupBy(d => d.Cause).OrderByDescending(g => g.Count()))
        {
            int Of(DifferenceKind kind) => cause.Count(d => d.Kind == kind);
            await page.WriteAsync($"<tr><td><span class=\"tag {ReportJson.Word(cause.Key)}\">{Words(cause.Key)}</span></td>");
            foreach (var count in (int[])[Of(DifferenceKind.MissingAtTarget), Of(DifferenceKind.Changed), Of(DifferenceKind.ExtraAtTarget), cause.Count(d => d.Repaired), cause.Count(d => !d.Repaired)])
                await page.WriteAsync($"<td class=\"n\">{(count == 0 ? "&ndash;" : count.ToString("N0"))}</td>");
            await page.WriteAsync($"<td>{Meaning(cause.Key)}</td></tr>\n");
        }
        await page.WriteAsync("</tbody></table></section>\n");
    }

    async Task DifferencesAsync(TextWriter page, CancellationToken stop)
    {
        await page.WriteAsync($"""
            <section><h2>Differences</h2><table class="differences" data-sortable><thead><tr><th>Key</th><th>What</th><th>Cause</th>
            <th><dl><div><dt>Field</dt><dd>{Text(run.Source)}</dd><dd>{Text(run.Target)}</dd></div></dl></th><th>Repair</th></tr></thead><tbody>

            """);
        foreach (var difference in run.Differences)
        {
            stop.ThrowIfCancellationRequested();
            await page.WriteAsync($"<tr><td class=\"key\">{Text(difference.Key)}{(difference.Origin is { } o ? $"<small>{Text(o.ToString())}</small>" : "")}</td><td>{Words(difference.Kind)}</td>");
            await page.WriteAsync($"<td><span class=\"tag {ReportJson.Word(difference.Cause)}\">{Words(difference.Cause)}</span>{(difference.Reason is { } r ? $"<small>{Text(r)}</small>" : "")}</td><td><dl>");
            foreach (var field in difference.Fields)
                await page.WriteAsync($"<div><dt>{Text(field.Field)}</dt><dd class=\"s\">{Value(field.Source)}</dd><dd class=\"t\">{Value(field.Target)}</dd></div>");
            await page.WriteAsync($"</dl></td><td class=\"{(difference.Repaired ? "done" : "")}\">{Text(difference.Repair ?? "")}</td></tr>\n");
        }
        await page.WriteAsync("</tbody></table></section>\n");
    }

    string Verdict() => run.Outcome switch
    {
        ReconcileOutcome.Agree => run.Differences.Count == 0 ? "Both sides agree" : $"Both sides agree after {run.Differences.Count:N0} repairs",
        ReconcileOutcome.Differences => run.Left == 1 ? "1 difference" : $"{run.Left:N0} differences",
        _ => "Could not compare",
    };

    string Duration() => (run.FinishedAt - run.StartedAt) is var took && took.TotalMinutes >= 1 ? $"{took.TotalMinutes:0.#} min" : $"{took.TotalSeconds:0.#} s";

    static string Meaning(DifferenceCause cause) => cause switch
    {
        DifferenceCause.NeverCaptured => "The source's state never came into the log: changed while nothing captured, or by a way that leaves no trace. Run a snapshot of the table",
        DifferenceCause.Waiting => "A newer record is in the log and was not delivered yet. See whether the sink runs and its target answers",
        DifferenceCause.DeadLettered => "The target refused it for good. See the dead letters",
        DifferenceCause.ChangedAtTarget => "The target confirmed it and holds something else now: somebody changed it there",
        _ => "The target takes it and shows something else: length, rounding or a rule of its own. Change the mapping, or say a tolerance",
    };

    static string Words<T>(T value) where T : struct, Enum => ReportJson.Word(value).Replace('_', ' ');
    static string Value(string? value) => value is null ? "<i>absent</i>" : value.Length == 0 ? "<i>empty</i>" : Text(value);
    static string Text(string text) => WebUtility.HtmlEncode(text);
    static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss");

    static string Resource(string name)
    {
        var assembly = Assembly.GetExecutingAssembly();
        using var text = new StreamReader(assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single(n => n.EndsWith(name, StringComparison.Ordinal)))!);
        return text.ReadToEnd();
    }
}
