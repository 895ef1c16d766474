using System.Data.Common;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Tables;

/// <summary>Looks at everything a source of polled tables needs, and changes nothing.</summary>
sealed class TablesPreflight(TablesSettings settings, TimeProvider clock)
{
    readonly List<PreflightResult> _found = [];

    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop)
    {
        await using var connection = await SourceConnection.OpenAsync(settings, clock, stop);
        Add(PreflightLevel.Pass, $"{settings.Provider} answers: {connection.Connection.ServerVersion}");
        await MomentAsync(connection, stop);
        foreach (var watched in settings.Tables)
        {
            var before = _found.Count;
            try
            {
                await TableAsync(connection, watched, stop);
            }
            catch (Exception refused) when (refused is DbException or SourceException)
            {
                Add(PreflightLevel.Fail, $"{watched.Table}: {refused.Message}", "Run what `cdcsync enable` prints, and check the table's name and the role's rights");
            }
            if (_found.Count == before) Add(PreflightLevel.Pass, $"{watched.Table}: columns, key and {Reading(watched)} fit");
        }
        return _found;
    }

    async Task MomentAsync(SourceConnection connection, CancellationToken stop)
    {
        if (connection.Dialect.MomentSql is null)
        {
            if (connection.Dialect is not SqliteDialect)
                Add(PreflightLevel.Warn, $"This database does not say which transactions are open: one that takes longer than 'lag' ({settings.Lag}) between its change and its commit would be lost", "Set 'lag' above the longest writing transaction, and reconcile every night");
            return;
        }
        var skew = DateTimeOffset.UnixEpoch.AddMicroseconds((await connection.ObserveAsync(stop)).Micros) - clock.GetUtcNow();
        if (skew.Duration() > TimeSpan.FromSeconds(5)) Add(PreflightLevel.Warn, $"The database's clock differs by {skew:c}: latencies will look wrong", "Let both machines follow the same time server");
    }

    async Task TableAsync(SourceConnection connection, WatchedTable watched, CancellationToken stop)
    {
        var table = await PlainCatalog.DescribeAsync(connection, watched, null, stop);
        foreach (var (type, name) in (await PlainCatalog.ColumnsAsync(connection, connection.Dialect.QuoteTable(watched.Table), stop)).Where(c => table.Find(c.ColumnName) < 0).Select(c => (c.DataTypeName, c.ColumnName)))
            Add(PreflightLevel.Warn, $"{watched.Table}.{name} has type {type}, which cannot be read: the column is left out");
        if (table.Key.Count == 0)
            Add(watched.Changes == ChangeReading.ChangeTable ? PreflightLevel.Warn : PreflightLevel.Fail, $"{watched.Table} has no primary key: its records have none either, and its rows are read in one pass", "Name columns that identify a row with 'key'");
        if (watched.DeletedColumn is { } deleted && table.Find(deleted) < 0)
            Add(PreflightLevel.Fail, $"{watched.Table} has no column '{deleted}'{NearestName.Hint(deleted, table.Columns.Select(c => c.Name))}", "Mend 'deleted_column'");
        if (watched.Changes == ChangeReading.ChangeTable) await ChangeTableAsync(connection, watched, table, stop);
        else await RisingAsync(connection, watched, table, stop);
    }

    async Task ChangeTableAsync(SourceConnection connection, WatchedTable watched, PlainTable table, CancellationToken stop)
    {
        var rows = new ChangeRows(connection.Dialect, watched, table);
        var narrowed = await TableWays.NarrowAsync(connection, watched, table, null, stop);
        foreach (var column in table.PlainColumns.Where(c => narrowed.Find(c.Name) < 0))
            Add(PreflightLevel.Warn, $"{watched.Table}.{column.Name} is not in {rows.Quoted}: it is left out of the records", "Run what `cdcsync enable` prints");
        foreach (var column in narrowed.PlainColumns.Where(c => c.KeyOrdinal > 0 && c.Type.Kind is Debezium.PlainKind.Bytes)) Add(PreflightLevel.Warn, $"{watched.Table}.{column.Name} is a key of bytes: rows are read in its order, which must be that of the bytes");
        await using (var command = connection.Command(connection.Dialect.Select(rows.Columns, rows.Quoted, "1 = 0", rows.Id, 1)))
        await using (var reader = await command.ExecuteReaderAsync(stop)) await reader.ReadAsync(stop);
        if (!settings.CleanUp) Add(PreflightLevel.Warn, $"{rows.Quoted} is not cleaned up by CdcSync", "Set 'clean_up: true', or delete old rows by a job of your own");
        if (watched.ChangeTable.OldPrefix == "-") Add(PreflightLevel.Warn, $"{rows.Quoted} has no old values: a change of key leaves the old key's record standing", "Use a change table with old values, as `cdcsync enable` makes it");
    }

    async Task RisingAsync(SourceConnection connection, WatchedTable watched, PlainTable table, CancellationToken stop)
    {
        var at = table.Find(watched.Column!);
        if (at < 0)
        {
            Add(PreflightLevel.Fail, $"{watched.Table} has no column '{watched.Column}'{NearestName.Hint(watched.Column!, table.Columns.Select(c => c.Name))}", "Mend 'column'");
            return;
        }
        if (table.Columns[at].Nullable)
        {
            var column = connection.Dialect.Quote(watched.Column!);
            var none = await connection.ScalarAsync($"select count(*) from {connection.Dialect.QuoteTable(watched.Table)} where {column} is null", stop);
            Add(PreflightLevel.Warn, $"{watched.Table}.{watched.Column} may be null, and is in {none} rows: those are read once, and their changes are not seen", $"Fill it, and make it not null");
        }
        Add(PreflightLevel.Warn, $"{watched.Table} is read by its newest state: rows that are deleted{(watched.DeletedColumn is null ? "" : " for good")} are found by reconciliation only");
    }

    static string Reading(WatchedTable watched) => watched.Changes switch { ChangeReading.ChangeTable => "change table", ChangeReading.HighWater => $"high-water column {watched.Column}", _ => $"rowversion {watched.Column}" };

    void Add(PreflightLevel level, string what, string? fix = null) => _found.Add(new(level, what, fix));
}
