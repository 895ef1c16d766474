using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Bench;

/// <summary>
/// What decisions do to the merge score: pairs that would be asked about are decided by the truth, a few of them each time, and what is merged then is measured.
/// <c>--decisions 200 --times 10</c>.
/// </summary>
public sealed class DecisionsBench : IBench
{
    public string Name => "decisions";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var (decisions, times) = (args.Number("--decisions", 200), args.Number("--times", 10));
        string[] names = ["rldata 10000", "fake 1000", "abt and buy, valid pairs", "senzing truth set"];
        var customers = new List<LabelledSet>();
        foreach (var rows in (int[])[20_000, 100_000]) customers.Add(new($"customers {rows}", [await Shared.CustomersAsync(rows, stop)], "entity"));
        foreach (var set in customers.Concat(LabelledSets.All.Where(s => names.Contains(s.Name))))
        {
            var (rules, result, truth) = set.Match(stop);
            var known = Known(result, truth);
            // Where the scores have no valley everything is asked.
            var asked = known.Where(k => k.Bits >= result.ReviewBits && (k.Bits < result.MergeBits || result.Valley.Shape == ScoreShape.NoValley)).ToArray();
            Show($"{set.Name}: estimated", [(result.MergeBits, null)]);
            var told = new List<(double Bits, Threshold? Threshold)>();
            for (var seed = 0; seed < times; seed++)
            {
                new Random(seed).Shuffle(asked);
                List<Answer> answers = [.. asked.Take(decisions).Select(a => new Answer(a.Bits, a.Same, 1))];
                var same = answers.Count(a => a.Same);
                var merge = Calibration.Of(answers, [], (same, answers.Count - same, 0), result.Pairs.Select(p => (double)p.Bits), rules.MergePrecision, rules.Review).Merge;
                told.Add((merge?.Bits ?? result.MergeBits, merge));
            }
            Show($"{set.Name}: {Math.Min(decisions, asked.Length)} decisions", told);

            void Show(string name, IReadOnlyList<(double Bits, Threshold? Threshold)> of)
            {
                double Mean(Func<(double Bits, Threshold? Threshold), double> value) => of.Average(value);
                double Merged(double bits) => known.Count(k => k.Bits >= bits);
                double Precision(double bits) => known.Where(k => k.Bits >= bits).Select(k => k.Same ? 1.0 : 0).DefaultIfEmpty(double.NaN).Average();
                output.Show(name, ("bits", $"{Mean(t => t.Bits):0.0}"), ("likeliest", $"{Mean(t => t.Threshold?.Likeliest ?? t.Bits):0.0}"), ("low", $"{Mean(t => t.Threshold?.Low ?? t.Bits):0.0}"),
                    ("high", $"{Mean(t => t.Threshold?.High ?? t.Bits):0.0}"), ("precision", $"{Mean(t => Precision(t.Bits)):0.0000}"), ("leastPrecision", $"{of.Min(t => Precision(t.Bits)):0.0000}"), ("merged", Mean(t => Merged(t.Bits))));
            }
        }
    }

    // The pairs of which the truth is known, with their scores.
    static (double Bits, bool Same)[] Known(MatchResult result, Truth truth)
    {
        var labels = truth.Pairs.ToDictionary(p => (Math.Min(p.One, p.Other), Math.Max(p.One, p.Other)), p => p.Same);
        return [.. result.Pairs
            .Select(p => (Bits: (double)p.Bits, Same: truth.Groups is { } groups ? groups[p.One] == groups[p.Other] : labels.TryGetValue((Math.Min(p.One, p.Other), Math.Max(p.One, p.Other)), out var same) ? same : (bool?)null))
            .Where(p => p.Same is not null).Select(p => (p.Bits, p.Same!.Value))];
    }
}
