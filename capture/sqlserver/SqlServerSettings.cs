using CdcSync.Capture.Debezium;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Settings;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>Where changes come from.</summary>
public enum CaptureMode
{
    /// <summary>Change data capture: every change, with old and new row.</summary>
    Cdc,

    /// <summary>Change Tracking: net changes since the last look, the new row only. For tables and editions without CDC.</summary>
    ChangeTracking,
}

/// <summary>Whether the rows that are already there are published first.</summary>
public enum SnapshotStart
{
    /// <summary>Once, before the stream, when the source never published them.</summary>
    Initial,

    /// <summary>Only what changes from now on.</summary>
    Never,
}

/// <summary>How rows are read so that they fit the stream.</summary>
public enum SnapshotIsolation
{
    /// <summary>All tables in one transaction under snapshot isolation: no locks; the database must allow it.</summary>
    Snapshot,

    /// <summary>Table by table under a shared table lock: writers of that table wait while it is read.</summary>
    Locks,

    /// <summary>In chunks under read committed, each fitted into the stream: no locks held, no version store, the stream goes on between chunks.</summary>
    Chunks,
}

/// <summary>Which of a transaction's times <c>source.ts_ms</c> is.</summary>
public enum TransactionTime
{
    /// <summary>When it committed.</summary>
    End,

    /// <summary>When it began: what Debezium's default query mode publishes.</summary>
    Begin,
}

/// <summary>A SQL Server source: one or several databases of an instance.</summary>
public sealed record SqlServerSettings : SourceSettings
{
    /// <summary>SqlClient connection string of a login that may read the tables and the schema <c>cdc</c>. <c>ApplicationIntent=ReadOnly</c> reads an availability group's replica.</summary>
    public required string Connection { get; init; }

    /// <summary>Databases to capture. Default: the connection's.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Tables to publish, <c>schema.table</c> with <c>*</c> as wildcard, or a regular expression for the whole name behind <c>~</c>. Default: all that are captured.</summary>
    public IReadOnlyList<string> Tables { get; init; } = ["*.*"];

    /// <summary>Tables to leave out again.</summary>
    public IReadOnlyList<string> ExceptTables { get; init; } = [];

    /// <summary>CDC or Change Tracking. Default cdc.</summary>
    public CaptureMode Mode { get; init; } = CaptureMode.Cdc;

    /// <summary>Whether existing rows are published first. Default initial.</summary>
    public SnapshotStart Snapshot { get; init; } = SnapshotStart.Initial;

    /// <summary>How existing rows are read. Default snapshot.</summary>
    public SnapshotIsolation SnapshotIsolation { get; init; } = SnapshotIsolation.Snapshot;

    /// <summary>Rows of a chunk in the mode chunks, and of tables published again. Default 10000.</summary>
    public int ChunkRows { get; init; } = 10_000;

    /// <summary>How long a snapshot waits for a table lock in the mode locks. Default 10 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait after a look that found nothing. Default 500 ms.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Transactions read at once. Default 500.</summary>
    public int WindowTransactions { get; init; } = 500;

    /// <summary>Change tables read at the same time. Default 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>How long one statement may take. Default 10 min.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often an idle source's place is written. Default 10 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Publish a record to <c>__debezium-heartbeat.&lt;prefix&gt;</c> with each heartbeat. Default false.</summary>
    public bool HeartbeatTopic { get; init; }

    /// <summary>Publish what snapshots say about themselves to this topic, as Debezium's notifications. Default: nowhere.</summary>
    public string? NotificationTopic { get; init; }

    /// <summary>Where signals come from beside the store; <c>table</c> is one in each database that has it, for that database's tables.</summary>
    public SignalSettings Signals { get; init; } = new();

    /// <inheritdoc/>
    public override SignalSettings? SignalChannels() => Signals;

    /// <summary>Publish table structures to the topic named as the prefix, as Debezium does. Default true.</summary>
    public bool SchemaChanges { get; init; } = true;

    /// <summary>Publish computed columns, which CDC never records, as null (what Debezium does) rather than leave them out. Default false.</summary>
    public bool ComputedColumns { get; init; }

    /// <summary>Which time <c>source.ts_ms</c> is. Default end.</summary>
    public TransactionTime TransactionTime { get; init; } = TransactionTime.End;

