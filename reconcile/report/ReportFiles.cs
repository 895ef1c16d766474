using System.Text.Json;
using CsvHelper;

namespace CdcSync.Reconcile.Reporting;

/// <summary>Writes a run's report: HTML for people, CSV and JSON for machines. A file is whole or not there.</summary>
sealed class ReportFiles(string folder)
{
    public async Task<IReadOnlyList<string>> WriteAsync(ReconcileRun run, CancellationToken stop)
    {
        var target = Path.GetFullPath(Path.Combine(folder, run.Name));
        Directory.CreateDirectory(target);
        var path = Path.Combine(target, $"{run.StartedAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{run.Id}");
        await WriteAsync($"{path}.json", file => JsonSerializer.SerializeAsync(file, run, ReportJson.Default.ReconcileRun, stop), stop);
        await WriteAsync($"{path}.csv", file => CsvAsync(file, run, stop), stop);
        await WriteAsync($"{path}.html", async file =>
        {
            await using var text = new StreamWriter(file, leaveOpen: true);
            await new HtmlReport(run).WriteAsync(text, stop);
        }, stop);
        return [$"{path}.html", $"{path}.csv", $"{path}.json"];
    }

    static async Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken stop)
    {
        var part = path + ".part";
        await using (var file = new FileStream(part, FileMode.Create, FileAccess.Write))
        {
            await write(file);
            await file.FlushAsync(stop);
            file.Flush(flushToDisk: true);
        }
        File.Move(part, path, overwrite: true);
    }

    static async Task CsvAsync(Stream file, ReconcileRun run, CancellationToken stop)
    {
        await using var csv = CsvWriter.Create(file, new CsvWriterOptions(), true);
        await csv.WriteRecordAsync(["key", "origin", "kind", "cause", "reason", "field", "source", "target", "repair", "repaired"], stop);
        foreach (var difference in run.Differences)
            foreach (var field in difference.Fields.DefaultIfEmpty(new FieldDifference("", null, null)))
            {
                string?[] cells =
                [
                    difference.Key, difference.Origin?.ToString(), ReportJson.Word(difference.Kind), ReportJson.Word(difference.Cause), difference.Reason,
                    field.Field, field.Source, field.Target, difference.Repair, difference.Repaired ? "true" : "false",
                ];
                await csv.WriteRecordAsync([.. cells.Select(Plain)], stop);
            }
    }

    // A spreadsheet takes a value that begins so for a formula; negative numbers stay numbers.
    static string Plain(string? value) => value is ['=' or '@' or '\t' or '\r', ..] or ['+' or '-', not (>= '0' and <= '9' or '.'), ..] ? "'" + value : value ?? "";
}
