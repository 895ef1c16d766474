using System.Text;
using CdcSync.Capture.Tables;

namespace CdcSync.Capture.Debezium;

/// <summary>Key's and envelope's Avro schemas of a polled table: Debezium's envelope, with a source block of our own.</summary>
static class PlainSchemas
{
    const string Tail = """
        {"name":"source","type":{"type":"record","name":"Source","namespace":"cdcsync.tables","fields":[{"name":"version","type":"string"},{"name":"connector","type":"string"},{"name":"name","type":"string"},{"name":"ts_ms","type":"long"},{"name":"snapshot","type":[{"type":"string","connect.version":1,"connect.parameters":{"allowed":"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},"connect.default":"false","connect.name":"io.debezium.data.Enum"},"null"],"default":"false"},{"name":"db","type":"string"},{"name":"sequence","type":["null","string"],"default":null},{"name":"ts_us","type":["null","long"],"default":null},{"name":"ts_ns","type":["null","long"],"default":null},{"name":"schema","type":"string"},{"name":"table","type":"string"},{"name":"position","type":"string"},{"name":"txId","type":["null","long"],"default":null},{"name":"change_id","type":["null","long"],"default":null}],"connect.version":1,"connect.name":"cdcsync.tables.Source"}},{"name":"transaction","type":["null",{"type":"record","name":"block","namespace":"event","fields":[{"name":"id","type":"string"},{"name":"total_order","type":"long"},{"name":"data_collection_order","type":"long"}],"connect.version":1,"connect.name":"event.block"}],"default":null},{"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"],"default":null},{"name":"ts_us","type":["null","long"],"default":null},{"name":"ts_ns","type":["null","long"],"default":null}]
        """;

    public static string Key(string topic, IEnumerable<PlainColumn> columns) => Record(topic, "Key", columns, inner: false);

    public static string Envelope(string topic, IEnumerable<PlainColumn> columns)
    {
        var scope = AvroNames.Namespace(topic);
        return $$"""{"type":"record","name":"Envelope","namespace":"{{scope}}","fields":[{"name":"before","type":["null",{{Record(topic, "Value", columns, inner: true)}}],"default":null},{"name":"after","type":["null","Value"],"default":null},{{Tail}},"connect.version":2,"connect.name":"{{scope}}.Envelope"}""";
    }

    static string Record(string topic, string name, IEnumerable<PlainColumn> columns, bool inner)
    {
        var scope = AvroNames.Namespace(topic);
        var named = new HashSet<string>(StringComparer.Ordinal);
        var text = new StringBuilder($"{{\"type\":\"record\",\"name\":\"{name}\"");
        if (!inner) text.Append($",\"namespace\":\"{scope}\"");
        text.Append(",\"fields\":[").AppendJoin(',', columns.Select(c => Field(c, named)));
        return text.Append($"],\"connect.name\":\"{scope}.{name}\"}}").ToString();
    }

    static string Field(PlainColumn column, HashSet<string> named)
    {
        var (name, type) = (AvroNames.Part(column.Name), column.Type.Json(named));
        return column.Nullable ? $$"""{"name":"{{name}}","type":["null",{{type}}],"default":null}""" : $$"""{"name":"{{name}}","type":{{type}}}""";
    }
}
