using CdcSync.Mdm.Offline;

namespace CdcSync.Host.Cli;

/// <summary>What <c>mdm match</c> writes.</summary>
static class MatchFiles
{
    public static async Task WriteClustersAsync(string path, MatchResult result, CancellationToken stop)
    {
        await using var file = new StreamWriter(path);
        await file.WriteLineAsync("id,source,cluster".AsMemory(), stop);
        var records = result.Records;
        for (var record = 0; record < records.Count; record++)
        {
            if (record % 4096 == 0) stop.ThrowIfCancellationRequested();
            // A cluster is called after its first record, so that the same records have the same clusters in every run.
            var first = result.Clusters[record];
            await file.WriteLineAsync($"{Cell(records.Ids[record])},{Cell(records.Sources[records.SourceOf[record]])},{Cell($"{records.Sources[records.SourceOf[first]]}/{records.Ids[first]}")}");
        }
    }

    public static async Task WriteReportAsync(string path, MatchOutcome outcome, CancellationToken stop)
    {
        await using var file = new StreamWriter(path);
        await new MatchReport(outcome).WriteAsync(file, stop);
    }

    static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
