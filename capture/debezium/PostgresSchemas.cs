using System.Text;
using CdcSync.Capture.Postgres;

namespace CdcSync.Capture.Debezium;

/// <summary>The key's and the envelope's Avro schemas of a table, text for text as Debezium 3.7 with Confluent's converter registers them.</summary>
static class PostgresSchemas
{
    const string Tail = """
        {"name":"source","type":{"type":"record","name":"Source","namespace":"io.debezium.connector.postgresql","fields":[{"name":"version","type":"string"},{"name":"connector","type":"string"},{"name":"name","type":"string"},{"name":"ts_ms","type":"long"},{"name":"snapshot","type":[{"type":"string","connect.version":1,"connect.parameters":{"allowed":"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},"connect.default":"false","connect.name":"io.debezium.data.Enum"},"null"],"default":"false"},{"name":"db","type":"string"},{"name":"sequence","type":["null","string"],"default":null},{"name":"ts_us","type":["null","long"],"default":null},{"name":"ts_ns","type":["null","long"],"default":null},{"name":"schema","type":"string"},{"name":"table","type":"string"},{"name":"txId","type":["null","long"],"default":null},{"name":"lsn","type":["null","long"],"default":null},{"name":"xmin","type":["null","long"],"default":null},{"name":"origin","type":["null","string"],"default":null},{"name":"origin_lsn","type":["null","long"],"default":null}],"connect.version":1,"connect.name":"io.debezium.connector.postgresql.Source"}},{"name":"transaction","type":["null",{"type":"record","name":"block","namespace":"event","fields":[{"name":"id","type":"string"},{"name":"total_order","type":"long"},{"name":"data_collection_order","type":"long"}],"connect.version":1,"connect.name":"event.block"}],"default":null},{"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"],"default":null},{"name":"ts_us","type":["null","long"],"default":null},{"name":"ts_ns","type":["null","long"],"default":null}]
        """;

    public const string Heartbeat =
        """{"type":"record","name":"Heartbeat","namespace":"io.debezium.connector.common","fields":[{"name":"ts_ms","type":"long"}],"connect.version":1,"connect.name":"io.debezium.connector.common.Heartbeat"}""";

    public const string HeartbeatKey =
        """{"type":"record","name":"ServerNameKey","namespace":"io.debezium.connector.common","fields":[{"name":"serverName","type":"string"}],"connect.version":1,"connect.name":"io.debezium.connector.common.ServerNameKey"}""";

    public static string Key(string topic, IEnumerable<PostgresColumn> columns) => Record(topic, "Key", columns, []);

    public static string Envelope(string topic, IEnumerable<PostgresColumn> columns)
    {
        var scope = AvroNames.Namespace(topic);
        return $$"""{"type":"record","name":"Envelope","namespace":"{{scope}}","fields":[{"name":"before","type":["null",{{Record(topic, "Value", columns, [], inner: true)}}],"default":null},{"name":"after","type":["null","Value"],"default":null},{{Tail}},"connect.version":2,"connect.name":"{{scope}}.Envelope"}""";
    }

    static string Record(string topic, string name, IEnumerable<PostgresColumn> columns, HashSet<string> named, bool inner = false)
    {
        var scope = AvroNames.Namespace(topic);
        var text = new StringBuilder($"{{\"type\":\"record\",\"name\":\"{name}\"");
        if (!inner) text.Append($",\"namespace\":\"{scope}\"");
        text.Append(",\"fields\":[").AppendJoin(',', columns.Select(c => Field(c, named)));
        return text.Append($"],\"connect.name\":\"{scope}.{name}\"}}").ToString();
    }

    public static string Field(PostgresColumn column, HashSet<string> named)
    {
        var @default = ConnectType.Default(column);
        var type = ConnectType.Json(column.Type, @default, named);
        var name = AvroNames.Part(column.Name);
        return (column.Nullable, @default) switch
        {
            (true, null) => $$"""{"name":"{{name}}","type":["null",{{type}}],"default":null}""",
            (true, _) => $$"""{"name":"{{name}}","type":[{{type}},"null"],"default":{{@default}}}""",
            (false, null) => $$"""{"name":"{{name}}","type":{{type}}}""",
            _ => $$"""{"name":"{{name}}","type":{{type}},"default":{{@default}}}""",
        };
    }
}
