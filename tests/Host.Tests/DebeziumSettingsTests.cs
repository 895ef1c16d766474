using CdcSync.Capture;
using CdcSync.Capture.Debezium.Takeover;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Settings;
using CdcSync.Host.Cli;
using CdcSync.Host.Settings;
using Microsoft.Data.SqlClient;

namespace CdcSync.Host.Tests;

/// <summary>What becomes of a connector's settings, one by one: lines of our file, or a reason.</summary>
public sealed class DebeziumSettingsTests
{
    const string SqlServer = "name=wms\nconnector.class=io.debezium.connector.sqlserver.SqlServerConnector\ndatabase.hostname=db2\ndatabase.user=cdc\ndatabase.password=s3cret\n"
        + "database.names=stock,bins\ntopic.prefix=wms\nvalue.converter=io.confluent.connect.avro.AvroConverter\nkey.converter=io.confluent.connect.avro.AvroConverter\n";

    internal static (ConnectorImport Import, SourceSettings Loaded, string Text) Load(string properties)
    {
        var import = ConnectorImport.Of(ConnectorFile.Properties(properties), new Dictionary<string, string>());
        var text = ImportText.Of(import, "x.properties");
        Environment.SetEnvironmentVariable("CDCSYNC_STORE", "Host=store");
        foreach (var name in import.Secrets.Keys) Environment.SetEnvironmentVariable(name, "p;w");
        return (import, Assert.Single(ApplianceLoader.Parse("made.yaml", text).Sources), text);
    }

