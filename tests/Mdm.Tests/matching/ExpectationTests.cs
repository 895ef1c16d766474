using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Tests.Matching;

/// <summary>Weights are found again in pairs that were made with known ones.</summary>
public sealed class ExpectationTests
{
    const double TrueShare = 0.3;

    static readonly double[] Agree = [0.9, 0.8, 0.95];
    static readonly double[] ByChance = [0.01, 0.02, 0.005];

    [Fact]
    public void The_weights_the_pairs_were_made_with_are_found_again_without_labels()
    {
        var estimate = new Expectation(Fields(3), []).Run([new Session(Mixed(100_000), [false, false, false], true)], Made(200_000, ByChance), 1e8, 100_000);
        Assert.Equal(TrueShare, estimate.Shares[0], 0.01);
        for (var f = 0; f < 3; f++)
        {
            Assert.Equal(Agree[f], estimate.M[f][0], 0.02);
            Assert.InRange(estimate.U[f][0] / ByChance[f], 0.7, 1.4);
        }
    }

    [Fact]
    public void A_field_that_made_the_pairs_meet_does_not_teach_that_equal_records_always_agree_in_it()
    {
        // The first key is made of field 0: all its pairs agree there. The second is made of field 1 and shows how often equal records really agree in field 0.
        var first = Mixed(100_000).GroupBy(o => o.Key & ~0xFUL).ToDictionary(g => g.Key, g => g.Sum(o => o.Value));
        var second = Mixed(100_000).GroupBy(o => o.Key & ~0xF0UL).ToDictionary(g => g.Key, g => g.Sum(o => o.Value));
        var estimate = new Expectation(Fields(3), []).Run(
            [new Session(first, [true, false, false], true), new Session(second, [false, true, false], true)], Made(200_000, ByChance), 1e8, 200_000);
        Assert.Equal(Agree[0], estimate.M[0][0], 0.03);
        Assert.Equal(Agree[1], estimate.M[1][0], 0.03);
    }

    [Fact]
    public void More_alike_never_weighs_less()
    {
        // Two levels whose counts contradict their order.
        var pairs = new Dictionary<ulong, double> { [0x00] = 100, [0x01] = 400, [0x02] = 10, [0x22] = 500 };
        var random = new Dictionary<ulong, double> { [0x22] = 9990, [0x00] = 8, [0x01] = 1, [0x11] = 1 };
        var levels = new NameLevels();
        var fields = Enumerable.Range(0, 2).Select(i => new ComparedField($"f{i}", levels, new FieldColumn($"f{i}", [], []), ComparisonTests.EqualWords.Instance, null, 1)).ToList();
        var estimate = new Expectation(fields, []).Run([new Session(pairs, [false, false], true)], random, 1e6, 1010);
        foreach (var (m, u) in estimate.M.Zip(estimate.U))
            for (var l = 1; l < m.Length; l++) Assert.True(m[l] / u[l] <= m[l - 1] / u[l - 1] * (1 + 1e-6), $"{m[l] / u[l]} > {m[l - 1] / u[l - 1]}");
    }

    [Fact]
    public void Fields_that_repeat_each_other_count_once()
    {
        // Fields 1 and 2 always agree together, or not at all: different records in one place are as many as would be for one field.
        var group = new FieldGroup("place", [1, 2], [2, 2, 2]);
        var sessions = new Dictionary<ulong, double> { [0x000] = 800, [0x001] = 200, [0x110] = 200, [0x111] = 800 };
        var random = new Dictionary<ulong, double> { [0x111] = 90_000, [0x001] = 5000, [0x110] = 5000 };
        var together = new Expectation(Fields(3), [group]).Run([new Session(sessions, [false, false, false], true)], random, 1e5, 2000);
        var bits = Math.Log2(together.M[1][0] / together.U[1][0]);
        var correction = Math.Log2(together.Ratios[0][group.Pattern(0x000)]);
        Assert.True(bits > 2, $"{bits}");
        Assert.Equal(bits, (2 * bits) + correction, 1.0);
    }

    static List<ComparedField> Fields(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new ComparedField($"f{i}", new ExactComparison(), new FieldColumn($"f{i}", [], []), ComparisonTests.EqualWords.Instance, null, 1))];

    // Equal records with their share, different ones with the rest.
    static Dictionary<ulong, double> Mixed(double pairs) =>
        Made(pairs * TrueShare, Agree).Concat(Made(pairs * (1 - TrueShare), ByChance)).GroupBy(o => o.Key).ToDictionary(g => g.Key, g => g.Sum(o => o.Value));

    static Dictionary<ulong, double> Made(double pairs, double[] agree)
    {
        var outcomes = new Dictionary<ulong, double>();
        for (var pattern = 0; pattern < 1 << agree.Length; pattern++)
        {
            var (levels, share) = (0UL, 1.0);
            for (var f = 0; f < agree.Length; f++)
            {
                var differs = (pattern >> f & 1) == 1;
                levels |= (differs ? 1UL : 0) << (f * 4);
                share *= differs ? 1 - agree[f] : agree[f];
            }
            outcomes[levels] = pairs * share;
        }
        return outcomes;
    }

    sealed class NameLevels : IComparison
    {
        public string Name => "three";

        public IReadOnlyList<string> Levels { get; } = ["the same", "nearly", "different"];

        public int Compare(Standardise.FieldValue one, Standardise.FieldValue other, IWordFrequencies words) => 0;
    }
}
