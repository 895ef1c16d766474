using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Records beside those of changes: heartbeats, and what a source says about itself.</summary>
/// <param name="tables">Opens keys and values.</param>
/// <param name="heartbeats">Whether an empty batch is a heartbeat.</param>
/// <param name="notices">The topic of notifications; null for none.</param>
sealed class SideRecords(TableRecords tables, bool heartbeats, string? notices)
{
    static readonly ConnectSchema HeartbeatKey = ConnectSchema.Struct("io.debezium.connector.common.ServerNameKey", 1, new ConnectField("serverName", ConnectSchema.Of(ConnectKind.String)));
    static readonly ConnectSchema Heartbeat = ConnectSchema.Struct("io.debezium.connector.common.Heartbeat", 1, new ConnectField("ts_ms", ConnectSchema.Of(ConnectKind.Int64)));

    (RecordPart Key, RecordPart Value)? _heartbeat;
    NotificationRecords? _notifications;

    public async ValueTask WriteAsync(ChangeBatch batch, TimeProvider clock, LogBatch output, CancellationToken stop)
    {
        if (batch.Count == 0 && batch.Notices.Count == 0 && heartbeats) await HeartbeatAsync(clock.GetUtcNow().ToUnixTimeMilliseconds(), output, stop);
        if (batch.Notices.Count > 0 && notices is not null) (_notifications ??= await tables.NotificationsAsync(notices, stop)).Write(batch.Notices, output);
    }

    async Task HeartbeatAsync(long millis, LogBatch output, CancellationToken stop)
    {
        var rules = tables.Settings.Topics;
        var topic = rules.Heartbeat ?? $"{rules.HeartbeatPrefix}{rules.Delimiter}{tables.Prefix}";
        _heartbeat ??= (await tables.PartAsync(topic, true, HeartbeatKey, stop), await tables.PartAsync(topic, false, Heartbeat, stop));
        output.Begin(topic, millis);
        _heartbeat.Value.Key.Open(output).WriteString(tables.Prefix);
        _heartbeat.Value.Key.Close(output);
        output.BeginValue();
        _heartbeat.Value.Value.Open(output).WriteLong(millis);
        _heartbeat.Value.Value.Close(output);
        output.End();
    }
}
