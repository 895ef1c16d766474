using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Scoring;
using CdcSync.Mdm.Suggest;
using CdcSync.Servers;

namespace CdcSync.Mdm.Tests.Matching;

/// <summary>What pairs that people decided do to the weights.</summary>
public sealed class TeachingTests
{
    static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    // Two fields of three levels: without labels the middle level of the second is taken for agreement.
    static readonly Estimate Estimated = new([[0.8, 0.1, 0.1], [0.5, 0.4, 0.1]], [[0.01, 0.1, 0.89], [0.1, 0.08, 0.82]], [0.2], 0.01, [], []);

    [Fact]
    public void Decisions_against_a_level_take_its_weight_away_and_leave_the_other_field_much_as_it_was()
    {
        var taught = Taught([.. Enumerable.Repeat((0x10UL, false), 60), .. Enumerable.Repeat((0x00UL, true), 60)]);
        Assert.True(taught.Bits[1][1] < taught.Bits[1][0] - 1.5, $"{taught.Bits[1][1]:0.0} of {taught.Bits[1][0]:0.0}");
        Assert.InRange(taught.Bits[0][0], -0.5, 0.5);
    }

    [Fact]
    public void Decisions_that_say_what_was_known_change_next_to_nothing()
    {
        var taught = Taught([.. Enumerable.Repeat((0x00UL, true), 20), .. Enumerable.Repeat((0x22UL, false), 180)]);
        Assert.InRange(taught.Slope, 0.8, 1.4);
        Assert.All(taught.Bits.SelectMany(b => b), bits => Assert.InRange(bits, -1.5, 1.5));
    }

    [Fact]
    public void More_decisions_move_a_weight_further()
    {
        var few = Taught([.. Enumerable.Repeat((0x10UL, false), 3), .. Enumerable.Repeat((0x00UL, true), 3)]);
        var many = Taught([.. Enumerable.Repeat((0x10UL, false), 300), .. Enumerable.Repeat((0x00UL, true), 300)]);
        Assert.True(many.Bits[1][1] < few.Bits[1][1]);
    }

    [Fact]
    public void Two_hundred_labels_make_a_matching_of_products_better_by_far()
    {
        string Set(string file) => Needs.Shared("data", "matching", "abt_buy", file);
        var tables = new[] { RecordFile.Read(Set("tableA.csv"), Stop), RecordFile.Read(Set("tableB.csv"), Stop) };
        var rules = RuleSuggestion.Of(tables).Rules;
        var records = new RecordReader(rules).Read(tables, Stop);
        var truth = new TruthFile(records, tables).Read(Set("valid.csv"), RecordFile.Read(Set("valid.csv"), Stop));
        var labels = new TruthFile(records, tables).Pairs(Set("train.csv"), RecordFile.Read(Set("train.csv"), Stop)).Pairs.Take(200).ToList();
        var (without, with) = (F1([]), F1(labels));
        Assert.True(without >= 0.65, $"F1 {without:0.000} without labels");
        Assert.True(with >= 0.81, $"F1 {with:0.000} with labels");

        double F1(IReadOnlyList<LabelledPair> decided) => Measures.Of(new MatchRun(records, rules).Run(linkOnly: true, decided, Stop), truth, linkOnly: true).F1;
    }

    [Theory]
    [InlineData("rldata/RLdata500.csv", "true_id")]
    [InlineData("restaurants/restaurant-nophone-training.csv", "unique_id")]
    public void Labels_of_pairs_drawn_at_random_do_no_harm(string file, string truth)
    {
        var table = RecordFile.Read(Needs.Shared(["data", "matching", .. file.Split('/')]), Stop);
        var rules = RuleSuggestion.Of([table], truth: [truth]).Rules;
        var records = new RecordReader(rules).Read([table], Stop);
        var known = Truth.OfColumn([table], truth);
        var without = new MatchRun(records, rules).Run(linkOnly: false, [], Stop);
        var random = new Random(7);
        var labels = Enumerable.Range(0, 200).Select(_ => Blocking.CandidatePairs.Split(without.Candidates.Pairs[random.Next(without.Candidates.Pairs.Length)]))
            .Select(p => new LabelledPair(p.One, p.Other, known.Groups![p.One] == known.Groups[p.Other])).ToList();
        var (before, after) = (Measures.Of(without, known, false).F1, Measures.Of(new MatchRun(records, rules).Run(linkOnly: false, labels, Stop), known, false).F1);
        Assert.True(after >= before - 0.02, $"F1 {before:0.000} without, {after:0.000} with labels");
    }

    static Taught Taught(List<(ulong Levels, bool Same)> decided)
    {
        double Bits(ulong levels) => Math.Log2(0.01 / 0.99) + Enumerable.Range(0, 2).Sum(f => Math.Log2(Estimated.M[f][PairComparer.Level(levels, f)] / Estimated.U[f][PairComparer.Level(levels, f)]));
        return Teaching.Teach(Estimated, [.. decided.Select(d => (d.Levels, Bits(d.Levels), d.Same))], 1000, 100_000).Taught!;
    }
}
