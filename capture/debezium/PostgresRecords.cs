using CdcSync.Capture.Postgres;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Debezium;

/// <summary>Changes of a PostgreSQL source to the records that Debezium would publish.</summary>
sealed class PostgresRecords
{
    readonly RecordSettings _settings;
    readonly TableRecords _tables;
    readonly SideRecords _beside;
    readonly ChangeRecords _changes;
    readonly TimeProvider _clock;
    MessageRecords? _messages;
    long _messageCount;

    public PostgresRecords(PostgresSettings settings, ISchemaRegistry registry, ILogger log, TimeProvider clock)
    {
        (_settings, _clock) = (settings.Records, clock);
        _tables = new TableRecords(settings, settings.Records, new PostgresForm(settings), registry, log);
        _beside = new SideRecords(_tables, settings.HeartbeatTopic, settings.NotificationTopic);
        PassedOver = new PassedOver(_tables);
        _changes = new ChangeRecords(_tables, PassedOver, log) { MessageAsync = MessageAsync };
    }

    /// <summary>What of a transaction had been published before a restart inside of it.</summary>
    public PassedOver PassedOver { get; }

    public async ValueTask WriteAsync(ChangeBatch batch, LogBatch output, CancellationToken stop)
    {
        await _beside.WriteAsync(batch, _clock, output, stop);
        await _changes.WriteAsync(batch, _clock, output, stop);
    }

    async ValueTask MessageAsync(Change change, LogBatch output, CancellationToken stop)
    {
        // The mark of a transaction without a change for us.
        if (ReferenceEquals(change.Table, PgOutputDecoder.Empty) || !MessageRecords.IsWanted(_settings, change) || ChangeRecords.IsSkipped(_settings, Operation.Message, isPair: false)) return;
        if (_settings.Transactions && change.Transaction != 0)
            _changes.Context.Transaction.Count($"io.debezium.connector.postgresql.LogicalDecodingMessageMonitor$LogicalDecodingMessageId@{++_messageCount:x8}");
        _messages ??= await OpenAsync(change.Table, stop);
        _messages.Write(change, output);
    }

    async Task<MessageRecords> OpenAsync(Table messages, CancellationToken stop)
    {
        var topic = _tables.Routed($"{_tables.Prefix}.message");
        return new MessageRecords(topic, await _tables.PartAsync(topic, true, MessageRecords.Key, stop), await _tables.PartAsync(topic, false, MessageRecords.Value, stop),
            SourceNames.Of(topic, _tables.Form.Database(messages), "", ""), _changes.Context);
    }
}
