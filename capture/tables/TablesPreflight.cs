namespace CdcSync.Capture.Tables;

/// <summary>Looks at everything a source of polled tables needs, and changes nothing.</summary>
sealed class TablesPreflight(TablesSettings settings, TimeProvider clock)
{
    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop)
    {
        await using var connection = await SourceConnection.OpenAsync(settings, clock, stop);
        return [];
    }
}
