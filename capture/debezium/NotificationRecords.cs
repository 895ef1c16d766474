using System.Buffers;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Notices as the records of Debezium's notification topic.</summary>
sealed class NotificationRecords(string topic, RecordPart key, RecordPart value)
{
    static readonly ConnectSchema Text = ConnectSchema.Of(ConnectKind.String);

    public static ConnectSchema Key { get; } = ConnectSchema.Struct("io.debezium.connector.common.NotificationKey", 1, new ConnectField("id", Text));

    public static ConnectSchema Value { get; } = ConnectSchema.Struct("io.debezium.connector.common.Notification", 1,
        new("id", Text), new("type", Text), new("aggregate_type", Text), new("additional_data", ConnectSchema.Of(ConnectKind.Map) with { Items = Text, Optional = true }),
        new("timestamp", ConnectSchema.Of(ConnectKind.Int64)));

    public void Write(IReadOnlyList<Notice> notices, LogBatch output)
    {
        foreach (var notice in notices) Write(notice, output);
    }

    void Write(Notice notice, LogBatch output)
    {
        output.Begin(topic, notice.At);
        key.Open(output).WriteString(notice.Id);
        key.Close(output);
        output.BeginValue();
        var open = value.Open(output);
        open.WriteString(notice.Id);
        open.WriteString(notice.Type);
        open.WriteString(notice.Aggregate);
        open.WriteLong(notice.Data is null ? 0 : 1);
        if (notice.Data is { } data)
        {
            if (data.Count > 0) open.WriteLong(data.Count);
            foreach (var (name, text) in data)
            {
                open.WriteString(name);
                open.WriteString(text);
            }
            open.WriteLong(0);
        }
        open.WriteLong(notice.At);
        value.Close(output);
        output.End();
    }
}
