using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Suggest;
using CdcSync.Servers;

namespace CdcSync.Mdm.Tests.Matching;

/// <summary>Whether scores tell equal from different pairs by themselves, and when they are said not to.</summary>
public sealed class ScoreHistogramTests
{
    static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public void Two_hills_have_a_valley_between_them()
    {
        var random = new Random(3);
        var valley = Valley([.. Hill(random, 5000, -15, 4), .. Hill(random, 60, 15, 4)]);
        Assert.Equal(ScoreShape.Valley, valley.Shape);
        Assert.InRange(valley.Bits!.Value, -3, 11);
        Assert.Null(valley.Warning(""));
    }

    [Fact]
    public void A_slope_has_no_valley_however_often_it_is_drawn()
    {
        // Ever fewer pairs the higher the score: chance alone makes dents.
        var dented = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var valley = Valley(Enumerable.Range(0, 3000).Select(_ => -12 - (7 * Math.Log(1 - random.NextDouble()))));
            if (valley.Shape == ScoreShape.Valley) dented++;
        }
        Assert.InRange(dented, 0, 4);
    }

    [Fact]
    public void Hills_that_run_into_each_other_have_none_and_it_is_said()
    {
        var random = new Random(5);
        var valley = Valley([.. Hill(random, 4000, -4, 5), .. Hill(random, 400, 5, 5)]);
        Assert.Equal(ScoreShape.NoValley, valley.Shape);
        Assert.EndsWith("Ask somebody", valley.Warning("Ask somebody"));
    }

    [Fact]
    public void Few_pairs_are_told_from_none()
    {
        var random = new Random(6);
        Assert.Equal(ScoreShape.TooFew, Valley([.. Hill(random, 4000, -15, 2), .. Hill(random, 10, 12, 2)]).Shape);
        Assert.StartsWith("No pair is even doubtful", Valley(Hill(random, 100, -20, 1)).Warning(""));
    }

    [Theory]
    [InlineData("splink/fake_1000.csv", "cluster", ScoreShape.Valley)]
    [InlineData("rldata/RLdata500.csv", "true_id", ScoreShape.Valley)]
    [InlineData("restaurants/restaurant-nophone-training.csv", "unique_id", ScoreShape.Valley)]
    [InlineData("senzing_truthset/customers.csv", "none", ScoreShape.NoValley)]
    public void Sets_that_are_told_apart_well_have_one_and_those_that_are_not_have_none(string file, string truth, ScoreShape shape)
    {
        var table = RecordFile.Read(Needs.Shared(["data", "matching", .. file.Split('/')]), Stop);
        var rules = RuleSuggestion.Of([table], truth: [truth]).Rules;
        Assert.Equal(shape, new MatchRun(new RecordReader(rules).Read([table], Stop), rules).Run(linkOnly: false, [], Stop).Valley.Shape);
    }

    static ScoreValley Valley(IEnumerable<double> scores) => ScoreHistogram.Of(scores).Valley(review: 0, merge: 4.4);

    // Box and Muller.
    static List<double> Hill(Random random, int pairs, double middle, double width) =>
        [.. Enumerable.Range(0, pairs).Select(_ => middle + (width * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
