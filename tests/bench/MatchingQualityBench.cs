using CdcSync.Mdm.Offline;

namespace CdcSync.Bench;

/// <summary>Labelled sets matched with the rules that are proposed for them, nothing edited: how right the clusters are at the threshold of merging without asking.</summary>
public sealed class MatchingQualityBench : IBench
{
    public string Name => "matching-quality";

    public Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        foreach (var set in LabelledSets.All)
        {
            var (_, result, truth) = set.Match(stop);
            var measures = Measures.Of(result, truth, set.LinkOnly);
            output.Show(set.Name, ("precision", $"{measures.Precision:0.0000}"), ("recall", $"{measures.Recall:0.0000}"), ("f1", $"{measures.F1:0.0000}"), ("autoPrecision", $"{measures.AutoPrecision:0.0000}"),
                ("blockingRecall", $"{measures.BlockingRecall:0.0000}"), ("records", result.Records.Count));
        }
        NameCases.Show(output, LabelledSets.At("names", "cases.csv"), stop);
        return Task.CompletedTask;
    }
}
