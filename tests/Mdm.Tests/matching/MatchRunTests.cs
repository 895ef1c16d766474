using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Suggest;
using CdcSync.Servers;

namespace CdcSync.Mdm.Tests.Matching;

/// <summary>Whole matchings with the rules that are proposed, nothing edited.</summary>
public sealed class MatchRunTests
{
    static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    // Floors a little under what is measured (docs/adr/0008): a fall shows, noise of another release of a table does not.
    [Theory]
    [InlineData("febrl/dataset1.csv", "rec_id", 1, 1)]
    [InlineData("febrl/dataset2.csv", "rec_id", 0.998, 0.999)]
    [InlineData("rldata/RLdata500.csv", "true_id", 0.94, 0.98)]
    [InlineData("splink/fake_1000.csv", "cluster", 0.93, 0.985)]
    [InlineData("restaurants/restaurant-nophone-training.csv", "unique_id", 0.91, 0.88)]
    public void Labelled_records_come_together_as_their_labels_say(string file, string truth, double f1, double precision)
    {
        var table = RecordFile.Read(Needs.Shared(["data", "matching", .. file.Split('/')]), Stop);
        var measures = Measures.Of(Match(table, truth), Truth.OfColumn([WithGroups(table, truth)], truth), linkOnly: false);
        Assert.True(measures.F1 >= f1, $"F1 {measures.F1:0.0000} of {file}");
        Assert.True(measures.Precision >= precision, $"precision {measures.Precision:0.0000} of {file}");
    }

    [Fact]
    public void The_same_records_give_the_same_result()
    {
        var table = RecordFile.Parse("people", People(400), Stop);
        var (one, other) = (Match(table, "entity"), Match(table, "entity"));
        Assert.Equal(one.Clusters, other.Clusters);
        Assert.Equal(one.Pairs, other.Pairs);
    }

    [Fact]
    public void A_score_that_is_given_up_early_could_not_have_reached_what_was_asked()
    {
        var result = Match(RecordFile.Read(Needs.Shared("data", "matching", "splink", "fake_1000.csv"), Stop), "cluster");
        foreach (var pair in result.Candidates.Pairs)
        {
            var (one, other) = CandidatePairs.Split(pair);
            var (levels, bits) = result.Scorer.Score(one, other);
            foreach (var least in (double[])[-10, 0, 5, 20]) Assert.Equal(bits >= least ? (levels, bits) : null, result.Scorer.Score(one, other, least));
        }
    }

