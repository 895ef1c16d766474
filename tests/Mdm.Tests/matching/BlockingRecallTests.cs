using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Suggest;
using CdcSync.Servers;

namespace CdcSync.Mdm.Tests.Matching;

/// <summary>How many equal records share no key, told without a truth.</summary>
public sealed class BlockingRecallTests
{
    static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0.9, 0.8, 0.7)]
    [InlineData(0.6, 0.5, 0.4)]
    [InlineData(0.95, 0.3, 0)]
    public void What_keys_that_fail_by_themselves_miss_is_found_again(double one, double other, double third)
    {
        var random = new Random(7);
        var (seen, all) = (new List<Recaptured>(), 20_000);
        for (var pair = 0; pair < all; pair++)
        {
            // Two keys of the first thing fail together; a third key is made of both other things.
            var (a, b, c) = (random.NextDouble() < one, random.NextDouble() < other, random.NextDouble() < third);
            var shared = new Recaptured([a ? 0b1111UL : 0b1100UL, b ? 0b1111UL : 0b0011UL, c ? 0b1111UL : 0b1011UL], 1, pair);
            if (shared.Keys != 0) seen.Add(shared);
        }
        var (share, low, high) = Recapture.Of(seen, Stop);
        var truth = seen.Count / (double)all;
        Assert.InRange(share, truth - 0.01, truth + 0.01);
        Assert.True(low <= truth && truth <= high, $"{truth:0.0000} is not from {low:0.0000} to {high:0.0000}");
        Assert.InRange(high - low, 0, 0.05);
    }

    [Fact]
    public void Fewer_pairs_tell_less_surely()
    {
        var random = new Random(3);
        var seen = Enumerable.Range(0, 6000).Select(i => new Recaptured([random.Next(10) < 8 ? 0b11UL : 0b10UL, random.Next(10) < 6 ? 0b11UL : 0b01UL], 1, i)).Where(p => p.Keys != 0).ToList();
        double Width(List<Recaptured> of) => Recapture.Of(of, Stop) is var (_, low, high) ? high - low : 0;
        Assert.True(Width(seen[..300]) > 2 * Width(seen));
    }

    // How far the estimate is off where the truth is known (docs/adr/0009); one error a record, as RLdata has it, makes keys fail in turn.
    [Theory]
    [InlineData("splink/fake_1000.csv", "cluster", 0.01)]
    [InlineData("rldata/RLdata10000.csv", "true_id", 0.03)]
    [InlineData("restaurants/restaurant-nophone-training.csv", "unique_id", 0.02)]
    public void The_estimate_is_near_the_truth(string file, string truth, double off)
    {
        var table = RecordFile.Read(Needs.Shared(["data", "matching", .. file.Split('/')]), Stop);
        var (run, result) = Match(table, truth);
        var (known, told) = (Measures.Of(result, Truth.OfColumn([table], truth), linkOnly: false).BlockingRecall, run.Recall(result, Stop));
        Assert.InRange(told.Share!.Value, known - off, known + off);
        Assert.True(told.Low < told.Share && told.Share < told.High, $"{told.Low} {told.Share} {told.High}");
    }

    [Fact]
    public void What_a_key_brings_alone_is_lost_without_it()
    {
        var table = RecordFile.Read(Needs.Shared("data", "matching", "splink", "fake_1000.csv"), Stop);
        var (run, result) = Match(table, "cluster");
        var told = run.Recall(result, Stop);
        var best = told.Keys.MaxBy(k => k.Alone)!;
        var rules = RuleSuggestion.Of([table], truth: ["cluster"]).Rules;
        rules = rules with { Blocking = [.. rules.Blocking.Where(k => k != best.Key)] };
        var without = new MatchRun(new RecordReader(rules).Read([table], Stop), rules).Candidates(linkOnly: false, Stop).Pairs.ToHashSet();
        var lost = result.Pairs.Where(p => !without.Contains(CandidatePairs.Join(p.One, p.Other))).Sum(p => Scoring.Scorer.Probability(p.Bits)) / result.Pairs.Sum(p => Scoring.Scorer.Probability(p.Bits));
        Assert.Equal(best.Alone, lost, 1e-9);
        Assert.True(best.Alone > 0.01);
    }

    [Fact]
    public void Keys_of_one_thing_tell_nothing_of_what_they_miss()
    {
        var rows = string.Concat(Enumerable.Range(0, 200).Select(i => $"{i},Firm {(char)('A' + (i / 2 % 26))}{i / 2} Trading,{i}\n"));
        var table = RecordFile.Parse("firms", "id,company,turnover\n" + rows, Stop);
        var rules = RuleSuggestion.Of([table]).Rules;
        rules = rules with { Blocking = [.. rules.Blocking.Where(k => !k.Contains('+', StringComparison.Ordinal) && rules.Fields[k.Split('.')[0]].From.Contains("company"))] };
        var run = new MatchRun(new RecordReader(rules).Read([table], Stop), rules);
        var told = run.Recall(run.Run(linkOnly: false, [], Stop), Stop);
        Assert.Null(told.Share);
        Assert.NotNull(told.Why);
    }

    static (MatchRun Run, MatchResult Result) Match(RawTable table, string truth)
    {
        var rules = RuleSuggestion.Of([table], truth: [truth]).Rules;
        var run = new MatchRun(new RecordReader(rules).Read([table], Stop), rules);
        return (run, run.Run(linkOnly: false, [], Stop));
    }
}
