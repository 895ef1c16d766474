using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>What is the same for all records of a table in the block <c>source</c>, written once.</summary>
sealed record SourceNames(string Topic, byte[] Streamed, byte[][] Marks, byte[] Names)
{
    // In the order of ReadMark.
    public static readonly string[] SnapshotMarks = ["true", "first", "first_in_data_collection", "last_in_data_collection", "last", "incremental"];

    public static SourceNames Of(string topic, string database, string schema, string table)
    {
        byte[] Snapshot(string marker) => AvroForm.Of(output =>
        {
            output.WriteLong(0);
            output.WriteString(marker);
            output.WriteString(database);
        });
        return new SourceNames(topic, Snapshot("false"), [.. SnapshotMarks.Select(Snapshot)], AvroForm.Of(output =>
        {
            output.WriteString(schema);
            output.WriteString(table);
        }));
    }
}

/// <summary>What the block <c>source</c> has in all kinds of connector.</summary>
static class SourceBlock
{
    /// <summary>Its schema: first what all have, then the connector's own.</summary>
    public static ConnectSchema Schema(string connector, params ReadOnlySpan<ConnectField> own) => ConnectSchema.Struct($"io.debezium.connector.{connector}.Source", 1,
    [
        new("version", Text), new("connector", Text), new("name", Text), new("ts_ms", Long), new("snapshot", Snapshot), new("db", Text), new("sequence", Text.AsOptional()),
        new("ts_us", Long.AsOptional()), new("ts_ns", Long.AsOptional()), new("schema", Text), new("table", Text), .. own,
    ]);

    public static ConnectSchema Text => ConnectSchema.Of(ConnectKind.String);

    public static ConnectSchema Long => ConnectSchema.Of(ConnectKind.Int64);

    static ConnectSchema Snapshot => ConnectSchema.Of(ConnectKind.String, "io.debezium.data.Enum") with
    {
        Optional = true, Parameters = [("allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental")], Default = AvroForm.Of(o => o.WriteString("false")),
    };

    /// <summary>Its first fields, the same in all records.</summary>
    public static byte[] Start(string connector, string prefix) => AvroForm.Of(output =>
    {
        output.WriteString("3.7.0.Final");
        output.WriteString(connector);
        output.WriteString(prefix);
    });

    public static void Present(LogBatch output, long value)
    {
        output.WriteLong(1);
        output.WriteLong(value);
    }

    public static void Present(LogBatch output, string value)
    {
        output.WriteLong(1);
        output.WriteString(value);
    }
}
