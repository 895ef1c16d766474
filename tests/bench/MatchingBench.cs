using System.Diagnostics;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Suggest;

namespace CdcSync.Bench;

/// <summary>A customer master with known duplicates matched whole, with the rules that are proposed for it. <c>--rows N</c>, 1,000,000 when left out.</summary>
public sealed class MatchingBench : IBench
{
    public string Name => "matching";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var rows = args.Number("--rows", 1_000_000);
        var file = await Shared.CustomersAsync(rows, stop);
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var table = RecordFile.Read(file, stop);
        var read = clock.Elapsed.TotalSeconds;
        var rules = RuleSuggestion.Of([table], truth: ["entity"]).Rules;
        var records = new RecordReader(rules).Read([table], stop);
        var standardised = clock.Elapsed.TotalSeconds;
        var result = new MatchRun(records, rules).Run(linkOnly: false, [], stop);
        var (seconds, used) = (clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        using var process = Process.GetCurrentProcess();
        var resident = process.PeakWorkingSet64 >> 20;
        var measures = Measures.Of(result, Truth.OfColumn([table], "entity"), linkOnly: false);
        output.Show($"matching {rows} customers", ("seconds", Math.Round(seconds, 1)), ("read", Math.Round(read, 1)), ("standardise", Math.Round(standardised - read, 1)), ("cpuSeconds", Math.Round(used, 1)),
            ("residentMiB", resident), ("candidates", result.Candidates.Pairs.LongLength), ("precision", $"{measures.Precision:0.0000}"), ("recall", $"{measures.Recall:0.0000}"), ("f1", $"{measures.F1:0.0000}"),
            ("autoPrecision", $"{measures.AutoPrecision:0.0000}"), ("blockingRecall", $"{measures.BlockingRecall:0.0000}"));
    }
}
