using CdcSync.Mdm.Clustering;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Mdm.Tests.Matching;

public sealed class AgglomerationTests
{
    [Fact]
    public void The_order_of_the_pairs_plays_no_part()
    {
        var scores = Gen.Choose(-20, 20).ArrayOf(28).Select(s => s.Select(b => (float)b).ToArray());
        Prop.ForAll(scores.ToArbitrary(), bits =>
        {
            var opinion = new Table(8, bits);
            var pairs = opinion.Pairs();
            var one = Clusters(opinion, pairs);
            var other = Clusters(opinion, pairs.AsEnumerable().Reverse().ToList());
            return one.SequenceEqual(other);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_look_alike_does_not_chain_two_families()
    {
        // 0, 1, 2 are one family and 3, 4, 5 another; 2 and 3 look alike, and nothing else of the two does.
        var opinion = new Table(6, (one, other) => one / 3 == other / 3 ? 15 : (one, other) == (2, 3) ? 9 : -8);
        var agglomeration = new Agglomeration(opinion, 5, false, new int[6]);
        Assert.Equal([0, 0, 0, 3, 3, 3], agglomeration.Run(opinion.Pairs()));
        Assert.Equal([(2, 3)], agglomeration.Bridges.Select(p => (p.One, p.Other)));
    }

    [Fact]
    public void Evidence_of_all_records_joins_what_each_alone_leaves_open()
    {
        var opinion = new Table(3, (one, other) => (one, other) == (0, 2) ? -2 : 9);
        Assert.Equal([0, 0, 0], new Agglomeration(opinion, 5, false, new int[3]).Run(opinion.Pairs()));
    }

    [Fact]
    public void What_is_kept_apart_stays_apart_however_sure_the_score()
    {
        var opinion = new Table(3, (_, _) => 25) { Apart = (0, 2) };
        var clusters = new Agglomeration(opinion, 5, false, new int[3]).Run(opinion.Pairs());
        Assert.NotEqual(clusters[0], clusters[2]);
    }

    [Fact]
    public void One_to_one_leaves_each_source_its_own()
    {
        // Two records of a source are alike to one of the other: the surer pair is made, and the rest left alone.
        var opinion = new Table(3, (one, other) => (one, other) switch { (0, 2) => 12, (1, 2) => 11, _ => 14 });
        Assert.Equal([0, 1, 0], new Agglomeration(opinion, 5, true, [0, 0, 1]).Run(opinion.Pairs()));
    }

    static int[] Clusters(Table opinion, IEnumerable<ScoredPair> pairs) => [.. new Agglomeration(opinion, 5, false, new int[8]).Run(pairs)];

    sealed class Table(int records, Func<int, int, float> bits) : IPairOpinion
    {
        public Table(int records, float[] bits)
            : this(records, (one, other) => bits[(one * ((2 * records) - one - 1) / 2) + other - one - 1])
        {
        }

        public (int, int) Apart { get; init; } = (-1, -1);

        public float Bits(int one, int other) => one < other ? bits(one, other) : bits(other, one);

        public bool AreKeptApart(IReadOnlyList<int> one, IReadOnlyList<int> other) => one.Any(a => other.Any(b => (Math.Min(a, b), Math.Max(a, b)) == Apart));

        public List<ScoredPair> Pairs() =>
            [.. from one in Enumerable.Range(0, records) from other in Enumerable.Range(one + 1, records - one - 1) select new ScoredPair(one, other, Bits(one, other), 0)];
    }
}
