namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>Why a setting of a connector is not carried over, by its name or the beginning of it.</summary>
static class LeftReasons
{
    // Before the others: what is different for SQL Server.
    static readonly (string Start, string Why)[] SqlServer =
    [
        ("incremental.snapshot.option.recompile", "statements are sent as they are"),
        ("snapshot.include.collection", "a snapshot has all captured tables: leave a table out with 'except_tables'"),
        ("snapshot.max.threads", "tables are read one after the other"),
        ("snapshot.fetch.size", "rows come as the server sends them"),
        ("streaming.fetch.size", "rows come as the server sends them; 'window_transactions' says how many transactions are asked for at once"),
        ("snapshot.locking", "say it in 'snapshot_isolation': only 'locks' locks"),
        ("heartbeat.action.query", "the server keeps changes for a time, not for a reader: an idle database holds nothing back"),
        ("database.", "see the settings of SqlClient's connection strings for a counterpart in 'connection'"),
        ("driver.", "see the settings of SqlClient's connection strings for a counterpart in 'connection'"),
        ("schema.history.", "table structures are read from the change tables; there is no history topic to keep"),
    ];

    static readonly (string Start, string Why)[] ByStart =
    [
        ("snapshot.mode.configuration.based", "counts only with configuration_based; table structures are read from the catalog when they are needed, always"),
        ("snapshot.mode.custom", "no Java classes are loaded: choose one of the modes of 'snapshot'"),
        ("snapshot.locking", "a snapshot takes no locks here"),
        ("snapshot.lock.timeout", "a snapshot takes no locks here"),
        ("snapshot.isolation", "a snapshot is always one repeatable-read view of the place it belongs to"),
        ("snapshot.query.mode", "rows are read by COPY"),
        ("snapshot.select.statement.overrides", "a first snapshot has all rows of a table: leave the table out of it ('snapshot_tables'), then `cdcsync snapshot NAME --table T --where CONDITION`"),
        ("snapshot.tables.order", "tables come in the order of their names"),
        ("snapshot.max.threads.multiplier", "'snapshot_readers' read a large table side by side, in ranges of their own"),
        ("snapshot.fetch.size", "rows are read by COPY, which has no fetch size"),
        ("snapshot.delay", "the snapshot starts at once"),
        ("streaming.delay", "the stream starts at once"),
        ("snapshot.", "the snapshot has no such setting here"),
        ("incremental.snapshot.watermarking", "no watermarks are written to the source"),
        ("incremental.snapshot.allow.schema", "a table may change while its rows are published again"),
        ("incremental.snapshot.", "rows are published again in chunks of 'snapshot_chunk_rows'; nothing is written to the source"),
        ("signal.kafka.groupId", "each source has a group of its own, cdcsync-signals-NAME; what the topic held before its first start is passed over"),
        ("signal.kafka.poll", "signals are taken as they come"),
        ("signal.kafka.", "the channel 'kafka' is off (signal.enabled.channels)"),
        ("signal.consumer.", "belongs to the Java consumer, or to a channel that is off; librdkafka's settings go under 'signals: kafka_options:'"),
        ("signal.file", "the channel 'file' is off (signal.enabled.channels)"),
        ("signal.", "there is no such setting of 'signals' of the source; `cdcsync snapshot` and HTTP always work"),
        ("notification.sink", "the channel 'sink' is off (notification.enabled.channels)"),
        ("notification.", "there is no such channel; progress is in `cdcsync status` and the metrics"),
        ("schema.history.", "table structures are read from the log and the catalog; there is no history topic to keep"),
        ("schema.refresh.mode", "a table's structure is read again whenever the server says that it changed"),
        ("offset.mismatch", "offsets and slot are compared at the take-over; see --trust-slot"),
        ("offset", "the place lies in the log, with what was published"),
        ("slot.max.retries", "a lost connection is made again without end, after 0.1 to 30 s"),
        ("slot.retry.delay", "a lost connection is made again without end, after 0.1 to 30 s"),
        ("slot.failover", "make the slot with failover => true yourself (PostgreSQL 17) before the first start"),
        ("slot.stream.params", "the stream's options are ours"),
        ("slot.", "the slot is kept and checked as PostgreSQL shows it"),
        ("publish.via.partition.root", "a partitioned table is published as a whole, under its own name"),
        ("publication.", "the publication is made for the tables asked for, or used as it is"),
        ("lsn.flush.mode", "the server may forget what is durable in the log, and places without changes, always"),
        ("flush.lsn.source", "the server may forget what is durable in the log, always"),
        ("status.update.interval", "the server hears from us every few seconds"),
        ("xmin.fetch.interval", "the source's xmin is not published"),
        ("read.only", "a snapshot never writes to the source"),
        ("retriable.", "a lost connection is made again without end, after 0.1 to 30 s"),
        ("errors.max.retries", "a lost connection is made again without end, after 0.1 to 30 s"),
        ("errors.", "a record that cannot be written stops the source with its reason; nothing is skipped"),
        ("event.processing.failure", "a record that cannot be written stops the source with its reason; nothing is skipped"),
        ("event.converting.failure", "a value that cannot be converted stops the source with its reason; nothing is skipped"),
        ("max.queue", "there is no queue: a batch waits for the log"),
        ("max.batch", "is sized by 'batch_changes' and 'batch_bytes', whose defaults fit"),
        ("poll.", "nothing is polled: the server sends"),
        ("custom.metric.tags", "the scraper of /metrics adds tags"),
        ("custom.", "no Java classes are loaded"),
        ("converters", "no Java classes are loaded: columns are written by the handling modes"),
        ("openlineage.", "no lineage events are sent"),
        ("guardrail.", "name the tables in 'tables'; `cdcsync check` lists what will be captured"),
        ("executor.", "threads are ours"),
        ("internal.", "is internal to Debezium"),
        ("topic.naming.strategy", "topics are prefix, schema and table, with 'records.topics'; no Java classes are loaded"),
        ("topic.creation.", "topics are made with the brokers' defaults; make them beforehand where they should differ"),
        ("topic.cache.size", "is Debezium's own memory"),
        ("database.tcpKeepAlive", "keep-alives are always on"),
        ("database.initial.statements", "put session settings on the role: alter role ... set ..."),
        ("database.query.timeout", "a snapshot's queries may take as long as they need; replication has time limits of its own"),
        ("database.sslpassword", "put the key's password into 'connection' (SSL Password) as a ${NAME}"),
        ("database.sslfactory", "no Java classes are loaded; see the SSL settings of Npgsql's connection strings"),
        ("database.", "see the settings of Npgsql's connection strings for a counterpart in 'connection'"),
        ("driver.", "see the settings of Npgsql's connection strings for a counterpart in 'connection'"),
        ("predicates.", "belongs to a transformation that has none here"),
        ("transforms.", "there is no such transformation, or no such setting of it, here: records are published without it"),
        ("key.converter.", "the converter has no such setting here"),
        ("value.converter.", "the converter has no such setting here"),
        ("header.converter", "headers are written as Debezium writes them with the default converter"),
        ("producer.override.", "belongs to the Java producer; librdkafka's settings go under 'log: options:'"),
        ("consumer.override.", "belongs to the Java consumer"),
        ("admin.override.", "belongs to the Java client"),
        ("config.action.reload", "secrets are read at the start"),
        ("exactly.once.support", "records and place are always committed together"),
        ("transaction.boundary", "records and place are always committed together"),
        ("transaction.metadata.factory", "no Java classes are loaded"),
        ("extended.headers", "is 'records.context_headers'"),
        ("connection.validation", "a lost connection is made again without end"),
        ("sourceinfo.struct.maker", "the source block is Debezium's; no Java classes are loaded"),
        ("post.processors", "no Java classes are loaded"),
        ("advanced.metrics", "metrics are at /metrics"),
        ("include.schema.", "PostgreSQL's table changes come with the records"),
        ("tasks.", "one source is one stream"),
        ("sanitize.field.names", "is the old name of field.name.adjustment.mode=avro: set 'records.field_names'"),
        ("table.ignore.builtin", "system tables are never captured"),
    ];

    /// <summary>A better reason than none, for a PostgreSQL connector.</summary>
    public static LeftProperty OfPostgres(LeftProperty left) => Explain(left, ByStart);

    /// <summary>A better reason than none, for a SQL Server connector.</summary>
    public static LeftProperty OfSqlServer(LeftProperty left) => Explain(left, [.. SqlServer, .. ByStart]);

    static LeftProperty Explain(LeftProperty left, (string Start, string Why)[] reasons) => left.Why != PropertyBag.NoReason ? left
        : left with { Why = Array.Find(reasons, r => left.Name.StartsWith(r.Start, StringComparison.Ordinal)) is { Why: { } why } ? why : "is not known to us; if it is Debezium's, please say so" };
}
