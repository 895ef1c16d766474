using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Debezium.Takeover;
using CdcSync.Capture.Postgres;
using CdcSync.Host.Cli;
using CdcSync.Host.Settings;
using CdcSync.Servers;
using Confluent.Kafka;

namespace CdcSync.Host.Tests;

/// <summary>A connector's settings and offsets as they lie in files and topics.</summary>
public sealed class DebeziumImportTests(TestKafka kafka)
{
    internal const string Needed = "name=erp\nconnector.class=io.debezium.connector.postgresql.PostgresConnector\ndatabase.hostname=db1\ndatabase.user=cdc\ndatabase.password=s3cret;\"x\ndatabase.dbname=erp\ntopic.prefix=erp\nslot.name=erp_slot\npublication.name=erp_pub\n";

    static (PostgresSettings Source, PostgresSettings Loaded, ConnectorImport Import, string Text) Load(string properties)
    {
        var (import, loaded, text) = DebeziumSettingsTests.Load(properties);
        return (Assert.IsType<PostgresSettings>(import.Source), Assert.IsType<PostgresSettings>(loaded), import, text);
    }

    [Fact]
    public void What_is_made_of_every_recorded_connector_loads()
    {
        foreach (var folder in Directory.GetDirectories(Needs.Shared("reference", "debezium", "streams")))
        {
            var own = Path.Combine(folder, "connector.properties");
            var (source, loaded, _, _) = Load(Needed + (File.Exists(own) ? File.ReadAllText(own) : "snapshot.mode=no_data\n"));
            Assert.Equal(source.Tables, loaded.Tables);
            Assert.Equal((source.Snapshot, source.Signals.Table, source.NotificationTopic), (loaded.Snapshot, loaded.Signals.Table, loaded.NotificationTopic));
        }
        Load(File.ReadAllText(Needs.Shared("servers", "debezium", "example.properties")));
    }

