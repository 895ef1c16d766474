using System.Buffers;
using System.Buffers.Binary;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;

namespace CdcSync.Capture.Debezium;

/// <summary>Notices as the records of Debezium's notification topic.</summary>
sealed class NotificationRecords(string topic, ISchemaRegistry registry)
{
    public const string Key =
        """{"type":"record","name":"NotificationKey","namespace":"io.debezium.connector.common","fields":[{"name":"id","type":"string"}],"connect.version":1,"connect.name":"io.debezium.connector.common.NotificationKey"}""";

    public const string Value =
        """{"type":"record","name":"Notification","namespace":"io.debezium.connector.common","fields":[{"name":"id","type":"string"},{"name":"type","type":"string"},{"name":"aggregate_type","type":"string"},{"name":"additional_data","type":["null",{"type":"map","values":"string"}],"default":null},{"name":"timestamp","type":"long"}],"connect.version":1,"connect.name":"io.debezium.connector.common.Notification"}""";

    (byte[] Key, byte[] Value)? _frames;

    public async ValueTask WriteAsync(IReadOnlyList<Notice> notices, LogBatch output, CancellationToken stop)
    {
        _frames ??= (Frame(await registry.RegisterAsync($"{topic}-key", new RegisteredSchema(Key), stop)), Frame(await registry.RegisterAsync($"{topic}-value", new RegisteredSchema(Value), stop)));
        foreach (var notice in notices) Write(notice, _frames.Value.Key, _frames.Value.Value, output);
    }

    void Write(Notice notice, byte[] key, byte[] value, LogBatch output)
    {
        output.Begin(topic, notice.At);
        output.Write(key);
        output.WriteString(notice.Id);
        output.BeginValue();
        output.Write(value);
        output.WriteString(notice.Id);
        output.WriteString(notice.Type);
        output.WriteString(notice.Aggregate);
        output.WriteLong(notice.Data is null ? 0 : 1);
        if (notice.Data is { } data)
        {
            if (data.Count > 0) output.WriteLong(data.Count);
            foreach (var (name, text) in data)
            {
                output.WriteString(name);
                output.WriteString(text);
            }
            output.WriteLong(0);
        }
        output.WriteLong(notice.At);
        output.End();
    }

    static byte[] Frame(int schema)
    {
        var frame = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), schema);
        return frame;
    }
}
