namespace CdcSync.Mdm.Offline;

/// <summary>The report.</summary>
public sealed class MatchReport(MatchOutcome outcome)
{
    /// <summary>Writes it.</summary>
    public async Task WriteAsync(TextWriter page, CancellationToken stop) => await page.WriteLineAsync($"{outcome.Seconds}".AsMemory(), stop);
}
