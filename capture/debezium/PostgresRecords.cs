using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Debezium;

/// <summary>Changes of a PostgreSQL source to the records that Debezium would publish.</summary>
sealed class PostgresRecords(PostgresSettings settings, ISchemaRegistry registry, PassedOver passedOver, ILogger log, TimeProvider clock)
{
    public static readonly ConnectSchema HeartbeatKey = ConnectSchema.Struct("io.debezium.connector.common.ServerNameKey", 1, new ConnectField("serverName", ConnectSchema.Of(ConnectKind.String)));
    public static readonly ConnectSchema Heartbeat = ConnectSchema.Struct("io.debezium.connector.common.Heartbeat", 1, new ConnectField("ts_ms", ConnectSchema.Of(ConnectKind.Int64)));

    readonly RecordSettings _settings = settings.Records;
    readonly RecordContext _context = new(settings.Records, settings.Prefix);
    readonly TableRecords _tables = new(settings, registry, log);
    readonly Dictionary<PostgresTable, RowRecords> _compiled = new(ReferenceEqualityComparer.Instance);
    readonly KeyValuePair<string, byte[]?>[] _headers = settings.Records.HasContextHeaders ? TableRecords.ContextHeaders(settings.Prefix) : [];
    (RecordPart Key, RecordPart Value)? _heartbeat;
    TransactionRecords? _transactions;
    MessageRecords? _messages;
    NotificationRecords? _notifications;
    long _unrepresentable, _messageCount;

    public async ValueTask WriteAsync(ChangeBatch batch, LogBatch output, CancellationToken stop)
    {
        _context.Tick(clock);
        if (batch.Count == 0 && batch.Notices.Count == 0 && settings.HeartbeatTopic) await HeartbeatAsync(output, stop);
        if (batch.Notices.Count > 0 && settings.NotificationTopic is { } notified) (_notifications ??= await _tables.NotificationsAsync(notified, stop)).Write(batch.Notices, output);
        if (_settings.Transactions) _transactions ??= await _tables.TransactionsAsync(stop);
        RowRecords? rows = null;
        PostgresTable? table = null;
        for (var i = 0; i < batch.Count; i++)
        {
            var change = batch[i];
            output.Of(null);
            if (_settings.Transactions) Enter(change, batch, i, output);
            if (change.Operation == Operation.Message)
            {
                await MessageAsync(change, output, stop);
                continue;
            }
            if (!ReferenceEquals(table, change.Table))
            {
                table = (PostgresTable)change.Table;
                if (!_compiled.TryGetValue(table, out rows)) _compiled[table] = rows = await _tables.CompileAsync(table, _context, stop);
            }
            var pair = PairOf(batch, i);
            if (IsSkipped(_settings, change.Operation, isPair: pair != 0)) continue;
            if (_settings.SkipUnchanged && change is { Operation: Operation.Update, Before.Exists: true } && rows!.Row.IsUnchanged(change.Before.Cells.Span, change.After.Cells.Span)) continue;
            if (_settings.Transactions) _context.Transaction.Count(change.Table.FullName);
            await rows!.PrepareAsync(change, stop);
            output.Of(table);
            Write(rows, change, pair == 0 ? _headers : KeyChange(rows, batch, i, pair), output);
        }
        output.Of(null);
        if (_settings.Transactions && batch is { Count: > 0, EndsTransaction: true }) End(batch[batch.Count - 1], output);
    }

    /// <summary>Whether the settings leave the operation out; of a change of key, an update in two halves, each half is also an operation of its own.</summary>
    public static bool IsSkipped(RecordSettings settings, Operation operation, bool isPair)
    {
        if (settings.Skip.Count == 0) return false;
        if (isPair && settings.Skip.Contains(SkippedOperation.Update)) return true;
        return settings.Skip.Contains(operation switch
        {
            Operation.Update => SkippedOperation.Update,
            Operation.Truncate => SkippedOperation.Truncate,
            Operation.Message => SkippedOperation.Message,
            Operation.Delete => SkippedOperation.Delete,
            Operation.Create => SkippedOperation.Create,
            _ => (SkippedOperation)(-1),
        });
    }

