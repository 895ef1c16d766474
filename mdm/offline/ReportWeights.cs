using System.Text;

namespace CdcSync.Mdm.Offline;

/// <summary>What each level of likeness weighs, as bars left and right of nothing.</summary>
sealed class ReportWeights(MatchResult result)
{
    public string Table()
    {
        var rows = new StringBuilder();
        for (var field = 0; field < result.Comparer.Fields.Count; field++)
        {
            var compared = result.Comparer.Fields[field];
            var levels = compared.Comparison.Levels;
            for (var level = 0; level < levels.Count; level++)
            {
                var (m, u) = (result.Estimate.M[field][level], result.Estimate.U[field][level]);
                rows.Append(level == 0 ? $"<tr class=\"first\"><th rowspan=\"{levels.Count}\">{MatchReport.Text(compared.Field)}<small>{MatchReport.Text(compared.Comparison.Name)}{(compared.Counts is null ? "" : "; the rarer the equal value, the more it weighs")}</small></th>" : "<tr>")
                    .Append($"<td>{MatchReport.Text(levels[level])}</td><td class=\"n\">{MatchReport.Percent(m)}</td><td class=\"n\">{Rare(u)}</td>{Bar(Math.Log2(m / u))}</tr>\n");
            }
        }
        return "<section><h2>Weights</h2><p>How often a level occurs among records of the same thing, among others, and what it tells therefore. Before anything is compared two records stand at "
            + $"{MatchReport.Bits(result.Scorer.Prior)} bits.</p><table class=\"weights\"><thead><tr><th>Field</th><th>Level</th><th class=\"n\">Same</th><th class=\"n\">Different</th><th>Weight</th><th class=\"n\">Bits</th></tr></thead><tbody>{rows}</tbody></table></section>\n";
    }

    static string Rare(double share) => share >= 0.0005 ? MatchReport.Percent(share) : $"1 in {MatchReport.Number((long)Math.Min(1e12, 1 / Math.Max(share, 1e-12)))}";

    /// <summary>Two cells: a bar to the right for evidence that speaks for the same, to the left for different; and its number.</summary>
    public static string Bar(double bits)
    {
        var share = Math.Min(1, Math.Abs(bits) / 20) / 2;
        var left = bits < 0 ? 0.5 - share : 0.5;
        return $"<td class=\"bar\"><i class=\"{(bits < 0 ? "against" : "for")}\" style=\"left:{MatchReport.Percent(left)};width:{MatchReport.Percent(share)}\"></i></td><td class=\"n\">{MatchReport.Bits(bits)}</td>";
    }
}
