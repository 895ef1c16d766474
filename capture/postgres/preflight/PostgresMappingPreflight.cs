using CdcSync.Capture.Mapping;
using CdcSync.Contract.Settings;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>What <c>cdcsync check</c> says of mappings: columns, fields, tables, and replica identities that would lose an object's old key.</summary>
sealed class PostgresMappingPreflight(NpgsqlDataSource source, PostgresQueries reader)
{
    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop)
    {
        var found = new List<PreflightResult>();
        foreach (var mapping in mappings)
        {
            var before = found.Count;
            try
            {
                await CheckColumnsAsync(mapping, found, stop);
                foreach (var table in mapping.Affected) await CheckTableAsync(mapping, table, found, stop);
            }
            catch (MappingException wrong)
            {
                found.Add(new(PreflightLevel.Fail, wrong.Message));
            }
            if (found.Count == before) found.Add(new(PreflightLevel.Pass, $"Mapping {mapping.Settings.Name}: columns, tables and replica identities fit"));
        }
        return found;
    }

    async Task CheckColumnsAsync(ObjectMapping mapping, List<PreflightResult> found, CancellationToken stop)
    {
        var columns = await reader.DescribeAsync(mapping, stop);
        foreach (var key in mapping.KeyColumns.Where(k => columns.All(c => c.Name != k)))
            found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: the result has no key column '{key}'{NearestName.Hint(key, columns.Select(c => c.Name))}"));
        var given = mapping.Row.Count > 0 ? mapping.Row.Select(r => r.Field.Split('.')[0]).Distinct(StringComparer.Ordinal) : columns.Select(c => c.Name).Except(mapping.KeyOnlyColumns);
        foreach (var field in given.Except(mapping.Fields))
            found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: a {mapping.Kind.Name} has no field '{field}'{NearestName.Hint(field, mapping.Fields)}"));
    }

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
