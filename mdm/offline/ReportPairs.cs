using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Offline;

/// <summary>The most doubtful pairs, each with what every field says for and against.</summary>
sealed class ReportPairs(MatchOutcome outcome)
{
    const int Most = 50;

    readonly MatchResult _result = outcome.Result;

    public async Task WriteAsync(TextWriter page, CancellationToken stop)
    {
        var doubtful = _result.Pairs.Concat(_result.Bridges).DistinctBy(p => (p.One, p.Other)).Where(p => p.Bits < _result.MergeBits || _result.Clusters[p.One] != _result.Clusters[p.Other])
            .OrderBy(p => Math.Abs(p.Bits)).ThenBy(p => p.One).ThenBy(p => p.Other).Take(Most).ToList();
        await page.WriteAsync($"<section><h2>The {doubtful.Count} most doubtful pairs</h2>\n");
        if (doubtful.Count == 0) await page.WriteAsync("<p>There are none: every pair is surely the same or surely not.</p>");
        foreach (var pair in doubtful)
        {
            stop.ThrowIfCancellationRequested();
            await page.WriteAsync(Waterfall(pair));
        }
        await page.WriteAsync("</section>\n");
    }

    string Waterfall(ScoredPair pair)
    {
        var rows = $"<tr><td colspan=\"4\">before comparing</td>{ReportWeights.Bar(_result.Scorer.Prior)}</tr>\n";
        for (var field = 0; field < _result.Comparer.Fields.Count; field++)
        {
            var (compared, level) = (_result.Comparer.Fields[field], PairComparer.Level(pair.Levels, field));
            var words = level == PairComparer.Missing ? "missing" : compared.Comparison.Levels[level];
            rows += $"<tr><th>{MatchReport.Text(compared.Field)}</th><td>{Raw(compared.Field, pair.One)}</td><td>{Raw(compared.Field, pair.Other)}</td><td>{MatchReport.Text(words)}</td>{ReportWeights.Bar(_result.Scorer.Weigh(field, level, pair.One, pair.Other))}</tr>\n";
        }
        var verdict = _result.Clusters[pair.One] == _result.Clusters[pair.Other] ? "in one cluster, by other records" : pair.Bits >= _result.MergeBits ? "sure by itself, but the others of their clusters speak against it" : "for a person";
        return $"<details open><summary><b>{MatchReport.Bits(pair.Bits)} bits</b> ({MatchReport.Percent(Scorer.Probability(pair.Bits))}): {verdict}</summary><table class=\"weights pair\"><thead><tr><th>Field</th><th>{Name(pair.One)}</th><th>{Name(pair.Other)}</th><th>Level</th><th>Weight</th><th class=\"n\">Bits</th></tr></thead><tbody>{rows}</tbody></table></details>\n";
    }

    string Name(int record) => MatchReport.Text($"{_result.Records.Sources[_result.Records.SourceOf[record]]} {_result.Records.Ids[record]}");

    // As it was written, not as it was standardised: a person judges by that.
    string Raw(string field, int record)
    {
        foreach (var table in outcome.Tables)
        {
            if (record >= table.Rows)
            {
                record -= table.Rows;
                continue;
            }
            var values = outcome.Rules.Fields[field].From.Where(table.Has).Select(c => table[c].At(record)).Where(v => v is not null).ToList();
            return values.Count == 0 ? "" : MatchReport.Text(Short(string.Join(" ", values)));
        }
        return "";
    }

    static string Short(string text) => text.Length <= 200 ? text : $"{text[..200]}...";
}
