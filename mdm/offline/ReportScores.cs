using System.Globalization;
using System.Text;

namespace CdcSync.Mdm.Offline;

/// <summary>How the scores of all compared pairs are spread, with the thresholds: two hills and a valley between them where matching is easy.</summary>
sealed class ReportScores(MatchResult result)
{
    const int Least = ScoreHistogram.Least, Width = 1000, Height = 220;

    readonly double[] _counts = [.. result.Histogram.Counts];

    public string Chart()
    {
        var (first, last) = (Array.FindIndex(_counts, c => c > 0), Array.FindLastIndex(_counts, c => c > 0));
        if (first < 0) return "";
        (first, last) = (Math.Min(first, -Least - 2), Math.Max(last, (int)result.MergeBits - Least + 2));
        var (step, highest) = ((double)Width / (last - first + 1), Math.Log(1 + _counts.Max()));
        var svg = new StringBuilder();
        for (var i = first; i <= last && i < _counts.Length; i++)
        {
            var height = highest == 0 ? 0 : Math.Log(1 + _counts[i]) / highest * Height;
            var kind = i + Least >= result.MergeBits ? "sure" : i + Least >= result.ReviewBits ? "doubt" : "no";
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{kind}\" x=\"{(i - first) * step:0.#}\" y=\"{Height - height:0.#}\" width=\"{Math.Max(1, step - 1):0.#}\" height=\"{height:0.#}\"><title>{i + Least} to {i + Least + 1} bits: {_counts[i]:N0} pairs</title></rect>");
            if ((i + Least) % 10 == 0) svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(i - first) * step:0.#}\" y=\"{Height + 16}\">{i + Least}</text>");
        }
        foreach (var (bits, word) in new[] { (result.ReviewBits, "review"), (result.MergeBits, "merge") })
            if ((bits - Least - first) * step is var x) svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"0\" y2=\"{Height}\"/><text x=\"{x + 4:0.#}\" y=\"{(word == "merge" ? 26 : 12)}\">{word} {MatchReport.Bits(bits)}</text>");
        return $"<section><h2>Scores of all compared pairs</h2><p>In bits: 0 is as likely the same as not, every bit more doubles the odds. The heights are logarithmic{(result.Histogram.Scale > 1 ? "; pairs not worth a look are a sample" : "")}.</p>"
            + $"<svg viewBox=\"0 0 {Width} {Height + 22}\" role=\"img\">{svg}</svg></section>\n";
    }
}
