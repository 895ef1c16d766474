using CdcSync.Contract.Compare;
using CdcSync.Reconcile.Compare;
using FsCheck.Fluent;

namespace CdcSync.Reconcile.Tests;

public sealed class MergeTests
{
    static readonly string[] Letters = ["", "a", "b", "z", "ä", "\uFFFD", "\U0001F600", "|", " "];

    [Fact]
    public void Merge_finds_what_sets_find()
    {
        var key = Gen.Elements(Letters).ArrayOf(3).Select(string.Concat);
        var row = key.SelectMany(_ => Gen.Elements<string?>("1", "2", null), (k, v) => (Key: k, Value: v));
        var side = row.ListOf().Select(rows => rows.DistinctBy(r => r.Key).OrderBy(r => System.Text.Encoding.UTF8.GetBytes(r.Key), Utf8Order).ToList());
        var both = side.SelectMany(_ => side, (a, b) => (a, b));
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(both.ToArbitrary(), pair => SameAsync(pair.a, pair.b)));
    }

    static readonly Comparer<byte[]> Utf8Order = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));

    static async Task<bool> SameAsync(List<(string Key, string? Value)> source, List<(string Key, string? Value)> target)
    {
        var found = await FindAsync(source, target);
        var (left, right) = (source.ToDictionary(r => r.Key, r => r.Value), target.ToDictionary(r => r.Key, r => r.Value));
        var naive = left.Keys.Union(right.Keys).Where(k => !left.TryGetValue(k, out var a) || !right.TryGetValue(k, out var b) || a != b);
        return found.ToHashSet().SetEquals(naive) && found.Count == found.Distinct().Count();
    }

    static async Task<List<string>> FindAsync(List<(string Key, string? Value)> source, List<(string Key, string? Value)> target)
    {
        var keys = new List<string>();
        await foreach (var suspect in Merge.DifferencesAsync(new ListedSide("a", source), new ListedSide("b", target), null, new FieldComparison(new Dictionary<string, decimal>(), []), new(), default))
            keys.Add(suspect.Key);
        return keys;
    }
}