    [Fact]
    public void Repeated_ids_are_told()
    {
        var table = RecordFile.Parse("people", "id,name,city\n1,Ann Stone,Leeds\n2,Bob Moss,York\n1,Ann Stone,Leeds\n", Stop);
        var records = new RecordReader(RuleSuggestion.Of([table]).Rules with { Id = "id" }).Read([table], Stop);
        Assert.Equal(3, records.Count);
        Assert.Contains("1", Assert.Single(records.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_equal_names_cost_no_more_than_their_block_allows()
    {
        var rows = string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i},{(i % 5 < 3 ? "Smith Plumbing" : $"Firm{i} Trading")},{i} Main Street,{10_000 + i},\n"));
        var result = Match(RecordFile.Parse("equal", "id,name,street,postcode,tax_id\n" + rows, Stop), "none");
        Assert.True(result.Candidates.Pairs.Length < 200_000, $"{result.Candidates.Pairs.Length} pairs");
        Assert.Contains(result.Candidates.Counts, c => c is { TooCommon: > 0, Largest: >= 3000 });
    }

    [Fact]
    public void A_key_that_would_bring_too_many_pairs_gives_up_its_most_common_values()
    {
        // 400 values that 100 records share are 1,980,000 pairs, more than 45,000 records are allowed; 500 values that ten share are 22,500.
        var rows = string.Concat(Enumerable.Range(0, 45_000).Select(i => $"{i},n{i},{(i < 40_000 ? $"w{i / 100}" : $"r{i / 10}")}\n"));
        var rules = new Rules.MatchRules
        {
            Object = "thing", Fields = new Dictionary<string, Rules.FieldRule> { ["name"] = new() { Kind = "identifier", From = ["name"] }, ["code"] = new() { Kind = "identifier", From = ["code"] } }, Blocking = ["code"],
        };
        var found = new MatchRun(new RecordReader(rules).Read([RecordFile.Parse("things", "id,name,code\n" + rows, Stop)], Stop), rules).Candidates(linkOnly: false, Stop);
        var count = Assert.Single(found.Counts);
        Assert.Equal((22_500, 400, 100), (count.Pairs, count.TooCommon, count.Largest));
        Assert.InRange(count.MostHolders, 10, 99);
        Assert.Equal(22_500, found.Pairs.Length);
    }

    [Fact]
    public void Pairs_of_different_files_alone_are_looked_at_when_files_are_only_linked()
    {
        var tables = new[] { RecordFile.Parse("left", People(200), Stop), RecordFile.Parse("right", People(200), Stop) };
        var rules = RuleSuggestion.Of(tables, truth: ["entity"]).Rules;
        var result = new MatchRun(new RecordReader(rules).Read(tables, Stop), rules).Run(linkOnly: true, [], Stop);
        Assert.NotEmpty(result.Candidates.Pairs);
        Assert.All(result.Candidates.Pairs, p => Assert.NotEqual(result.Records.SourceOf[CandidatePairs.Split(p).One], result.Records.SourceOf[CandidatePairs.Split(p).Other]));
    }

    [Fact]
    public void An_equal_number_decides_and_a_different_one_forbids_whatever_the_score_says()
    {
        var table = RecordFile.Parse("people", People(300) + "a,Zoe,Quist,1901-01-01,Nowhere,K7001\nb,Yan,Ferro,1999-12-31,Elsewhere,K7001\nc,Ada,Lorenz,1950-02-03,Town1,K7002\nd,Ada,Lorenz,1950-02-03,Town1,K7003\n", Stop);
        var rules = RuleSuggestion.Of([table], truth: ["entity"]).Rules;
        rules = rules with
        {
            Fields = rules.Fields.Append(new("number", new Rules.FieldRule { Kind = "identifier", From = ["entity"], Compare = "none" })).ToDictionary(f => f.Key, f => f.Value), Same = ["number"], Differ = ["number"],
        };
        var clusters = new MatchRun(new RecordReader(rules).Read([table], Stop), rules).Run(linkOnly: false, [], Stop).Clusters;
        Assert.Equal(clusters[300], clusters[301]);
        Assert.NotEqual(clusters[302], clusters[303]);
    }

    [Theory]
    [InlineData("id,name\n1,\n2,\n")]
    [InlineData("id,name,city\n1,Acme,Berlin\n")]
    public void Hardly_any_records_are_no_error(string csv)
    {
        var table = RecordFile.Parse("few", csv, Stop);
        try
        {
            Assert.Equal(table.Rows, Match(table, "entity").Clusters.Distinct().Count());
        }
        catch (Contract.Settings.SettingsException wrong)
        {
            // Nothing to compare: said, with what there is.
            Assert.Contains("can be compared", wrong.Message, StringComparison.Ordinal);
        }
    }

    static MatchResult Match(RawTable table, string truth)
    {
        var rules = RuleSuggestion.Of([table], truth: [truth]).Rules;
        return new MatchRun(new RecordReader(rules).Read([table], Stop), rules).Run(linkOnly: false, [], Stop);
    }

    // FEBRL writes the group into the id: rec-223-dup-0 is of group 223.
    static RawTable WithGroups(RawTable table, string truth) =>
        truth != "rec_id" ? table : table with { Data = [.. table.Columns.Select((name, i) => name == truth ? Groups(table.Data[i]) : table.Data[i])] };

    static RawColumn Groups(RawColumn ids)
    {
        var groups = ids.Values.Select(v => v.Split('-')[1]).ToList();
        var distinct = groups.Distinct().ToList();
        return new RawColumn([.. ids.Codes.Select(c => distinct.IndexOf(groups[c]))], distinct);
    }

    static string People(int count)
    {
        var (random, csv) = (new Random(7), new System.Text.StringBuilder("id,first_name,surname,dob,city,entity\n"));
        string[] given = ["Anna", "Bert", "Clara", "David", "Eva", "Frank", "Greta", "Hans"], surnames = ["Miller", "Baker", "Schmidt", "Novak", "Rossi", "Dubois", "Larsen", "Silva"];
        for (var i = 0; i < count; i++)
        {
            var entity = random.Next(count / 2);
            var shape = new Random(entity);
            csv.AppendLine($"{i},{given[shape.Next(8)]},{surnames[shape.Next(8)]},{1950 + shape.Next(50)}-{1 + shape.Next(12):00}-{1 + shape.Next(28):00},{(random.Next(5) == 0 ? "" : "Town" + shape.Next(30))},{entity}");
        }
        return csv.ToString();
    }
}
