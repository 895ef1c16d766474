using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Tests.Matching;

/// <summary>Where decisions place the thresholds, and how surely: pairs with known truth, decided as a queue asks, the doubtful ones.</summary>
public sealed class CalibrationTests
{
    const double Precision = 0.995, Estimated = 4.4;

    [Theory]
    [InlineData(0, 1)]         // the scores are right
    [InlineData(-2.5, 1)]      // too sure by 3.6 bits
    [InlineData(-1, 0.8)]      // too sure, the more the surer
    [InlineData(2, 1)]         // not sure enough
    public void Decisions_about_doubtful_pairs_place_the_threshold_where_the_precision_is_met(double whole, double slope)
    {
        var truth = new Truth(whole, slope);
        var (met, low, runs) = (0, 0, 40);
        for (var seed = 0; seed < runs; seed++)
        {
            var (pairs, answers) = Decided(truth, new Random(seed), 150, bits => bits < 8);
            var told = Of(answers, pairs);
            if (PrecisionFrom(told.Merge!.Bits) >= Precision) met++;
            if (told.Merge.Bits >= ILikenessMost) low++;
            Assert.InRange(told.Review!.Likeliest, truth.BitsOf(0.5) - 3, truth.BitsOf(0.5) + 3);

            double PrecisionFrom(double bits) => pairs.Where(p => p >= bits).Select(truth.Of).DefaultIfEmpty(1).Average();
        }
        Assert.True(met >= runs * 0.9, $"met {met} times of {runs}");
        Assert.Equal(0, low);
    }

    const double ILikenessMost = 60;

    // What the scores mean in truth: logarithms of the odds.
    sealed record Truth(double Whole, double Slope)
    {
        public double Of(double bits) => 1 / (1 + Math.Exp(-(Whole + (Slope * Math.Log(2) * bits))));

        public double BitsOf(double probability) => (Math.Log(probability / (1 - probability)) - Whole) / (Slope * Math.Log(2));
    }

