using CdcSync.Capture.Care;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Settings;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Whether the rows that are already there are published first.</summary>
public enum SnapshotMode
{
    /// <summary>Once, before the stream, when the source never published anything.</summary>
    Initial,

    /// <summary>Only what changes from now on (Debezium: <c>no_data</c>). Mappings' objects are all published once nevertheless.</summary>
    Never,

    /// <summary>At each start.</summary>
    Always,

    /// <summary>Once, and then the source ends: no stream.</summary>
    InitialOnly,

    /// <summary>As <see cref="Initial"/>, and again when the place in the source's log is lost, where the others stop and say so.</summary>
    WhenNeeded,
}

/// <summary>A PostgreSQL source.</summary>
public sealed record PostgresSettings : SourceSettings
{
    /// <summary>Npgsql connection string of a role with REPLICATION and SELECT on the tables.</summary>
    public required string Connection { get; init; }

    /// <summary>Tables to publish, <c>schema.table</c> with <c>*</c> as wildcard, or a regular expression for the whole name behind <c>~</c>. Default: all of schema public.</summary>
    public IReadOnlyList<string> Tables { get; init; } = ["public.*"];

    /// <summary>Tables to leave out again.</summary>
    public IReadOnlyList<string> ExceptTables { get; init; } = [];

    /// <summary>Replication slot. Default <c>cdcsync_&lt;name&gt;</c>.</summary>
    public string? Slot { get; init; }

    /// <summary>Publication. Default <c>cdcsync_&lt;name&gt;</c>.</summary>
    public string? Publication { get; init; }

    /// <summary>Whether existing rows are published first. Default initial.</summary>
    public SnapshotMode Snapshot { get; init; } = SnapshotMode.Initial;

    /// <summary>The first snapshot's tables, named as in <see cref="Tables"/>. Default: all that are captured.</summary>
    public IReadOnlyList<string> SnapshotTables { get; init; } = ["*.*"];

    /// <summary>Rows a chunk has at most when rows are read beside the stream; it also ends with <see cref="BatchBytes"/>. Default 8192.</summary>
    public int SnapshotChunkRows { get; init; } = 8192;

    /// <summary>Connections that read a large table's rows side by side while the stream waits. Default 2.</summary>
    public int SnapshotReaders { get; init; } = 2;

    /// <summary>Where signals may come from, beside the store.</summary>
    public SignalSettings Signals { get; init; } = new();

    /// <summary>How often an idle source's place is written and confirmed, so that the database holds no WAL for nothing. Default 10 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked whether tables came into scope or went, and partitions were attached. Default 60 s.</summary>
    public TimeSpan ScopeInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Publish a record to <c>__debezium-heartbeat.&lt;prefix&gt;</c> with each heartbeat. Default false.</summary>
    public bool HeartbeatTopic { get; init; }

    /// <summary>Publish what snapshots do to this topic, as Debezium's notifications. Default: nowhere.</summary>
    public string? NotificationTopic { get; init; }

    /// <summary>Runs with each heartbeat, at the source: an update of a row there, so that an idle database has something to say. Default none.</summary>
    public string? HeartbeatQuery { get; init; }

    /// <summary>How what the slot keeps back is watched.</summary>
    public RetentionSettings Retention { get; init; } = new();

    /// <summary>How raw records look.</summary>
    public RecordSettings Records { get; init; } = new();

    /// <summary>Bytes of row data a batch holds at most (a larger row gets a batch of its own). Default 1 MiB.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>Changes a batch holds at most. Default 8192.</summary>
    public int BatchChanges { get; init; } = 8192;

    /// <summary>The slot with its default.</summary>
    internal string SlotName => Slot ?? $"cdcsync_{Name.ToLowerInvariant()}";

    /// <summary>The publication with its default.</summary>
    internal string PublicationName => Publication ?? $"cdcsync_{Name}";

    /// <summary>The publication of tables whose updates and deletes cannot be published.</summary>
    internal string InsertPublicationName => PublicationName + "_inserts";

    /// <inheritdoc/>
    public override SignalSettings? SignalChannels() => Signals;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check(SlotName.Length is > 0 and <= 63 && SlotName.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'),
            "slot", $"'{SlotName}' is no slot name: up to 63 lower-case letters, digits and '_'. Set 'slot'");
        Check(Tables.Count > 0 && Tables.All(t => t.Contains('.', StringComparison.Ordinal)), "tables", "each must be schema.table; '*' is a wildcard");
        foreach (var table in Tables.Concat(ExceptTables).Concat(SnapshotTables).Where(t => t.StartsWith('~'))) RecordSettings.Pattern("tables", table[1..]);
        Check(HeartbeatInterval > TimeSpan.Zero, "heartbeat_interval", "must be more than 0");
        Check(ScopeInterval > TimeSpan.Zero, "scope_interval", "must be more than 0");
        Check(BatchBytes is >= 4096 and <= 1 << 28, "batch_bytes", "must be between 4096 and 268435456");
        Check(SnapshotTables.All(t => t.Contains('.', StringComparison.Ordinal)), "snapshot_tables", "each must be schema.table; '*' is a wildcard");
        Check(SnapshotChunkRows is > 0 and <= 1_000_000, "snapshot_chunk_rows", "must be between 1 and 1000000");
        Check(SnapshotReaders is >= 1 and <= 16, "snapshot_readers", "must be between 1 and 16");
        Check(Signals.Table?.Contains('.', StringComparison.Ordinal) != false, "signals.table", "must be schema.table");
        Check(Signals.KafkaTopic is null == Signals.KafkaBootstrap is null, "signals.kafka_bootstrap", "kafka_topic and kafka_bootstrap belong together");
        Check(Signals.PollInterval > TimeSpan.Zero, "signals.poll_interval", "must be more than 0");
        Retention.Validate("retention");
        Records.Validate("records");
        Check(BatchChanges > 0, "batch_changes", "must be more than 0");
        try
        {
            _ = new NpgsqlConnectionStringBuilder(Connection);
        }
        catch (Exception bad) when (bad is ArgumentException or FormatException)
        {
            throw new SettingsException("connection", $"is no PostgreSQL connection string: {bad.Message}");
        }
    }
}
