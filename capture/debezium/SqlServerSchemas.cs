using System.Text;
using CdcSync.Capture.SqlServer;

namespace CdcSync.Capture.Debezium;

/// <summary>The Avro schemas of a SQL Server source's records, text for text as Debezium 3.7 with Confluent's converter registers them.</summary>
static class SqlServerSchemas
{
    /// <summary>The record type of <c>source</c>.</summary>
    const string Source = """
        {"type":"record","name":"Source","namespace":"io.debezium.connector.sqlserver","fields":[{"name":"version","type":"string"},{"name":"connector","type":"string"},{"name":"name","type":"string"},{"name":"ts_ms","type":"long"},{"name":"snapshot","type":[{"type":"string","connect.version":1,"connect.parameters":{"allowed":"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},"connect.default":"false","connect.name":"io.debezium.data.Enum"},"null"],"default":"false"},{"name":"db","type":"string"},{"name":"sequence","type":["null","string"],"default":null},{"name":"ts_us","type":["null","long"],"default":null},{"name":"ts_ns","type":["null","long"],"default":null},{"name":"schema","type":"string"},{"name":"table","type":"string"},{"name":"change_lsn","type":["null","string"],"default":null},{"name":"commit_lsn","type":["null","string"],"default":null},{"name":"event_serial_no","type":["null","long"],"default":null}],"connect.version":1,"connect.name":"io.debezium.connector.sqlserver.Source"}
        """;

    const string Tail = """
        ,{"name":"transaction","type":["null",{"type":"record","name":"block","namespace":"event","fields":[{"name":"id","type":"string"},{"name":"total_order","type":"long"},{"name":"data_collection_order","type":"long"}],"connect.version":1,"connect.name":"event.block"}],"default":null},{"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"],"default":null},{"name":"ts_us","type":["null","long"],"default":null},{"name":"ts_ns","type":["null","long"],"default":null}]
        """;

    public const string SchemaChangeKey =
        """{"type":"record","name":"SchemaChangeKey","namespace":"io.debezium.connector.sqlserver","fields":[{"name":"databaseName","type":"string"}],"connect.version":1,"connect.name":"io.debezium.connector.sqlserver.SchemaChangeKey"}""";

    /// <summary>The structure of a table.</summary>
    public static string SchemaChange { get; } = """{"type":"record","name":"SchemaChangeValue","namespace":"io.debezium.connector.sqlserver","fields":[{"name":"source","type":"""
        + Source.Replace(",\"namespace\":\"io.debezium.connector.sqlserver\"", "", StringComparison.Ordinal) + """},{"name":"ts_ms","type":"long"},{"name":"databaseName","type":["null","string"],"default":null},{"name":"schemaName","type":["null","string"],"default":null},{"name":"ddl","type":["null","string"],"default":null},{"name":"tableChanges","type":{"type":"array","items":{"type":"record","name":"Change","namespace":"io.debezium.connector.schema","fields":[{"name":"type","type":"string"},{"name":"id","type":"string"},{"name":"table","type":["null",{"type":"record","name":"Table","fields":[{"name":"defaultCharsetName","type":["null","string"],"default":null},{"name":"primaryKeyColumnNames","type":["null",{"type":"array","items":"string"}],"default":null},{"name":"columns","type":{"type":"array","items":{"type":"record","name":"Column","fields":[{"name":"name","type":"string"},{"name":"jdbcType","type":"int"},{"name":"nativeType","type":["null","int"],"default":null},{"name":"typeName","type":"string"},{"name":"typeExpression","type":["null","string"],"default":null},{"name":"charsetName","type":["null","string"],"default":null},{"name":"length","type":["null","int"],"default":null},{"name":"scale","type":["null","int"],"default":null},{"name":"position","type":"int"},{"name":"optional","type":["null","boolean"],"default":null},{"name":"autoIncremented","type":["null","boolean"],"default":null},{"name":"generated","type":["null","boolean"],"default":null},{"name":"comment","type":["null","string"],"default":null},{"name":"defaultValueExpression","type":["null","string"],"default":null},{"name":"enumValues","type":["null",{"type":"array","items":"string"}],"default":null}],"connect.version":1,"connect.name":"io.debezium.connector.schema.Column"}}},{"name":"comment","type":["null","string"],"default":null}],"connect.version":1,"connect.name":"io.debezium.connector.schema.Table"}],"default":null}],"connect.version":1,"connect.name":"io.debezium.connector.schema.Change"}}}],"connect.version":1,"connect.name":"io.debezium.connector.sqlserver.SchemaChangeValue"}""";

    public static string Key(string topic, IEnumerable<SqlServerColumn> columns, SqlServerSettings settings) => Record(topic, "Key", columns, settings, inner: false);

    public static string Envelope(string topic, IEnumerable<SqlServerColumn> columns, SqlServerSettings settings)
    {
        var scope = AvroNames.Namespace(topic);
        return $$"""{"type":"record","name":"Envelope","namespace":"{{scope}}","fields":[{"name":"before","type":["null",{{Record(topic, "Value", columns, settings, inner: true)}}],"default":null},{"name":"after","type":["null","Value"],"default":null},{"name":"source","type":{{Source}}}{{Tail}},"connect.version":2,"connect.name":"{{scope}}.Envelope"}""";
    }

    static string Record(string topic, string name, IEnumerable<SqlServerColumn> columns, SqlServerSettings settings, bool inner)
    {
        var scope = AvroNames.Namespace(topic);
        var named = new HashSet<string>();
        var text = new StringBuilder($"{{\"type\":\"record\",\"name\":\"{name}\"");
        if (!inner) text.Append($",\"namespace\":\"{scope}\"");
        text.Append(",\"fields\":[").AppendJoin(',', columns.Select(c => Field(c, settings, named)));
        return text.Append($"],\"connect.name\":\"{scope}.{name}\"}}").ToString();
    }

    public static string Field(SqlServerColumn column, SqlServerSettings settings, HashSet<string> named)
    {
        var @default = SqlServerDefaults.Json(column, settings);
        var type = SqlServerField.Of(column.Type, settings).Json(@default, named);
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
