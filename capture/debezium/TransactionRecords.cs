using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>BEGIN and END of transactions on a topic of their own.</summary>
sealed class TransactionRecords(string topic, RecordPart key, RecordPart value, IConnectorForm form)
{
    static readonly ConnectSchema Text = ConnectSchema.Of(ConnectKind.String), Long = ConnectSchema.Of(ConnectKind.Int64);

    public static readonly ConnectSchema Key = ConnectSchema.Struct("io.debezium.connector.common.TransactionMetadataKey", 1, new ConnectField("id", Text));

    public static readonly ConnectSchema Value = ConnectSchema.Struct("io.debezium.connector.common.TransactionMetadataValue", 1,
        new("status", Text), new("id", Text), new("event_count", Long.AsOptional()),
        new("data_collections", new ConnectSchema(ConnectKind.Array)
        {
            Optional = true, Items = ConnectSchema.Struct("event.collection", 1, new("data_collection", Text), new("event_count", Long)).AsOptional(),
        }),
        new("ts_ms", Long));

    public void Begin(in Change first, LogBatch output)
    {
        var open = Start("BEGIN", first, output);
        open.WriteLong(0);
        open.WriteLong(0);
        Finish(first, open, output);
    }

    public void End(in Change last, TransactionTally tally, LogBatch output)
    {
        var open = Start("END", last, output);
        open.WriteLong(1);
        open.WriteLong(tally.Total);
        open.WriteLong(1);
        var tables = tally.Tables.ToList();
        if (tables.Count > 0) open.WriteLong(tables.Count);
        foreach (var (table, count) in tables)
        {
            open.WriteLong(1);
            open.WriteString(table);
            open.WriteLong(count);
        }
        open.WriteLong(0);
        Finish(last, open, output);
    }

    LogBatch Start(string status, in Change change, LogBatch output)
    {
        var id = form.Transaction(change);
        output.Begin(topic, change.CommittedAt / 1000);
        var open = key.Open(output);
        open.WriteString(id);
        key.Close(output);
        output.BeginValue();
        open = value.Open(output);
        open.WriteString(status);
        open.WriteString(id);
        return open;
    }

    void Finish(in Change change, LogBatch open, LogBatch output)
    {
        open.WriteLong(change.CommittedAt / 1000);
        value.Close(output);
        output.End();
    }
}
