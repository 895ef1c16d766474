using CdcSync.Capture.Mapping;
using CdcSync.Contract.Settings;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>What <c>cdcsync check</c> says of mappings: columns, fields, tables, and replica identities that would lose an object's old key.</summary>
sealed class PostgresMappingPreflight(NpgsqlDataSource source, PostgresQueries reader)
{
    public Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop) =>
        MappingPreflight.CheckAsync(mappings, "columns, tables and replica identities fit", async (mapping, found) =>
        {
            MappingPreflight.CheckColumns(mapping, [.. (await reader.DescribeAsync(mapping, stop)).Select(c => c.Name)], found);
            foreach (var table in mapping.Affected) await CheckTableAsync(mapping, table, found, stop);
        });

    async Task CheckTableAsync(ObjectMapping mapping, AffectedTable table, List<PreflightResult> found, CancellationToken stop)
    {
        if (await TableIdentity.ReadAsync(source, table.Table, stop) is not { } identity)
        {
            found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: there is no table {table.Table}"));
            return;
        }
        foreach (var column in table.Columns.Where(c => c != "ids" && !identity.Columns.Contains(c)))
            found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: table {table.Table} has no column '{column}'{NearestName.Hint(column, identity.Columns)}"));
        if (identity.Lost(table) is { Count: > 0 } lost)
            found.Add(new(PreflightLevel.Fail,
                $"Mapping {mapping.Settings.Name}: a deleted or moved row of {table.Table} does not say its old {string.Join(", ", lost)}, so the object it belonged to would not be read again",
                $"alter table {string.Join('.', table.Table.Split('.', 2).Select(Sql.Identifier))} replica identity full;"));
    }
}
