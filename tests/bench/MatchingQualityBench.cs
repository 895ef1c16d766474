using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Suggest;

namespace CdcSync.Bench;

/// <summary>Labelled sets matched with the rules that are proposed for them, nothing edited: how right the clusters are at the threshold of merging without asking.</summary>
public sealed class MatchingQualityBench : IBench
{
    public string Name => "matching-quality";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var sets = Shared.Path("data", "matching");
        string Set(params string[] parts) => Path.Combine([sets, .. parts]);
        Measure("febrl 1", [Set("febrl", "dataset1.csv")], Febrl);
        Measure("febrl 2", [Set("febrl", "dataset2.csv")], Febrl);
        Measure("febrl 4", [Set("febrl", "dataset4a.csv"), Set("febrl", "dataset4b.csv")], Febrl, linkOnly: true);
        Measure("rldata 500", [Set("rldata", "RLdata500.csv")], "true_id");
        Measure("rldata 10000", [Set("rldata", "RLdata10000.csv")], "true_id");
        Measure("fake 1000", [Set("splink", "fake_1000.csv")], "cluster");
        Measure("restaurants", [Set("restaurants", "restaurant-nophone-training.csv")], "unique_id");
        Measure("foursquare and locu", [Set("foursquare_locu", "foursquare_train.json"), Set("foursquare_locu", "locu_train.json")], Set("foursquare_locu", "matches_train.csv"), linkOnly: true, oneToOne: true);
        Measure("abt and buy, valid pairs", [Set("abt_buy", "tableA.csv"), Set("abt_buy", "tableB.csv")], Set("abt_buy", "valid.csv"), linkOnly: true);
        Measure("the same with 200 labels", [Set("abt_buy", "tableA.csv"), Set("abt_buy", "tableB.csv")], Set("abt_buy", "valid.csv"), linkOnly: true, labels: Set("abt_buy", "train.csv"));
        Measure("senzing truth set", [Set("senzing_truthset", "customers.csv"), Set("senzing_truthset", "reference.csv"), Set("senzing_truthset", "watchlist.csv")], Set("senzing_truthset", "actual_truthset_key.csv"));
        string[] loads = ["customers.csv", "reference.csv", "watchlist.csv"];
        for (var load = 1; load <= loads.Length; load++)
            Measure($"the same, load {load}", [.. loads.Take(load).Select(f => Set("senzing_truthset", "v3_incremental", f))], Set("senzing_truthset", "v3_incremental", $"truthset-load{load}-key.csv"));
        NameCases.Show(output, Set("names", "cases.csv"), stop);
        await Task.CompletedTask;

        void Measure(string name, string[] files, string truth, bool linkOnly = false, bool oneToOne = false, string? labels = null)
        {
            var tables = files.Select(f => RecordFile.Read(f, stop)).ToList();
            var column = truth == Febrl ? "rec_id" : File.Exists(truth) ? null : truth;
            var rules = RuleSuggestion.Of(tables, oneToOne, column is null ? [] : [column]).Rules;
            var records = new RecordReader(rules).Read(tables, stop);
            IReadOnlyList<LabelledPair> decided = labels is null ? [] : Labels(new TruthFile(records, tables).Pairs(labels, RecordFile.Read(labels, stop)).Pairs);
            var result = new MatchRun(records, rules).Run(linkOnly, decided, stop);
            var known = truth == Febrl ? new Truth(Groups(tables), [], []) : column is not null ? Truth.OfColumn(tables, column) : new TruthFile(records, tables).Read(truth, RecordFile.Read(truth, stop));
            var measures = Measures.Of(result, known, linkOnly);
            output.Show(name, ("precision", $"{measures.Precision:0.0000}"), ("recall", $"{measures.Recall:0.0000}"), ("f1", $"{measures.F1:0.0000}"), ("autoPrecision", $"{measures.AutoPrecision:0.0000}"),
                ("blockingRecall", $"{measures.BlockingRecall:0.0000}"), ("records", records.Count));
        }
    }

    // FEBRL writes the true group into the id: rec-223-dup-0 is of group 223.
    const string Febrl = "(febrl)";

    static int[] Groups(IEnumerable<RawTable> tables) =>
        [.. tables.SelectMany(t => t["rec_id"].Codes.Select(c => int.Parse(t["rec_id"].Values[c].Split('-')[1], System.Globalization.CultureInfo.InvariantCulture)))];

    // Evenly over the file, which is in no order.
    static List<LabelledPair> Labels(IReadOnlyList<LabelledPair> all) => [.. all.Where((_, i) => i % Math.Max(1, all.Count / 200) == 0).Take(200)];
}
