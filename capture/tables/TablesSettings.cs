using CdcSync.Capture.Postgres;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Tables;

/// <summary>How a table's changes are found.</summary>
public enum ChangeReading
{
    /// <summary>In a change table that triggers fill: every change with old and new row. `cdcsync enable` writes the triggers.</summary>
    ChangeTable,

    /// <summary>By a column that rises with every change: a time, a number from a sequence. Shows the newest state of a row, and no deletes but soft ones.</summary>
    HighWater,

    /// <summary>By SQL Server's <c>rowversion</c> column: as high water, without any lag.</summary>
    Rowversion,
}

/// <summary>Whose SQL is spoken.</summary>
public enum SqlKind
{
    /// <summary>PostgreSQL 13 or later.</summary>
    Postgres,

    /// <summary>SQL Server 2016 or later.</summary>
    SqlServer,

    /// <summary>SQLite.</summary>
    Sqlite,

    /// <summary>MySQL and MariaDB: back-quotes and LIMIT.</summary>
    MySql,

    /// <summary>Any other: quoted names, FETCH FIRST.</summary>
    Standard,
}

/// <summary>A database of any kind, read by polling change tables or columns that rise with each change.</summary>
public sealed record TablesSettings : SourceSettings
{
    /// <summary>The ADO.NET provider: <c>Npgsql</c>, <c>Microsoft.Data.SqlClient</c>, <c>Microsoft.Data.Sqlite</c>, <c>System.Data.Odbc</c>, <c>MySqlConnector</c>, ...</summary>
    public required string Provider { get; init; }

    /// <summary>File of the provider's assembly, where it does not come with CdcSync. Default: beside CdcSync, or in its folder <c>providers</c>.</summary>
    public string? ProviderFile { get; init; }

    /// <summary>The provider's connection string.</summary>
    public required string Connection { get; init; }

    /// <summary>Whose SQL is spoken. Default: what the provider's name says.</summary>
    public SqlKind? Dialect { get; init; }

    /// <summary>The tables to publish.</summary>
    public required IReadOnlyList<WatchedTable> Tables { get; init; }

    /// <summary>Whether existing rows are published first. Default initial.</summary>
    public SnapshotMode Snapshot { get; init; } = SnapshotMode.Initial;

    /// <summary>How soon a source that has changes is asked again. Default 500 ms.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How seldom an idle source is asked: the pause doubles from <see cref="PollInterval"/> up to this. Default 5 s.</summary>
    public TimeSpan IdleInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Longest time a transaction of the application may take between the value it puts into a high-water column (or the number of its row in a change table) and its
    /// commit. PostgreSQL's own change tables and rowversion columns do not need it. Default 30 s.
    /// </summary>
    public TimeSpan Lag { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an idle source's place is written, and its tables' columns looked at. Default 60 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Rows one query reads at most, and a batch holds. Default 2000.</summary>
    public int BatchRows { get; init; } = 2000;

    /// <summary>Bytes of row data a batch holds at most (a larger row gets a batch of its own). Default 1 MiB.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>Publish a null value after each delete, for compaction. Default true.</summary>
    public bool Tombstones { get; init; } = true;

    /// <summary>Delete change rows once they are durable in the log. Default false: whoever keeps the change table cleans it up.</summary>
    public bool CleanUp { get; init; }

    /// <summary>Change rows one statement deletes at most. Default 5000.</summary>
    public int CleanUpRows { get; init; } = 5000;

    /// <summary>Longest time one query may take. Default 60 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check(Tables.Count > 0, "tables", "is empty: which tables are to be published?");
        Check(Snapshot is SnapshotMode.Initial or SnapshotMode.Never, "snapshot", "of polled tables is 'initial' or 'never'; for rows once more there is `cdcsync snapshot`");
        Check(Load.ReplicationLag is null, "load.replication_lag", "is for PostgreSQL sources (kind: postgres)");
        Check(Load.Connections is null, "load.connections", "is for PostgreSQL sources (kind: postgres): polled tables are read on one connection");
        Check(PollInterval > TimeSpan.Zero, "poll_interval", "must be more than 0");
        Check(IdleInterval >= PollInterval, "idle_interval", "must not be less than 'poll_interval'");
        Check(Lag >= TimeSpan.Zero, "lag", "must not be negative");
        Check(HeartbeatInterval > TimeSpan.Zero, "heartbeat_interval", "must be more than 0");
        Check(BatchRows > 0, "batch_rows", "must be more than 0");
        Check(CleanUpRows > 0, "clean_up_rows", "must be more than 0");
        Check(BatchBytes is >= 4096 and <= 1 << 28, "batch_bytes", "must be between 4096 and 268435456");
        Check(CommandTimeout >= TimeSpan.FromSeconds(1), "command_timeout", "must be at least 1s");
        var twice = Tables.GroupBy(t => t.Table, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        Check(twice is null, "tables", $"'{twice?.Key}' stands there twice");
        var dialect = SqlDialect.Of(this);
        foreach (var table in Tables)
        {
            var path = $"tables.{table.Table}";
            Check(table.Changes != ChangeReading.Rowversion || dialect is SqlServerDialect, path, "'changes: rowversion' is SQL Server's; elsewhere use 'high_water'");
        }
    }
}

/// <summary>A table to publish.</summary>
public sealed record WatchedTable
{
    /// <summary><c>schema.name</c>; without schema where the database has none, or in its default one.</summary>
    public required string Table { get; init; }