    [Fact]
    public void The_estimated_threshold_would_have_missed_it_and_more_decisions_come_nearer_to_the_best()
    {
        var truth = new Truth(-2.5, 1);
        var (pairs, few) = Decided(truth, new Random(1), 60, bits => bits < 8);
        var (_, many) = Decided(truth, new Random(1), 2000, bits => bits < 8);
        Assert.True(PrecisionFrom(Estimated) < Precision);
        var (one, other) = (Of(few, pairs).Merge!, Of(many, pairs).Merge!);
        Assert.True(other.High - other.Low < one.High - one.Low, $"{one} {other}");
        Assert.True(other.Bits <= one.Bits, $"{one} {other}");
        Assert.True(PrecisionFrom(other.Bits) >= Precision, $"{other}");

        double PrecisionFrom(double bits) => pairs.Where(p => p >= bits).Average(truth.Of);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    public void Where_nobody_was_asked_carefulness_takes_no_merges(double whole, double slope)
    {
        var (truth, met, runs) = (new Truth(whole, slope), 0, 20);
        for (var seed = 0; seed < runs; seed++)
        {
            // Few pairs are far above the doubtful ones: a doubt about all of them is a doubt about none.
            var random = new Random(seed);
            List<double> pairs = [.. Enumerable.Range(0, 900).Select(_ => 18 * Math.Pow(random.NextDouble(), 0.7))];
            List<Answer> answers = [.. pairs.Where(b => b < 5.3).Select(b => new Answer(b, random.NextDouble() < truth.Of(b), 1))];
            var merge = Of(answers, pairs).Merge!;
            Assert.InRange(merge.Bits, 0, Math.Max(6, merge.Likeliest));
            var merged = pairs.Where(p => p >= merge.Bits).ToList();
            Assert.True(merged.Count > 450, $"{merged.Count} {merge}");
            if (merged.Average(truth.Of) >= Precision) met++;
        }
        Assert.True(met >= runs * 0.9, $"met {met} times of {runs}");
    }

    [Theory]
    [InlineData(20, 4)]
    [InlineData(100, 4)]
    [InlineData(15, 14)]
    public void Too_few_decisions_or_of_one_kind_move_nothing_and_it_is_said(int same, int distinct)
    {
        var told = Calibration.Of([.. Enumerable.Repeat(new Answer(3, true, 1), same), .. Enumerable.Repeat(new Answer(1, false, 1), distinct)], [], (same, distinct, 0), [3, 4, 20], Precision, 0.5);
        Assert.Null(told.Merge);
        Assert.Null(told.Review);
        Assert.Contains($"{same} decisions that two records are the same, {distinct} that they are not", told.Why);
    }

    [Fact]
    public void Decisions_that_contradict_each_other_widen_the_interval()
    {
        var (agreed, torn, raised, lowered) = (0.0, 0.0, 0, 0);
        for (var seed = 0; seed < 10; seed++)
        {
            var (pairs, answers) = Decided(new Truth(0, 1), new Random(seed), 200, bits => bits < 8);
            // Thirty more at one score: all the same, or one in ten the contrary.
            Threshold With(Func<int, bool> same) => Of([.. answers, .. Enumerable.Range(0, 30).Select(i => new Answer(9.5, same(i), 1))], pairs).Merge!;
            var (one, other) = (With(_ => true), With(i => i % 10 != 0));
            (agreed, torn) = (agreed + one.High - one.Low, torn + other.High - other.Low);
            if (other.Bits > one.Bits) raised++;
            if (other.Bits < one.Bits) lowered++;
        }
        Assert.True(torn > 1.5 * agreed, $"{agreed} bits in all, {torn} where some contradict");
        // Not where doubt had taken the threshold to the surest pair that was asked about already.
        Assert.True(raised >= 8 && lowered == 0, $"{raised} raised, {lowered} lowered");
    }

    [Fact]
    public void What_was_merged_and_taken_apart_raises_the_threshold_above_where_errors_were_found()
    {
        var (pairs, answers) = Decided(new Truth(0, 1), new Random(4), 200, bits => bits < 8);
        var merged = pairs.Count(p => p >= 10);
        // Twice as many found wrong as may be wrong at all, all of them at 10 to 11 bits.
        var found = Enumerable.Range(0, (int)(2 * (1 - Precision) * merged)).Select(i => new Answer(10 + (i % 4 / 4.0), false, 1)).ToList();
        var (without, with) = (Of(answers, pairs).Merge!, Calibration.Of(answers, found, (100, 100, found.Count), pairs, Precision, 0.5).Merge!);
        Assert.True(without.Bits < 10 && with.Bits > 10, $"{without} {with}");
        Assert.Equal(without.Likeliest, with.Likeliest);
    }

    [Fact]
    public void An_act_of_many_pairs_counts_as_one_decision()
    {
        List<ScoredAnswer> singles = [.. Enumerable.Range(0, 40).Select(i => new ScoredAnswer(i, i % 2 == 0 ? 5 : -1, i % 2 == 0, Parted: false))];
        var rules = Mdm.Tests.Likeness.LikenessTests.Rules;
        double[] pairs = [.. Enumerable.Range(0, 400).Select(i => i / 20.0)];
        var many = ScoredAnswer.Calibrate([.. singles, .. Enumerable.Range(0, 300).Select(_ => new ScoredAnswer(99, 6, Same: true, Parted: false))], pairs, rules);
        var one = ScoredAnswer.Calibrate([.. singles, new ScoredAnswer(99, 6, Same: true, Parted: false)], pairs, rules);
        Assert.Equal(21, many.Same);
        Assert.Equal(one.Merge!.Bits, many.Merge!.Bits, 6);
    }

    static Calibration Of(List<Answer> answers, IReadOnlyList<double> pairs) => Calibration.Of(answers, [], (answers.Count(a => a.Same), answers.Count(a => !a.Same), 0), pairs, Precision, 0.5);

    // A hill of sure pairs, and doubtful ones before it. What is decided is drawn by score alone.
    static (List<double> Pairs, List<Answer> Answers) Decided(Truth truth, Random random, int decisions, Func<double, bool> asked)
    {
        List<double> pairs = [.. Enumerable.Range(0, 8000).Select(i => i % 4 == 0 ? -5 + (15 * random.NextDouble()) : 8 + (20 * random.NextDouble()))];
        List<Answer> answers = [.. pairs.Where(asked).Take(decisions).Select(bits => new Answer(bits, random.NextDouble() < truth.Of(bits), 1))];
        return ([.. pairs.Where(p => p >= 0)], answers);
    }
}
