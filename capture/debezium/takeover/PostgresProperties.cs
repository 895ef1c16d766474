using CdcSync.Capture.Postgres;
using Npgsql;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>A PostgreSQL connector's settings as a source's.</summary>
sealed class PostgresProperties(PropertyBag bag, RecordFormat format)
{
    public PostgresSettings Read()
    {
        var prefix = bag.Text("topic.prefix") ?? bag.Text("name") ?? "debezium";
        var (snapshot, signals) = (new SnapshotProperties(bag), new SignalProperties(bag, prefix));
        var settings = new PostgresSettings
        {
            Name = AvroNames.Part(prefix),
            TopicPrefix = prefix,
            Connection = Connection(),
            Slot = bag.Text("slot.name") ?? "debezium",
            Publication = bag.Text("publication.name") ?? "dbz_publication",
            Tables = bag.Tables(anyCase: false),
            ExceptTables = bag.ExceptTables(anyCase: false),
            Snapshot = snapshot.Mode(),
            SnapshotTables = snapshot.Tables(),
            Signals = signals.Signals(),
            NotificationTopic = signals.NotificationTopic(),
            HeartbeatQuery = bag.Text("heartbeat.action.query"),
            Records = new RecordProperties(bag, format).Read(),
        };
        if (bag.Bounded("incremental.snapshot.chunk.size", 1, 1_000_000) is { } rows) settings = settings with { SnapshotChunkRows = rows };
        if (bag.Bounded("snapshot.max.threads", 1, 16) is { } readers) settings = settings with { SnapshotReaders = readers };
        return bag.Milliseconds("heartbeat.interval.ms") is { } interval ? settings with { HeartbeatTopic = true, HeartbeatInterval = interval } : settings;
    }

    string Connection()
    {
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = bag.Text("database.hostname") ?? "localhost", Port = (int)(bag.Number("database.port") ?? 5432), Database = bag.Text("database.dbname") ?? "postgres",
            Username = bag.Text("database.user"),
        };
        if (bag.Text("database.sslmode") is { } mode && Enum.TryParse<SslMode>(mode.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var known)) connection.SslMode = known;
        if (bag.Text("database.sslrootcert") is { } root) connection.RootCertificate = root;
        if (bag.Text("database.sslcert") is { } certificate) connection.SslCertificate = certificate;
        if (bag.Text("database.sslkey") is { } key) connection.SslKey = key;
        return bag.WithPassword(connection);
    }
}