    [Fact]
    public void Settings_come_back_from_yaml_as_they_were_and_each_one_left_says_why()
    {
        var (source, loaded, import, text) = Load(Needed + """
            table.include.list=public\\.order.*,sales\\.(a|b)
            table.exclude.list=public\\.order_tmp
            column.exclude.list=public\\.order\\.note
            column.mask.with.12.chars=public\\.order\\.phone
            column.truncate.to.20.chars=public\\.order\\.text
            column.mask.hash.v2.SHA-256.with.salt.Pepper=public\\.order\\.mail
            decimal.handling.mode=string
            time.precision.mode=connect
            binary.handling.mode=base64-url-safe
            interval.handling.mode=string
            hstore.handling.mode=map
            message.key.columns=public\\.order:id,line;public\\.b:x
            schema.name.adjustment.mode=avro
            field.name.adjustment.mode=avro_unicode
            tombstones.on.delete=false
            heartbeat.interval.ms=1500
            heartbeat.action.query=update beat set at = now()
            provide.transaction.metadata=true
            skipped.operations=t,d
            topic.delimiter=-
            unavailable.value.placeholder=gone: "it" is
            value.converter=io.confluent.connect.avro.AvroConverter
            value.converter.schema.registry.url=http://registry:8081
            value.converter.basic.auth.user.info=me:hidden
            key.converter=org.apache.kafka.connect.json.JsonConverter
            key.converter.schemas.enable=false
            producer.override.bootstrap.servers=k1:9092,k2:9092
            producer.override.security.protocol=SASL_SSL
            producer.override.sasl.jaas.config=org.apache.kafka...PlainLoginModule required username="u" password="hidden";
            transforms=route
            transforms.route.type=io.debezium.transforms.ByLogicalTableRouter
            transforms.route.topic.regex=(.*)order(.*)
            transforms.route.topic.replacement=$1orders
            database.sslmode=verify-full
            database.initial.statements=set x = 1
            snapshot.isolation.mode=serializable
            snapshot.locking.mode=none
            snapshot.fetch.size=10
            lsn.flush.mode=connector
            slot.max.retries=6
            signal.enabled.channels=source
            signal.data.collection=public.signal
            incremental.snapshot.chunk.size=100
            notification.enabled.channels=sink
            max.batch.size=10
            max.queue.size=20
            poll.interval.ms=5
            errors.max.retries=1
            event.processing.failure.handling.mode=warn
            publication.autocreate.mode=filtered
            plugin.name=pgoutput
            xmin.fetch.interval.ms=1
            custom.metric.tags=a=b
            some.setting=of another world
            """);
        Assert.Equal(SettingsText.Of(source with { Connection = "" }, 0), SettingsText.Of(loaded with { Connection = "", Records = loaded.Records with { Masks = source.Records.Masks } }, 0));
        Assert.Equal("p;w", new Npgsql.NpgsqlConnectionStringBuilder(loaded.Connection).Password);
        Assert.Equal((RecordFormat.Avro, RecordFormat.JsonWithoutSchema, DecimalMode.String, BinaryMode.Base64UrlSafe), (loaded.Records.Format, loaded.Records.KeyFormat, loaded.Records.Decimals, loaded.Records.Binary));
        Assert.Equal(("erp_slot", "erp_pub", TimeSpan.FromSeconds(1.5)), (loaded.Slot, loaded.Publication, loaded.HeartbeatInterval));
        foreach (var secret in (string[])["s3cret", "hidden", "Pepper"])
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(import.Left, l => ImportText.Shown(l.Name).Contains(secret, StringComparison.Ordinal) || l.Why.Contains(secret, StringComparison.Ordinal));
        }
        Assert.Equal(("public.signal", 100), (loaded.Signals.Table, loaded.SnapshotChunkRows));
        var left = import.Left.ToDictionary(l => l.Name, l => l.Why);
        foreach (var name in (string[])["snapshot.isolation.mode", "lsn.flush.mode", "max.batch.size", "database.initial.statements", "some.setting"]) Assert.Contains(name, left.Keys);
        Assert.Contains("not known", left["some.setting"], StringComparison.Ordinal);
        Assert.All(left.Where(l => l.Key != "some.setting"), l => Assert.DoesNotContain("not known", l.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Other_connectors_and_java_files_are_told_apart()
    {
        Assert.Contains("MySqlConnector' is not imported", Assert.ThrowsAny<Exception>(() => ConnectorImport.Of(new Dictionary<string, string> { ["connector.class"] = "io.debezium.connector.mysql.MySqlConnector" }, new Dictionary<string, string>())).Message, StringComparison.Ordinal);
        var read = ConnectorFile.Properties("# c\n a = b\\\n   c\n! d\nk\\:1:v\\u0041\\\\\nonly\nx y\n");
        Assert.Equal(new Dictionary<string, string> { ["a"] = "bc", ["k:1"] = "vA\\", ["only"] = "", ["x"] = "y" }, read);
    }

    static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    [Theory]
    [InlineData("""{"lsn":5,"snapshot":"INITIAL","snapshot_completed":false,"last_snapshot_record":false}""", "middle of a snapshot")]
    [InlineData("""{"lsn":5,"snapshot":true,"last_snapshot_record":false}""", "middle of a snapshot")]
    [InlineData("""{"commit_lsn":"0000:1","change_lsn":"NULL"}""", "SQL Server")]
    [InlineData("""{"file":"binlog.1","pos":4}""", "no 'lsn'")]
    [InlineData("""{"lsn":5,"incremental_snapshot_collections":"[{\"a\":1}]"}""", "incremental snapshot")]
    public void Offsets_that_cannot_be_gone_on_from_are_refused(string offset, string why) =>
        Assert.Contains(why, Assert.Throws<TakeoverException>(() => DebeziumOffset.Parse(Json(offset))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"lsn":5}""", "no 'commit_lsn'")]
    [InlineData("""{"commit_lsn":"00000027:00000758:0003","snapshot":"INITIAL","snapshot_completed":false}""", "middle of a snapshot")]
    [InlineData("""{"commit_lsn":"00000027:00000758:0003","incremental_snapshot_collections":"[{\"a\":1}]"}""", "incremental snapshot")]
    [InlineData("""{"commit_lsn":"NULL","change_lsn":"NULL","event_serial_no":1}""", "NULL")]
    [InlineData("""{"commit_lsn":"27:758:3"}""", "no place in a SQL Server's log")]
    public void Offsets_of_SQL_Server_that_cannot_be_gone_on_from_are_refused(string offset, string why) =>
        Assert.Contains(why, Assert.Throws<TakeoverException>(() => SqlServerOffset.Parse(Json(offset))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_java_map_holds_an_offset_for_each_database()
    {
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, Java(
            ("""["wms",{"server":"wms","database":"stock"}]""", """{"commit_lsn":"00000027:00000758:0005","change_lsn":"00000027:00000758:0003","event_serial_no":2}"""),
            ("""["wms",{"server":"wms","database":"bins"}]""", """{"snapshot":"INITIAL","snapshot_completed":true,"commit_lsn":"0000002a:00000010:0001","change_lsn":"NULL","event_serial_no":1}"""),
            ("""["old",{"server":"old"}]""", """{"commit_lsn":"00000027:00000758:0005"}""")));
        var offsets = StoredOffsets.FromFile(path);
        var found = offsets.FindByDatabase("wms", "wms").ToDictionary(o => o.Key, o => SqlServerOffset.Parse(o.Value).Place);
        Assert.Equal(UInt128.Parse("00000027000007580005", System.Globalization.NumberStyles.HexNumber), found["stock"].Commit);
        Assert.Equal((UInt128.Parse("00000027000007580003", System.Globalization.NumberStyles.HexNumber) << 48) + 2, found["stock"].Change);
        Assert.Equal(UInt128.MaxValue, found["bins"].Change);
        Assert.Contains("for 'wms' database 'bins'", Assert.Throws<TakeoverException>(() => offsets.FindByDatabase("wms", "other")).Message, StringComparison.Ordinal);
        Assert.Contains("before Debezium 2", Assert.Throws<TakeoverException>(() => offsets.FindByDatabase("old", "old")).Message, StringComparison.Ordinal);
        Assert.Contains("several", Assert.Throws<TakeoverException>(() => offsets.Find("wms", "wms")).Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void A_java_map_is_read_and_nothing_else()
    {
        var path = Path.GetTempFileName();
        byte[] whole = Java(("""["erp",{"server":"erp"}]""", """{"lsn":7,"txId":3}"""), ("""["gone",{"server":"gone"}]""", null));
        File.WriteAllBytes(path, whole);
        var offsets = StoredOffsets.FromFile(path);
        Assert.Equal(7, offsets.Find("erp", "erp").GetProperty("lsn").GetInt64());
        Assert.Equal(7, offsets.Find(null, "erp").GetProperty("lsn").GetInt64());
        Assert.Contains("connector 'erp' for 'erp'", Assert.Throws<TakeoverException>(() => offsets.Find("erp", "other")).Message, StringComparison.Ordinal);
        Assert.Contains("deleted", Assert.Throws<TakeoverException>(() => offsets.Find("gone", "gone")).Message, StringComparison.Ordinal);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<TakeoverException>(() => StoredOffsets.FromFile(path));
        }
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(whole).Replace("java.util.HashMap", "java.util.HashSet", StringComparison.Ordinal)));
        Assert.Throws<TakeoverException>(() => StoredOffsets.FromFile(path));
        File.Delete(path);
    }

    [Fact]
    public async Task The_newest_offset_of_a_topic_counts_and_a_tombstone_takes_it_away()
    {
        var (stop, topic) = (TestContext.Current.CancellationToken, $"offsets-{Guid.NewGuid():n}");
        var bootstrap = await kafka.BootstrapAsync();
        using var producer = new ProducerBuilder<string, string?>(new ProducerConfig { BootstrapServers = bootstrap }).Build();
        foreach (var (key, value) in ((string, string?)[])
            [("""["a",{"server":"s"}]""", """{"lsn":1}"""), ("""["b",{"server":"s2"}]""", """{"lsn":2}"""), ("""["a",{"server":"s"}]""", """{"lsn":3}"""), ("""["b",{"server":"s2"}]""", null)])
            await producer.ProduceAsync(topic, new Message<string, string?> { Key = key, Value = value! }, stop);
        var offsets = await StoredOffsets.FromTopicAsync(bootstrap, topic, new Dictionary<string, string>(), stop);
        Assert.Equal(3, offsets.Find("a", "s").GetProperty("lsn").GetInt64());
        Assert.Throws<TakeoverException>(() => offsets.Find("b", "s2"));
    }

    // What java.io.ObjectOutputStream writes for a HashMap<byte[], byte[]>.
    internal static byte[] Java(params (string Key, string? Value)[] entries)
    {
        using var output = new MemoryStream();
        var described = false;
        void Int(int value)
        {
            Span<byte> four = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(four, value);
            output.Write(four);
        }
        void Text(string text)
        {
            output.Write([(byte)(text.Length >> 8), (byte)text.Length]);
            output.Write(Encoding.ASCII.GetBytes(text));
        }
        void Bytes(string? text)
        {
            if (text is null)
            {
                output.WriteByte(0x70);
                return;
            }
            output.WriteByte(0x75);
            if (described)
            {
                output.WriteByte(0x71);
                Int(0x7E0002);
            }
            else
            {
                output.WriteByte(0x72);
                Text("[B");
                output.Write([1, 2, 3, 4, 5, 6, 7, 8, 2, 0, 0, 0x78, 0x70]);
                described = true;
            }
            Int(text.Length);
            output.Write(Encoding.ASCII.GetBytes(text));
        }
        output.Write([0xAC, 0xED, 0, 5, 0x73, 0x72]);
        Text("java.util.HashMap");
        output.Write([5, 7, 0xDA, 0xC1, 0xC3, 0x16, 0x60, 0xD1, 3, 0, 2, (byte)'F']);
        Text("loadFactor");
        output.WriteByte((byte)'I');
        Text("threshold");
        output.Write([0x78, 0x70, 0x3F, 0x40, 0, 0]);
        Int(12);
        output.Write([0x77, 8]);
        Int(16);
        Int(entries.Length);
        foreach (var (key, value) in entries)
        {
            Bytes(key);
            Bytes(value);
        }
        output.WriteByte(0x78);
        return output.ToArray();
    }
}
