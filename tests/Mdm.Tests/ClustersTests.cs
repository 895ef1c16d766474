using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Rules;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Mdm.Tests;

public sealed class ClustersTests
{
    static readonly string[] Vocabulary =
    [
        "tax:DE1", "tax:DE2", "tax:FR1", "tax:ein/1", "tax:ein/2", "email-name:a|X", "email-name:b|X", "name-address:X|1|A", "name-address:X|2|B",
    ];

    readonly Clusters _clusters = new(new RuleBook(new MdmSettings()));

    [Fact]
    public void A_weaker_key_never_merges_different_numbers_of_one_register()
    {
        Assert.Equal("1 | 2", Resolve(Record(1, "tax:DE1", "email-name:a|X"), Record(2, "tax:DE2", "email-name:a|X")));
        Assert.Equal("1 2", Resolve(Record(1, "tax:DE1", "email-name:a|X"), Record(2, "tax:ein/2", "email-name:a|X")));
        Assert.Equal("1 2", Resolve(Record(1, "tax:DE1", "tax:ein/1"), Record(2, "tax:DE1", "tax:ein/2")));
    }

    [Fact]
    public void A_record_that_could_be_either_stays_alone() =>
        Assert.Equal("1 | 2 | 3", Resolve(Record(1, "tax:DE1", "email-name:a|X"), Record(2, "tax:DE2", "email-name:a|X"), Record(3, "email-name:a|X")));

    [Fact]
    public void A_bridge_goes_with_the_stronger_key() =>
        Assert.Equal("1 | 2 3", Resolve(Record(1, "tax:DE1", "name-address:X|1|A"), Record(2, "tax:DE2", "email-name:a|X"), Record(3, "email-name:a|X", "name-address:X|1|A")));

    [Fact]
    public void A_number_whose_country_nobody_knows_proves_no_difference() =>
        Assert.Equal("1 2", Resolve(Record(1, "tax:DE123456789", "email-name:a|X"), Record(2, "tax:123456789", "email-name:a|X")));

    [Fact]
    public void Levels_are_never_merged_and_who_cannot_tell_joins_none_of_two()
    {
        Member[] records = [Record(1, "tax:DE1") with { Level = "site" }, Record(2, "tax:DE1") with { Level = "legal_entity" }, Record(3, "tax:DE1"), Record(4, "tax:DE1") with { Level = "legal_entity" }];
        Assert.Equal("1 | 2 4 | 3", Resolve(records));
        Assert.Equal("1 3", Resolve(records[0], records[2]));
        Assert.Equal("1 | 2", Resolve(records[0], records[1]));
    }

    [Fact]
    public void A_parent_and_its_child_are_two_whatever_is_equal() =>
        Assert.Equal("1 | 2 3", Resolve(Record(1, "tax:DE1"), Record(2, "tax:DE1", "email-name:a|X") with { ParentId = "1" }, Record(3, "email-name:a|X")));

    [Fact]
    public Task The_order_of_records_plays_no_part() => Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Records().ToArbitrary(), records =>
        Resolve([.. records]) == Resolve([.. records.Reverse()]))), TestContext.Current.CancellationToken);

    [Fact]
    public Task Strangers_have_no_influence() => Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Records().ToArbitrary(), records =>
    {
        // The whole resolved at once equals each connected part resolved alone.
        var parts = Connected(records).Select(part => Resolve([.. part]));
        return Resolve([.. records]) == string.Join(" | ", parts.SelectMany(p => p.Split(" | ")).Order(StringComparer.Ordinal));
    })), TestContext.Current.CancellationToken);

    [Fact]
    public Task Every_two_records_of_a_cluster_are_connected_and_none_is_vetoed() => Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Records().ToArbitrary(), records =>
    {
        foreach (var cluster in _clusters.Resolve(records, Evidence.None).All)
        {
            if (Connected([.. cluster]).Count != 1) return false;
            // Numbers that differ stand in one cluster only where a number they share brought them together.
            var byTax = Connected([.. cluster.Select(m => m with { Keys = [.. m.Keys.Where(k => k.StartsWith("tax:", StringComparison.Ordinal))] })]);
            var registers = byTax.Select(part => part.SelectMany(m => m.Keys).Select(k => k.Contains('/') ? "ein" : "vat").ToHashSet()).Where(r => r.Count > 0).ToList();
            if (registers.SelectMany(r => r).CountBy(r => r).Any(r => r.Value > 1)) return false;
        }
        return true;
    })), TestContext.Current.CancellationToken);

    string Resolve(params Member[] records) =>
        string.Join(" | ", _clusters.Resolve(records, Evidence.None).All.Select(c => string.Join(' ', c.Select(m => m.Key.Id))).Order(StringComparer.Ordinal));

    static Member Record(int id, params string[] keys) => new(id, new CanonicalKey("s", $"{id}"), null, keys);

    static Gen<Member[]> Records() =>
        from sets in Gen.Elements(Vocabulary).ListOf(2).NonEmptyListOf()
        select sets.Take(9).Select((keys, i) => Record(i + 1, [.. keys.Distinct()])).ToArray();

    // The plainest closure there is, to compare with.
    static List<List<Member>> Connected(IReadOnlyCollection<Member> records)
    {
        var parts = new List<List<Member>>();
        foreach (var record in records)
        {
            var touching = parts.Where(p => p.Any(m => m.Keys.Intersect(record.Keys).Any())).ToList();
            parts.RemoveAll(touching.Contains);
            parts.Add([.. touching.SelectMany(t => t), record]);
        }
        return parts;
    }
}
