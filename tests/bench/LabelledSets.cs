using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Suggest;

namespace CdcSync.Bench;

/// <summary>A set of records with known truth.</summary>
/// <param name="Name">For people.</param>
/// <param name="Files">The records.</param>
/// <param name="Truth">A column with the true group, a file of true pairs, or <see cref="LabelledSets.Febrl"/>.</param>
/// <param name="LinkOnly">True when records of one file are never the same.</param>
/// <param name="OneToOne">True when a record of one file has at most one in the other.</param>
/// <param name="Labels">A file of labelled pairs, of which 200 are used; null for none.</param>
public sealed record LabelledSet(string Name, string[] Files, string Truth, bool LinkOnly = false, bool OneToOne = false, string? Labels = null)
{
    /// <summary>Matches it with the rules that are proposed for it, nothing edited.</summary>
    public (MatchRules Rules, MatchResult Result, Truth Truth) Match(CancellationToken stop)
    {
        var tables = Files.Select(f => RecordFile.Read(f, stop)).ToList();
        var column = Truth == LabelledSets.Febrl ? "rec_id" : File.Exists(Truth) ? null : Truth;
        var rules = RuleSuggestion.Of(tables, OneToOne, column is null ? [] : [column]).Rules;
        var records = new RecordReader(rules).Read(tables, stop);
        IReadOnlyList<LabelledPair> decided = Labels is null ? [] : Evenly(new TruthFile(records, tables).Pairs(Labels, RecordFile.Read(Labels, stop)).Pairs);
        var result = new MatchRun(records, rules).Run(LinkOnly, decided, stop);
        var truth = Truth == LabelledSets.Febrl ? new Truth(Groups(tables), [], []) : column is not null ? Mdm.Offline.Truth.OfColumn(tables, column) : new TruthFile(records, tables).Read(Truth, RecordFile.Read(Truth, stop));
        return (rules, result, truth);
    }

    // FEBRL writes the true group into the id: rec-223-dup-0 is of group 223.
    static int[] Groups(IEnumerable<RawTable> tables) =>
        [.. tables.SelectMany(t => t["rec_id"].Codes.Select(c => int.Parse(t["rec_id"].Values[c].Split('-')[1], System.Globalization.CultureInfo.InvariantCulture)))];

    // Evenly over the file, which is in no order.
    static List<LabelledPair> Evenly(IReadOnlyList<LabelledPair> all) => [.. all.Where((_, i) => i % Math.Max(1, all.Count / 200) == 0).Take(200)];
}

/// <summary>The sets there are.</summary>
public static class LabelledSets
{
    /// <summary>Truth that stands in FEBRL's record ids.</summary>
    public const string Febrl = "(febrl)";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LabelledSet> All { get; } =
    [
        new("febrl 1", [At("febrl", "dataset1.csv")], Febrl),
        new("febrl 2", [At("febrl", "dataset2.csv")], Febrl),
        new("febrl 4", [At("febrl", "dataset4a.csv"), At("febrl", "dataset4b.csv")], Febrl, LinkOnly: true),
        new("rldata 500", [At("rldata", "RLdata500.csv")], "true_id"),
        new("rldata 10000", [At("rldata", "RLdata10000.csv")], "true_id"),
        new("fake 1000", [At("splink", "fake_1000.csv")], "cluster"),
        new("restaurants", [At("restaurants", "restaurant-nophone-training.csv")], "unique_id"),
        new("foursquare and locu", [At("foursquare_locu", "foursquare_train.json"), At("foursquare_locu", "locu_train.json")], At("foursquare_locu", "matches_train.csv"), LinkOnly: true, OneToOne: true),
        new("abt and buy, valid pairs", [At("abt_buy", "tableA.csv"), At("abt_buy", "tableB.csv")], At("abt_buy", "valid.csv"), LinkOnly: true),
        new("the same with 200 labels", [At("abt_buy", "tableA.csv"), At("abt_buy", "tableB.csv")], At("abt_buy", "valid.csv"), LinkOnly: true, Labels: At("abt_buy", "train.csv")),
        new("senzing truth set", [At("senzing_truthset", "customers.csv"), At("senzing_truthset", "reference.csv"), At("senzing_truthset", "watchlist.csv")], At("senzing_truthset", "actual_truthset_key.csv")),
        Load(1), Load(2), Load(3),
    ];

    /// <summary>A file of <see cref="All"/>.</summary>
    public static string At(params string[] parts) => Path.Combine([Shared.Path("data", "matching"), .. parts]);

    static LabelledSet Load(int load) => new(
        $"the same, load {load}", [.. ((string[])["customers.csv", "reference.csv", "watchlist.csv"]).Take(load).Select(f => At("senzing_truthset", "v3_incremental", f))],
        At("senzing_truthset", "v3_incremental", $"truthset-load{load}-key.csv"));
}
