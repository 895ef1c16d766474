using CdcSync.Capture.Postgres;
using CdcSync.Capture.SqlServer;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>A SQL Server connector's settings as a source's.</summary>
sealed class SqlServerProperties(PropertyBag bag, RecordFormat format)
{
    public SqlServerSettings Read()
    {
        var prefix = bag.Text("topic.prefix") ?? bag.Text("name") ?? "debezium";
        var signals = new SignalProperties(bag, prefix);
        var settings = new SqlServerSettings
        {
            Name = AvroNames.Part(prefix),
            TopicPrefix = prefix,
            Connection = Connection(),
            Databases = Databases(),
            Tables = bag.Tables(anyCase: true),
            ExceptTables = bag.ExceptTables(anyCase: true),
            Snapshot = Start(),
            SnapshotIsolation = Isolation(),
            Signals = signals.Signals(),
            NotificationTopic = signals.NotificationTopic(),
            // The time that Debezium's two ways to ask give.
            TransactionTime = bag.Text("data.query.mode") is "function" ? TransactionTime.End : TransactionTime.Begin,
            SchemaChanges = bag.Flag("include.schema.changes", true),
            ComputedColumns = true,
            Records = Records(),
        };
        if (bag.Bounded("incremental.snapshot.chunk.size", 1, int.MaxValue) is { } rows) settings = settings with { ChunkRows = rows };
        if (bag.Bounded("max.iteration.transactions", 1, int.MaxValue) is { } transactions) settings = settings with { WindowTransactions = transactions };
        if (bag.Milliseconds("snapshot.lock.timeout.ms") is { } patience) settings = settings with { LockTimeout = patience };
        if (bag.Milliseconds("poll.interval.ms") is { } pause) settings = settings with { PollInterval = pause };
        if (bag.Milliseconds("database.query.timeout.ms") is { } timeout) settings = settings with { QueryTimeout = timeout };
        if (bag.Milliseconds("heartbeat.interval.ms") is { } interval) settings = settings with { HeartbeatTopic = true, HeartbeatInterval = interval };
        return settings;
    }

    // What a connector of this kind says only because all do is nothing that is asked for.
    RecordSettings Records()
    {
        var (usual, asked) = (new RecordSettings(), new RecordProperties(bag, format).Read() with { Messages = false });
        foreach (var name in SqlServerRecordLimits.Asked(asked).SelectMany(Names)) bag.Note(name, "is PostgreSQL's: SQL Server has nothing of the kind");
        return asked with
        {
            Intervals = usual.Intervals, Hstore = usual.Hstore, MoneyDigits = usual.MoneyDigits, UnknownTypes = usual.UnknownTypes, MessagePrefixes = [], ExceptMessagePrefixes = [],
        };
    }

    static IEnumerable<string> Names(string asked) => asked switch
    {
        "intervals" => ["interval.handling.mode"],
        "hstore" => ["hstore.handling.mode"],
        "money_digits" => ["money.fraction.digits"],
        "message_prefixes" => ["message.prefix.include.list"],
        "except_message_prefixes" => ["message.prefix.exclude.list"],
        _ => [],
    };

    string Connection()
    {
        var server = bag.Text("database.hostname") ?? "localhost";
        if (bag.Text("database.instance") is { } instance) server += "\\" + instance;
        if (bag.Number("database.port") is { } port) server += "," + port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var connection = new SqlConnectionStringBuilder { DataSource = server, Encrypt = Driver("encrypt") is not { } encrypt || IsTrue(encrypt) || encrypt is "strict" };
        if (bag.Text("database.user") is { } user) connection.UserID = user;
        if (Driver("trustServerCertificate") is { } trust) connection.TrustServerCertificate = IsTrue(trust);
        if (Driver("integratedSecurity") is { } integrated) connection.IntegratedSecurity = IsTrue(integrated);
        if (Driver("multiSubnetFailover") is { } subnets) connection.MultiSubnetFailover = IsTrue(subnets);
        if (Driver("applicationIntent") is { } intent && intent.Equals("ReadOnly", StringComparison.OrdinalIgnoreCase)) connection.ApplicationIntent = ApplicationIntent.ReadOnly;
        return bag.WithPassword(connection);
    }

    // Both names are taken, whichever counts.
    string? Driver(string name)
    {
        var (driver, database) = (bag.Text("driver." + name), bag.Text("database." + name));
        return driver ?? database;
    }

    static bool IsTrue(string text) => text.Equals("true", StringComparison.OrdinalIgnoreCase);

    IReadOnlyList<string> Databases() => bag.List("database.names") is { Count: > 0 } names ? names : bag.List("database.dbname");

    SnapshotStart Start()
    {
        const string name = "snapshot.mode";
        return new SnapshotProperties(bag).Mode() switch
        {
            SnapshotMode.Never => SnapshotStart.Never,
            SnapshotMode.Always => bag.Refuse(name, "'always' is 'initial' for this kind of source: rows are published once; `cdcsync snapshot NAME` publishes them again", SnapshotStart.Initial),
            SnapshotMode.InitialOnly => bag.Refuse(name, "'initial_only' is 'initial' for this kind of source: the stream follows; stop the source when `cdcsync status` says that it streams", SnapshotStart.Initial),
            SnapshotMode.WhenNeeded => bag.Refuse(name, "'when_needed' is 'initial' for this kind of source: should the place be lost, it stops and says so; then `cdcsync snapshot NAME --restart`", SnapshotStart.Initial),
            _ => SnapshotStart.Initial,
        };
    }

    SnapshotIsolation Isolation()
    {
        const string name = "snapshot.isolation.mode";
        return bag.Text(name)?.ToLowerInvariant() switch
        {
            "snapshot" => SnapshotIsolation.Snapshot,
            "exclusive" => SnapshotIsolation.Locks,
            null => SnapshotIsolation.Chunks,
            var mode => bag.Refuse(name, $"'{mode}' is 'chunks' here: rows are read under read committed, in chunks that are fitted into the stream; nothing stays locked", SnapshotIsolation.Chunks),
        };
    }
}