    /// <summary>The server's time zone, for example <c>Europe/Berlin</c>. Default: its offset now, which is an hour off for rows written before a change of clocks and read after it.</summary>
    public string? ServerTimeZone { get; init; }

    /// <summary>How the raw records look. What SQL Server has nothing of is refused.</summary>
    public RecordSettings Records { get; init; } = new();

    /// <summary>Bytes of row data a batch holds at most (a larger row gets a batch of its own). Default 1 MiB.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>Changes a batch holds at most. Default 8192.</summary>
    public int BatchChanges { get; init; } = 8192;

    /// <summary>The databases with their default.</summary>
    internal IReadOnlyList<string> DatabaseNames => Databases.Count > 0 ? Databases : [new SqlConnectionStringBuilder(Connection).InitialCatalog];

    /// <summary>Who reads; empty for a Windows or Entra account.</summary>
    internal string Login => new SqlConnectionStringBuilder(Connection).UserID;

    /// <summary>Whether every table is wanted that the database follows already, and no other.</summary>
    internal bool TakesWhatIsThere => Tables.Contains("*.*");

    /// <summary>Whether existing rows are read under snapshot isolation.</summary>
    internal bool NeedsSnapshotIsolation => Mode == CaptureMode.Cdc && Snapshot == SnapshotStart.Initial && SnapshotIsolation == SnapshotIsolation.Snapshot;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        SqlConnectionStringBuilder? connection = null;
        try
        {
            connection = new SqlConnectionStringBuilder(Connection);
        }
        catch (Exception bad) when (bad is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new SettingsException("connection", $"is no SQL Server connection string: {bad.Message}");
        }
        Check(DatabaseNames.All(d => d.Length > 0), "databases", "must name a database, or 'connection' must (Database=...)");
        Check(DatabaseNames.Distinct(StringComparer.OrdinalIgnoreCase).Count() == DatabaseNames.Count, "databases", "names one twice");
        Check(Tables.Count > 0 && Tables.All(t => t.Contains('.', StringComparison.Ordinal)), "tables", "each must be schema.table; '*' is a wildcard");
        foreach (var table in Tables.Concat(ExceptTables).Where(t => t.StartsWith('~'))) RecordSettings.Pattern("tables", table[1..]);
        Check(connection.ApplicationIntent != ApplicationIntent.ReadOnly || SnapshotIsolation != SnapshotIsolation.Locks, "snapshot_isolation", "a read-only replica takes no locks: use 'snapshot' or 'chunks'");
        Check(Signals.Table is null || Signals.Table.Split('.').Length == 2, "signals.table", "must be schema.table");
        Check(Signals.Table is null || Mode == CaptureMode.Cdc, "signals.table", "is not for 'mode: change_tracking', which does not tell what was inserted and deleted again");
        Check(Signals.KafkaTopic is null || Signals.KafkaBootstrap is not null, "signals.kafka_bootstrap", "is needed with 'kafka_topic'");
        Check(Load.ReplicationLag is null, "load.replication_lag", "is for PostgreSQL sources: a SQL Server's replicas are not looked at");
        Check(Load.Connections is null, "load.connections", "is for PostgreSQL sources: rows of a SQL Server database are read on one connection");
        Records.Validate("records");
        SqlServerRecordLimits.Check(Records);
        Check(Mode == CaptureMode.Cdc || !Records.Transactions, "records.transactions", "is not for 'mode: change_tracking', which does not tell transactions apart");
        Check(PollInterval > TimeSpan.Zero, "poll_interval", "must be more than 0");
        Check(HeartbeatInterval > TimeSpan.Zero, "heartbeat_interval", "must be more than 0");
        Check(ChunkRows > 0, "chunk_rows", "must be more than 0");
        Check(WindowTransactions > 0, "window_transactions", "must be more than 0");
        Check(Connections is > 0 and <= 64, "connections", "must be between 1 and 64");
        Check(BatchBytes is >= 4096 and <= 1 << 28, "batch_bytes", "must be between 4096 and 268435456");
        Check(BatchChanges > 0, "batch_changes", "must be more than 0");
        Check(ServerTimeZone is null || TimeZoneInfo.TryFindSystemTimeZoneById(ServerTimeZone, out _), "server_time_zone", $"'{ServerTimeZone}' is no time zone this machine knows");
    }
}
