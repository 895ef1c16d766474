using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;

namespace CdcSync.Mdm.Tests;

public sealed class GoldenIdsTests
{
    [Fact]
    public void Text_form()
    {
        Assert.Equal("C00000042", GoldenIds.Text("customer", 42));
        Assert.Equal(("customer", 42L), GoldenIds.Parse("C00000042"));
        Assert.Equal(("item", 123456789012L), GoldenIds.Parse("I123456789012"));
        foreach (var none in new[] { "", "C", "X00000001", "C-1", "C0", "42", "Cx" }) Assert.Null(GoldenIds.Parse(none));
    }

    [Fact]
    public void The_majority_keeps_the_id() => Assert.Equal([null, 7L], Kept([M("a", 7)], [M("b", 7), M("c", 7)]));

    [Fact]
    public void A_tie_goes_to_the_smallest_key() => Assert.Equal([7L, null], Kept([M("a", 7), M("d", 7)], [M("b", 7), M("c", 7)]));

    [Fact]
    public void A_cluster_that_is_due_several_keeps_the_oldest()
    {
        var assignment = GoldenIds.Assign([[M("a", 9), M("b", 3), M("c", null)], [M("d", null)]]);
        Assert.Equal([3L, null], assignment.Kept);
        Assert.Equal([(9L, 0)], assignment.Merged);
    }

    [Fact]
    public void A_split_and_a_merge_at_once()
    {
        // 1 loses a record to the cluster where 2 has its majority.
        var assignment = GoldenIds.Assign([[M("a", 1), M("b", 1)], [M("c", 1), M("d", 2)]]);
        Assert.Equal([1L, 2L], assignment.Kept);
        Assert.Empty(assignment.Merged);
    }

    static IReadOnlyList<long?> Kept(params Member[][] clusters) => GoldenIds.Assign(clusters).Kept;

    static Member M(string id, long? golden) => new(id[0], new CanonicalKey("s", id), golden, []);
}
