using CdcSync.Mdm.Offline;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Mdm.Tests;

public sealed class MeasuresTests
{
    static RawTable Table(string text, string name = "f") => RecordFile.Parse($"{name}.csv", text, TestContext.Current.CancellationToken);

    [Fact]
    public void Counting_in_tables_is_counting_pairs() => Prop.ForAll(Gen.Choose(1, 6).ListOf(30).ToArbitrary(), Gen.Choose(1, 6).ListOf(30).ToArbitrary(), (first, second) =>
    {
        int[] clusters = [.. first], groups = [.. second], sources = [.. Enumerable.Range(0, clusters.Length).Select(i => i % 3)];
        foreach (var of in (int[]?[])[null, sources])
        {
            var pairs = (from i in Enumerable.Range(0, clusters.Length) from j in Enumerable.Range(0, i) where of is null || of[i] != of[j] select (i, j)).ToList();
            var (found, right, same) = (pairs.Count(p => clusters[p.i] == clusters[p.j]), pairs.Count(p => clusters[p.i] == clusters[p.j] && groups[p.i] == groups[p.j]), pairs.Count(p => groups[p.i] == groups[p.j]));
            var (precision, recall) = Measures.Pairwise(clusters, groups, of);
            Assert.Equal(found == 0 ? 1 : (double)right / found, precision, 12);
            Assert.Equal(same == 0 ? 1 : (double)right / same, recall, 12);
        }
        var (precise, recalled) = Measures.Bcubed(clusters, groups);
        Assert.Equal(Enumerable.Range(0, 30).Average(i => Share(clusters, groups, i)), precise, 12);
        Assert.Equal(Enumerable.Range(0, 30).Average(i => Share(groups, clusters, i)), recalled, 12);
    }).QuickCheckThrowOnFailure();

    static double Share(int[] mine, int[] theirs, int i) =>
        Enumerable.Range(0, mine.Length).Where(j => mine[j] == mine[i]).Average(j => theirs[j] == theirs[i] ? 1.0 : 0.0);

    [Fact]
    public void A_column_tells_groups_and_who_has_none_is_alone()
    {
        var truth = Truth.OfColumn([Table("id,g\n1,a\n2,\n3,a\n4,", "x"), Table("id,g\n1,b\n2,a", "y")], "g");
        Assert.Equal(truth.Groups![0], truth.Groups[2]);
        Assert.Equal(truth.Groups[0], truth.Groups[5]);
        Assert.Equal(4, truth.Groups.Distinct().Count());
        Assert.Contains("2 records have no 'g'", Assert.Single(truth.Notes));
    }

    static Truth Read(string truth, params RawTable[] tables)
    {
        var records = new RecordSet([.. tables.SelectMany(t => Enumerable.Range(0, t.Rows).Select(r => t["id"].At(r)!))], [.. tables.Select(t => t.Name)], [.. tables.SelectMany((t, i) => Enumerable.Repeat(i, t.Rows))], []);
        return new TruthFile(records, tables).Read("t.csv", Table(truth, "t"));
    }

    [Fact]
    public void Pairs_with_labels_are_pairs() =>
        Assert.Equal([new LabelledPair(0, 3, true), new LabelledPair(1, 2, false)], Read("ltable_id,rtable_id,label\n0,1,1\n1,0,0\n9,9,1", Table("id\n0\n1", "a"), Table("id\n0\n1", "b")).Pairs);

    [Fact]
    public void Pairs_may_name_the_second_file_first() =>
        Assert.Equal([0, 1, 1, 0], Groups(Read("b_id,a_id\ny,p\nx,q", Table("id\np\nq", "a"), Table("id\nx\ny", "b"))));

    [Fact]
    public void Pairs_without_labels_link_groups() => Assert.Equal([0, 0, 0, 3], Groups(Read("one_id,other_id\n1,2\n2,3", Table("id\n1\n2\n3\n4"))));

    [Fact]
    public void Ids_with_their_group_and_source() =>
        Assert.Equal([0, 1, 1, 3], Groups(Read("CLUSTER_ID,RECORD_ID,DATA_SOURCE\n7,1,a\n8,2,a\n8,1,b\n9,2,b", Table("id\n1\n2", "a"), Table("id\n1\n2", "b"))));

    [Fact]
    public void Ids_that_no_record_has_are_an_error() =>
        Assert.StartsWith("t.csv:2: none of the ids", Assert.Throws<RecordFileException>(() => Read("l_id,r_id\nx,y", Table("id\n1\n2"))).Message);

    // Each record's group, called after its first record.
    static int[] Groups(Truth truth) => [.. truth.Groups!.Select(g => Array.IndexOf(truth.Groups!, g))];
}
