using CdcSync.Contract.Settings;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Tables;

/// <summary>Chooses how a table is read.</summary>
static class TableWays
{
    public static async Task<TableWay> OpenAsync(
        TablesSettings settings, SourceConnection connection, WatchedTable watched, PlainTable table, TableMark? mark, TimeProvider clock, ILogger log, CancellationToken stop)
    {
        var dialect = connection.Dialect;
        table = await NarrowAsync(connection, watched, table, log, stop);
        return watched.Changes switch
        {
            ChangeReading.HighWater => new HighWater(settings, dialect, watched, table, mark, clock),
            ChangeReading.Rowversion => new RowversionRows(settings, dialect, watched, table),
            _ when new ChangeRows(dialect, watched, table).Transaction is not null => new WindowedChanges(dialect, watched, table, settings.BatchRows),
            _ => new NumberedChanges(settings, dialect, watched, table, mark, clock),
        };
    }

    /// <summary>The table with the columns that its change table has too.</summary>
    /// <exception cref="SourceException">A key column is not among them.</exception>
    public static async Task<PlainTable> NarrowAsync(SourceConnection connection, WatchedTable watched, PlainTable table, ILogger? log, CancellationToken stop)
    {
        if (watched.Changes != ChangeReading.ChangeTable) return table;
        var rows = new ChangeRows(connection.Dialect, watched, table);
        var there = (await PlainCatalog.ColumnsAsync(connection, rows.Quoted, stop)).Select(c => c.ColumnName).ToHashSet(StringComparer.Ordinal);
        var (kept, left) = (table.PlainColumns.Where(c => there.Contains(rows.Layout.NewPrefix + c.Name)).ToList(), table.PlainColumns.Where(c => !there.Contains(rows.Layout.NewPrefix + c.Name)).ToList());
        if (left.Find(c => c.KeyOrdinal > 0) is { } key)
            throw new SourceException($"The change table {rows.Quoted} has no column '{rows.Layout.NewPrefix}{key.Name}' for the key of {table.FullName}{NearestName.Hint(rows.Layout.NewPrefix + key.Name, there)}. Make it anew: `cdcsync enable`");
        if (log is not null)
            foreach (var column in left) Log.NotInChangeTable(log, table.FullName, column.Name, rows.Quoted);
        return left.Count == 0 ? table : new PlainTable(table.Schema, table.Name, kept);
    }
}
