using System.Data;
using System.Data.Common;
using CdcSync.Contract.Settings;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Tables;

/// <summary>Tables as their provider describes the result of a query over them: no catalogue of any database is needed.</summary>
static class PlainCatalog
{
    /// <summary>A table, its columns and its key.</summary>
    /// <exception cref="SourceException">The key of the settings is not there.</exception>
    public static async Task<PlainTable> DescribeAsync(SourceConnection connection, WatchedTable watched, ILogger? log, CancellationToken stop)
    {
        var full = FullName(connection.Dialect, watched);
        var found = await ColumnsAsync(connection, connection.Dialect.QuoteTable(watched.Table), stop);
        var key = watched.Key.Count > 0 ? watched.Key.ToList() : [.. found.Where(c => c.IsKey == true).Select(c => c.ColumnName)];
        if (key.Find(k => found.All(c => c.ColumnName != k)) is { } missing)
            throw new SourceException($"{full.Schema}.{full.Name} has no key column '{missing}'{NearestName.Hint(missing, found.Select(c => c.ColumnName))}; mend 'key'");
        var columns = new List<PlainColumn>();
        foreach (var column in found)
        {
            var type = column.DataTypeName ?? column.DataType?.Name ?? "?";
            if (connection.Dialect.TypeOf(column) is { } read)
                columns.Add(new PlainColumn(column.ColumnName, type, read.Type, column.AllowDBNull != false && !key.Contains(column.ColumnName), key.IndexOf(column.ColumnName) + 1, read.Cast));
            else if (log is not null)
                Log.ColumnLeftOut(log, $"{full.Schema}.{full.Name}", column.ColumnName, type);
        }
        return new PlainTable(full.Schema, full.Name, columns);
    }

    /// <summary>Schema and name of a table of the settings.</summary>
    public static (string Schema, string Name) FullName(SqlDialect dialect, WatchedTable watched)
    {
        var parts = watched.Table.Split('.', 2);
        return parts.Length == 2 ? (parts[0], parts[1]) : (dialect.DefaultSchema, parts[0]);
    }

    /// <summary>The columns of a table, given its quoted name.</summary>
    public static async Task<IReadOnlyList<DbColumn>> ColumnsAsync(SourceConnection connection, string quoted, CancellationToken stop)
    {
        try
        {
            return await AskAsync();
        }
        catch (KeyNotFoundException) when (connection.Connection is NpgsqlConnection)
        {
            // A type that was made after Npgsql had read which there are.
            await ((NpgsqlConnection)connection.Connection).ReloadTypesAsync(stop);
            return await AskAsync();
        }

        async Task<IReadOnlyList<DbColumn>> AskAsync()
        {
            await using var command = connection.Command($"select * from {quoted} where 1 = 0");
            await using var rows = await command.ExecuteReaderAsync(CommandBehavior.KeyInfo | CommandBehavior.SchemaOnly, stop);
            // KeyInfo may add hidden key columns.
            return [.. (await rows.GetColumnSchemaAsync(stop)).Where(c => c.IsHidden != true)];
        }
    }

    /// <summary>How a column is selected.</summary>
    public static string Selected(SqlDialect dialect, PlainColumn column, string prefix = "")
    {
        var quoted = dialect.Quote(prefix + column.Name);
        return column.Cast is { } cast ? cast.Replace("{0}", quoted, StringComparison.Ordinal) : quoted;
    }
}