    // Lines that are there, separated by ' | '; one behind '!' is not.
    static void Becomes(string needed, string properties, string lines, string? why)
    {
        var given = properties.Split(';', StringSplitOptions.TrimEntries);
        var (import, _, text) = Load(needed + string.Join('\n', given) + "\n");
        var there = text.Split('\n').Select(l => l.Trim()).ToList();
        foreach (var line in lines.Split(" | ", StringSplitOptions.RemoveEmptyEntries))
            if (line.StartsWith('!')) Assert.DoesNotContain(there, l => l.StartsWith(line[1..], StringComparison.Ordinal));
            else Assert.Contains(line, there);
        var left = import.Left.Where(l => l.Name != "value.converter" || properties.Contains(l.Name, StringComparison.Ordinal)).ToList();
        if (why is null) Assert.Empty(left);
        else Assert.Contains(why, string.Join('\n', left.Select(l => l.Why)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("signal.data.collection=public.sig", "signals: | table: public.sig", null)]
    [InlineData("signal.data.collection=erp.public.sig", "table: public.sig", null)]
    [InlineData("signal.data.collection=sig", "!signals", "no schema.table")]
    [InlineData("signal.data.collection=public.sig;signal.enabled.channels=file", "!table: | file: file-signals.txt", "no watermarks")]
    [InlineData("signal.enabled.channels=source,file;signal.data.collection=a.b;signal.file=/var/signals;signal.poll.interval.ms=250", "table: a.b | file: \"/var/signals\" | poll_interval: 250ms", null)]
    [InlineData("signal.file=/var/signals", "!signals", "'file' is off")]
    [InlineData("signal.enabled.channels=kafka;signal.kafka.bootstrap.servers=k:9092", "kafka_topic: erp-signal | kafka_bootstrap: \"k:9092\" | auto.offset.reset: latest", null)]
    [InlineData("signal.enabled.channels=kafka;signal.kafka.topic=ask;signal.kafka.bootstrap.servers=k:9092;signal.consumer.security.protocol=SASL_SSL;signal.consumer.sasl.mechanism=PLAIN",
        "kafka_topic: ask | security.protocol: SASL_SSL | sasl.mechanisms: PLAIN", null)]
    [InlineData("signal.enabled.channels=kafka;signal.kafka.bootstrap.servers=k:9092;signal.consumer.sasl.jaas.config=username=\"u\" password=\"s3cret\";", "sasl.password: \"${ERP_SIGNAL_KAFKA_PASSWORD}\"", null)]
    [InlineData("signal.enabled.channels=kafka", "!signals", "kafka_topic: erp-signal")]
    [InlineData("signal.enabled.channels=kafka;signal.kafka.bootstrap.servers=k:9092;signal.kafka.groupId=x", "kafka_topic: erp-signal", "a group of its own")]
    [InlineData("signal.kafka.topic=x", "!signals", "'kafka' is off")]
    [InlineData("signal.enabled.channels=jmx,mine", "!signals", "no JMX")]
    [InlineData("notification.enabled.channels=sink;notification.sink.topic.name=notes", "notification_topic: notes", null)]
    [InlineData("notification.enabled.channels=sink", "!notification_topic", "set 'notification_topic'")]
    [InlineData("notification.sink.topic.name=notes", "!notification_topic", "'sink' is off")]
    [InlineData("notification.enabled.channels=log", "!notification_topic", "service's log")]
    [InlineData("incremental.snapshot.chunk.size=1000", "snapshot_chunk_rows: 1000", null)]
    [InlineData("incremental.snapshot.chunk.size=5000000", "snapshot_chunk_rows: 1000000", "5000000 is 1000000")]
    [InlineData("incremental.snapshot.watermarking.strategy=insert_delete", "!snapshot_chunk", "no watermarks")]
    [InlineData("snapshot.include.collection.list=public\\\\.order.*,sales\\\\.(a|b)", "snapshot_tables: [\"public.order*\", \"~sales\\\\.(a|b)\"]", null)]
    [InlineData("snapshot.max.threads=4", "snapshot_readers: 4", null)]
    [InlineData("snapshot.max.threads=99", "snapshot_readers: 16", "99 is 16")]
    [InlineData("snapshot.fetch.size=10", "!snapshot_", "COPY")]
    [InlineData("snapshot.select.statement.overrides=public.a;snapshot.select.statement.overrides.public.a=select * from a where x", "!snapshot_", "--where")]
    [InlineData("snapshot.mode=initial", "!snapshot:", null)]
    [InlineData("snapshot.mode=always", "snapshot: always", null)]
    [InlineData("snapshot.mode=initial_only", "snapshot: initial_only", null)]
    [InlineData("snapshot.mode=no_data", "snapshot: never", null)]
    [InlineData("snapshot.mode=never", "snapshot: never", null)]
    [InlineData("snapshot.mode=when_needed", "snapshot: when_needed", null)]
    [InlineData("snapshot.mode=recovery", "snapshot: never", "history of table structures")]
    [InlineData("snapshot.mode=custom;snapshot.mode.custom.name=mine", "!snapshot:", "Java class")]
    [InlineData("snapshot.mode=some_day", "!snapshot:", "no mode 'some_day'")]
    [InlineData("snapshot.mode=configuration_based;snapshot.mode.configuration.based.snapshot.data=true;snapshot.mode.configuration.based.start.stream=true", "snapshot: always", "at each start")]
    [InlineData("snapshot.mode=configuration_based;snapshot.mode.configuration.based.snapshot.data=true", "snapshot: initial_only", "data alone")]
    [InlineData("snapshot.mode=configuration_based;snapshot.mode.configuration.based.start.stream=true", "snapshot: never", "stream alone")]
    [InlineData("snapshot.mode=configuration_based;snapshot.mode.configuration.based.start.stream=true;snapshot.mode.configuration.based.snapshot.on.data.error=true", "snapshot: when_needed", "place is lost")]
    [InlineData("poll.interval.ms=100", "!poll_interval", "nothing is polled")]
    public void Of_PostgreSQL(string properties, string lines, string? why) => Becomes(DebeziumImportTests.Needed, properties, lines, why);

    [Theory]
    [InlineData("database.port=1433", "databases: [stock, bins] | topic_prefix: wms | name: wms | snapshot_isolation: chunks | transaction_time: begin | computed_columns: true | context_headers: true", null)]
    [InlineData("table.include.list=dbo\\\\.Item,dbo\\\\.(a|b)", "tables: [dbo.Item, \"~dbo\\\\.(a|b)\"]", null)]
    [InlineData("schema.exclude.list=audit", "except_tables: [\"audit.*\"]", null)]
    [InlineData("snapshot.mode=no_data", "snapshot: never", null)]
    [InlineData("snapshot.mode=recovery", "snapshot: never", "history of table structures")]
    [InlineData("snapshot.mode=always", "!snapshot:", "`cdcsync snapshot NAME`")]
    [InlineData("snapshot.mode=initial_only", "!snapshot:", "the stream follows")]
    [InlineData("snapshot.mode=when_needed", "!snapshot:", "--restart")]
    [InlineData("snapshot.isolation.mode=snapshot", "!snapshot_isolation", null)]
    [InlineData("snapshot.isolation.mode=exclusive;snapshot.lock.timeout.ms=5000", "snapshot_isolation: locks | lock_timeout: 5s", null)]
    [InlineData("snapshot.isolation.mode=read_committed", "snapshot_isolation: chunks", "'read_committed' is 'chunks'")]
    [InlineData("decimal.handling.mode=string;time.precision.mode=structured;binary.handling.mode=base64-url-safe", "decimals: string | times: structured | binary: base64_url_safe", null)]
    [InlineData("time.precision.mode=isostring", "times: iso_string", null)]
    [InlineData("tombstones.on.delete=false;include.schema.changes=false;extended.headers.enabled=false", "tombstones: false | schema_changes: false | context_headers: false", null)]
    [InlineData("heartbeat.interval.ms=2000", "heartbeat_topic: true | heartbeat_interval: 2s", null)]
    [InlineData("poll.interval.ms=100;max.iteration.transactions=50;incremental.snapshot.chunk.size=77;database.query.timeout.ms=90000",
        "poll_interval: 100ms | window_transactions: 50 | chunk_rows: 77 | query_timeout: 90s", null)]
    [InlineData("max.iteration.transactions=0", "window_transactions: 1", "0 is 1")]
    [InlineData("data.query.mode=function", "!transaction_time", null)]
    [InlineData("skipped.operations=d;unavailable.value.placeholder=gone", "skip: [delete] | unavailable_value: gone", null)]
    [InlineData("provide.transaction.metadata=true", "transactions: true", null)]
    [InlineData("column.mask.with.3.chars=dbo.a.b;column.exclude.list=dbo.a.c;message.key.columns=dbo.a:b", "masks: | stars: 3 | except_columns: [dbo.a.c] | keys:", null)]
    [InlineData("column.mask.hash.SHA-256.with.salt.s3cret=dbo.a.b", "hash: SHA-256 | salt: \"${WMS_MASK_SALT_1}\"", null)]
    [InlineData("transforms=flat;transforms.flat.type=io.debezium.transforms.ExtractNewRecordState;transforms.flat.add.fields=op;skip.messages.without.change=true", "flatten: | add_fields: [op] | skip_unchanged: true", null)]
    [InlineData("hstore.handling.mode=map", "!hstore", "PostgreSQL's")]
    [InlineData("value.converter=org.apache.kafka.connect.json.JsonConverter", "format: json | key_format: avro", null)]
    [InlineData("signal.data.collection=stock.dbo.sig", "signals: | table: dbo.sig", null)]
    [InlineData("signal.enabled.channels=kafka,file;signal.file=/var/signals;signal.kafka.bootstrap.servers=k:9092;signal.consumer.security.protocol=SSL",
        "file: \"/var/signals\" | kafka_topic: wms-signal | auto.offset.reset: latest | security.protocol: SSL", null)]
    [InlineData("notification.enabled.channels=sink;notification.sink.topic.name=notes", "notification_topic: notes", null)]
    [InlineData("schema.history.internal.kafka.topic=h", "!schema", "no history topic")]
    [InlineData("heartbeat.action.query=select 1", "!heartbeat", "holds nothing back")]
    public void Of_SQL_Server(string properties, string lines, string? why) => Becomes(SqlServer, properties, lines, why);

    [Fact]
    public void A_SQL_Server_is_connected_to_as_the_connector_does()
    {
        var (import, loaded, text) = Load(SqlServer + "database.port=14330\ndatabase.instance=second\ndatabase.encrypt=false\ndriver.trustServerCertificate=true\ndriver.applicationIntent=ReadOnly\nsome.setting=x\n");
        var connection = new SqlConnectionStringBuilder(Assert.IsType<SqlServerSettings>(loaded).Connection);
        Assert.Equal(("db2\\second,14330", "cdc", "p;w", false, true, ApplicationIntent.ReadOnly),
            (connection.DataSource, connection.UserID, connection.Password, connection.Encrypt, connection.TrustServerCertificate, connection.ApplicationIntent));
        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.Equal("some.setting", Assert.Single(import.Left).Name);
        Assert.Equal(SettingsText.Of((SqlServerSettings)import.Source with { Connection = "" }, 0), SettingsText.Of((SqlServerSettings)loaded with { Connection = "" }, 0));
        Assert.True(new SqlConnectionStringBuilder(((SqlServerSettings)Load(SqlServer).Loaded).Connection).Encrypt);
    }

    [Fact]
    public void A_configuration_that_does_nothing_is_refused() =>
        Assert.Contains("does nothing", Assert.Throws<SettingsException>(() => Load(DebeziumImportTests.Needed + "snapshot.mode=configuration_based\n")).Message, StringComparison.Ordinal);
}
