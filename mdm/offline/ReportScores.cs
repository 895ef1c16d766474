using System.Globalization;
using System.Text;
using CdcSync.Mdm.Blocking;

namespace CdcSync.Mdm.Offline;

/// <summary>How the scores of all compared pairs are spread, with the thresholds: two hills and a valley between them where matching is easy.</summary>
sealed class ReportScores(MatchResult result, long[] counts, int least, double scale)
{
    const int Sample = 200_000, Least = -40, Most = 60, Width = 1000, Height = 220;

    public static ReportScores Of(MatchResult result, CancellationToken stop)
    {
        var counts = new long[Most - Least + 1];
        var pairs = result.Candidates.Pairs;
        var stride = Math.Max(1, pairs.Length / Sample);
        var drawn = 0;
        for (var i = 0L; i < pairs.LongLength; i += stride)
        {
            if (drawn++ % 4096 == 0) stop.ThrowIfCancellationRequested();
            var (one, other) = CandidatePairs.Split(pairs[i]);
            counts[(int)Math.Clamp(Math.Floor(result.Scorer.Score(one, other).Bits), Least, Most) - Least]++;
        }
        return new ReportScores(result, counts, Least, stride);
    }

    /// <summary>What to say where the doubtful are as many as the sure.</summary>
    public string? Warning()
    {
        long Between(double from, double to) => counts.Where((_, i) => i + least >= from && i + least < to).Sum();
        var (sure, doubtful) = (Between(result.MergeBits, Most + 1), Between(-result.MergeBits, result.MergeBits));
        return sure + doubtful == 0 ? "No pair is even doubtful: either there are no duplicates, or the fields that would show them are not compared"
            : doubtful > sure / 2 ? "The scores have no clear valley: many pairs are neither surely equal nor surely different. Decide some of them (--labels), or add fields that tell more"
            : null;
    }

    public string Chart()
    {
        var (first, last) = (Array.FindIndex(counts, c => c > 0), Array.FindLastIndex(counts, c => c > 0));
        if (first < 0) return "";
        (first, last) = (Math.Min(first, -least - 2), Math.Max(last, (int)result.MergeBits - least + 2));
        var (step, highest) = ((double)Width / (last - first + 1), Math.Log(1 + counts.Max()));
        var svg = new StringBuilder();
        for (var i = first; i <= last; i++)
        {
            var height = highest == 0 ? 0 : Math.Log(1 + counts[i]) / highest * Height;
            var kind = i + least >= result.MergeBits ? "sure" : i + least >= result.ReviewBits ? "doubt" : "no";
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{kind}\" x=\"{(i - first) * step:0.#}\" y=\"{Height - height:0.#}\" width=\"{Math.Max(1, step - 1):0.#}\" height=\"{height:0.#}\"><title>{i + least} to {i + least + 1} bits: {counts[i] * scale:N0} pairs</title></rect>");
            if ((i + least) % 10 == 0) svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(i - first) * step:0.#}\" y=\"{Height + 16}\">{i + least}</text>");
        }
        foreach (var (bits, word) in new[] { (result.ReviewBits, "review"), (result.MergeBits, "merge") })
            if ((bits - least - first) * step is var x) svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"0\" y2=\"{Height}\"/><text x=\"{x + 4:0.#}\" y=\"{(word == "merge" ? 26 : 12)}\">{word} {MatchReport.Bits(bits)}</text>");
        return $"<section><h2>Scores of all compared pairs</h2><p>In bits: 0 is as likely the same as not, every bit more doubles the odds. The heights are logarithmic{(scale > 1 ? "; a sample" : "")}.</p>"
            + $"<svg viewBox=\"0 0 {Width} {Height + 22}\" role=\"img\">{svg}</svg></section>\n";
    }
}
