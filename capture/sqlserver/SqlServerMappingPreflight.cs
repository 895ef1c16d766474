using CdcSync.Capture.Mapping;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.SqlServer;

/// <summary>What <c>cdcsync check</c> says of mappings: columns, fields and tables. Old rows come whole with CDC; with Change Tracking they do not come at all.</summary>
sealed class SqlServerMappingPreflight(SqlServerSettings settings, SqlServerConnections connections, SqlServerQueries reader)
{
    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop)
    {
        var statement = settings.Mode == CaptureMode.ChangeTracking ? "tracked_columns" : "columns";
        var tables = (await connections.ListAsync(statement, SqlServerCatalog.Read, stop)).ToLookup(r => $"{r.Schema}.{r.TableName}");
        return await MappingPreflight.CheckAsync(mappings, "columns and tables fit", async (mapping, found) =>
        {
            MappingPreflight.CheckColumns(mapping, [.. (await reader.DescribeAsync(mapping, stop)).Select(c => c.Name)], found);
            foreach (var table in mapping.Affected) CheckTable(mapping, table, [.. tables[table.Table]], found);
        });
    }

    void CheckTable(ObjectMapping mapping, AffectedTable table, List<SqlServerCatalog.Row> columns, List<PreflightResult> found)
    {
        if (columns.Count == 0)
        {
            var parts = table.Table.Split('.', 2);
            found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: table {table.Table} is not captured, or not there",
                $"{Remedies.In(connections.Database, settings.Mode == CaptureMode.ChangeTracking ? Remedies.TrackTable(parts[0], parts[1]) : Remedies.CaptureTable(parts[0], parts[1]))};"));
            return;
        }
        foreach (var column in table.Columns.Where(c => c != "ids" && columns.TrueForAll(o => o.Name != c)))
            found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: table {table.Table} has no captured column '{column}'{NearestName.Hint(column, columns.Select(c => c.Name))}"));
        if (settings.Mode != CaptureMode.ChangeTracking) return;
        foreach (var column in table.Columns.Where(c => c != "ids" && columns.Exists(o => o.Name == c && o.KeyOrdinal == 0)))
            found.Add(new(PreflightLevel.Warn, $"Mapping {mapping.Settings.Name}: Change Tracking does not tell the old '{column}' of a deleted or moved row of {table.Table}: the object it belonged to is not read again until reconciliation"));
    }
}