    /// <summary>How its changes are found. Default change_table.</summary>
    public ChangeReading Changes { get; init; } = ChangeReading.ChangeTable;

    /// <summary>The columns that identify a row. Default: the primary key.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>The column of <c>high_water</c> and <c>rowversion</c>. Indexed, never null.</summary>
    public string? Column { get; init; }

    /// <summary>The change table of <c>change_table</c>. Default: as `cdcsync enable` makes it.</summary>
    public ChangeTableLayout ChangeTable { get; init; } = new();

    /// <summary>The column that marks a row as deleted.</summary>
    public string? DeletedColumn { get; init; }

    /// <summary>Its values that mean deleted, as text: <c>1</c>, <c>Y</c>, <c>true</c>; <c>*</c> is any value but null (a time of deletion).</summary>
    public IReadOnlyList<string> DeletedValues { get; init; } = [];

    /// <summary>Checks what the types do not say.</summary>
    /// <exception cref="SettingsException">Something cannot be.</exception>
    public void Validate()
    {
        if (Table.Trim('.').Length == 0) throw new SettingsException("table", "is empty");
        if (Changes == ChangeReading.ChangeTable && Column is not null) throw new SettingsException("column", "belongs to 'changes: high_water' or 'rowversion'");
        if (Changes != ChangeReading.ChangeTable && Column is null) throw new SettingsException("column", $"is missing: which column of {Table} rises with every change?");
        if (DeletedColumn is null != (DeletedValues.Count == 0)) throw new SettingsException("deleted_values", "and 'deleted_column' go together");
    }
}

/// <summary>How a change table looks; the defaults are what `cdcsync enable` makes.</summary>
public sealed record ChangeTableLayout
{
    /// <summary>Its name. Default <c>cdcsync.&lt;schema&gt;_&lt;table&gt;</c>, or <c>cdcsync_&lt;table&gt;</c> where there are no schemas.</summary>
    public string? Name { get; init; }

    /// <summary>The column that numbers its rows in the order of the changes.</summary>
    public string Id { get; init; } = "change_id";

    /// <summary>The column with the operation: c, u, d or I, U, D; t for truncate.</summary>
    public string Operation { get; init; } = "change_op";

    /// <summary>
    /// The column that tells a row's transaction: PostgreSQL <c>xid8</c>, SQL Server <c>rowversion</c>; with it no lag is needed. Empty for a table that has none.
    /// </summary>
    public string? Transaction { get; init; }

    /// <summary>The column with the time of the change; empty for none.</summary>
    public string At { get; init; } = "change_at";

    /// <summary>What stands before a column's name for its old value; <c>-</c> where there are no old values.</summary>
    public string OldPrefix { get; init; } = "old_";

    /// <summary>What stands before a column's name for its new value (without old values: of a delete, the old one).</summary>
    public string NewPrefix { get; init; } = "new_";
}