    // A delete and a create of one log record are the halves of a change of key: 1 says that the other half follows, -1 that it came before.
    static int PairOf(ChangeBatch batch, int at)
    {
        var change = batch[at];
        if (change.Operation == Operation.Delete && at + 1 < batch.Count && batch[at + 1] is { Operation: Operation.Create } next && Same(change, next)) return 1;
        return change.Operation == Operation.Create && at > 0 && batch[at - 1] is { Operation: Operation.Delete } previous && Same(change, previous) ? -1 : 0;
    }

    static bool Same(in Change left, in Change right) =>
        left.Lsn == right.Lsn && left.Position.Commit == right.Position.Commit && ReferenceEquals(left.Table, right.Table);

    // Each half names the other's key.
    KeyValuePair<string, byte[]?>[] KeyChange(RowRecords rows, ChangeBatch batch, int at, int pair) => rows.Row.Key is null ? _headers
        : pair > 0 ? [new("__debezium.newkey", rows.Row.KeyJson(batch[at + 1].After.Cells.Span)), .. _headers]
        : [new("__debezium.oldkey", rows.Row.KeyJson(batch[at - 1].Before.Cells.Span)), .. _headers];

    void Write(RowRecords rows, in Change change, KeyValuePair<string, byte[]?>[] headers, LogBatch output)
    {
        if (rows.Write(change, headers, output))
        {
            if (rows.Row.Unrepresentable is { Count: > 0 } values)
            {
                // Written once more, now that the header is known.
                var named = $"{{{string.Join(',', values.DistinctBy(v => v.Column).Select(v => $"{PgJson.Quote(v.Column)}:{PgJson.Quote(v.Text)}"))}}}";
                if (_unrepresentable++ % 1000 == 0) Log.Unrepresentable(log, change.Table.FullName, _unrepresentable);
                output.Abandon();
                rows.Write(change, [.. headers, new("cdcsync.unrepresentable", System.Text.Encoding.UTF8.GetBytes(named))], output);
                values.Clear();
            }
            output.End();
        }
        if (change.Operation == Operation.Delete && _settings.Tombstones) rows.Tombstone(change, headers, output);
    }

    void Enter(in Change change, ChangeBatch batch, int at, LogBatch output)
    {
        var tally = _context.Transaction;
        if (change.Operation == Operation.Read) return;
        if (change.Transaction == 0)
        {
            if (at > 0) End(batch[at - 1], output);
            return;
        }
        if (tally.Commit != change.Position.Commit || change.Position <= tally.Last)
        {
            if (tally.Commit != 0 && tally.Commit != change.Position.Commit && at > 0) End(batch[at - 1], output);
            var before = passedOver.Of(change.Position.Commit);
            tally.Begin(change, before);
            if (before.Count == 0) _transactions!.Begin(change, output);
        }
        tally.See(change);
    }

    void End(in Change last, LogBatch output)
    {
        var tally = _context.Transaction;
        if (tally.Commit == 0 || tally.Commit != last.Position.Commit) return;
        _transactions!.End(last, tally, output);
        tally.End();
    }

    async ValueTask MessageAsync(Change change, LogBatch output, CancellationToken stop)
    {
        // The mark of a transaction without a change for us.
        if (ReferenceEquals(change.Table, PgOutputDecoder.Empty) || !MessageRecords.IsWanted(_settings, change) || IsSkipped(_settings, Operation.Message, isPair: false)) return;
        if (_settings.Transactions && change.Transaction != 0)
            _context.Transaction.Count($"io.debezium.connector.postgresql.LogicalDecodingMessageMonitor$LogicalDecodingMessageId@{++_messageCount:x8}");
        _messages ??= await _tables.MessagesAsync(_context, stop);
        _messages.Write(change, output);
    }

    async Task HeartbeatAsync(LogBatch output, CancellationToken stop)
    {
        var topic = _settings.Topics.Heartbeat ?? $"{_settings.Topics.HeartbeatPrefix}{_settings.Topics.Delimiter}{settings.Prefix}";
        _heartbeat ??= (await _tables.PartAsync(topic, true, HeartbeatKey, stop), await _tables.PartAsync(topic, false, Heartbeat, stop));
        output.Begin(topic, _context.Millis);
        var open = _heartbeat.Value.Key.Open(output);
        open.WriteString(settings.Prefix);
        _heartbeat.Value.Key.Close(output);
        output.BeginValue();
        open = _heartbeat.Value.Value.Open(output);
        open.WriteLong(_context.Millis);
        _heartbeat.Value.Value.Close(output);
        output.End();
    }
}
