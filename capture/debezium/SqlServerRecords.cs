using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Debezium;

/// <summary>Changes of a SQL Server source to the records that Debezium would publish.</summary>
sealed class SqlServerRecords
{
    sealed record Compiled(SqlServerTable Table, string Topic, SqlServerRow Row, bool HasKey, byte[] KeyFrame, byte[] ValueFrame);

    readonly SqlServerSettings _settings;
    readonly ISchemaRegistry _registry;
    readonly ILogger _log;
    readonly TimeProvider _clock;
    readonly Dictionary<SqlServerTable, Compiled> _compiled = new(ReferenceEqualityComparer.Instance);
    readonly ConcurrentDictionary<SqlServerTable, bool> _altered = new(ReferenceEqualityComparer.Instance);
    readonly KeyValuePair<string, byte[]?>[] _headers;
    readonly SqlServerSchemaChanges _structures;
    (byte[] Key, byte[] Value)? _heartbeat;
    NotificationRecords? _notifications;
    long _nowMs, _nowUs, _nowNs;
    long _unrepresentable;

    public SqlServerRecords(SqlServerSettings settings, ISchemaRegistry registry, ILogger log, TimeProvider clock)
    {
        (_settings, _registry, _log, _clock) = (settings, registry, log, clock);
        _structures = new SqlServerSchemaChanges(settings, registry);
        _headers = !settings.Records.HasContextHeaders ? [] :
        [
            new("__debezium.context.connectorLogicalName", Encoding.UTF8.GetBytes(settings.Prefix)), new("__debezium.context.taskId", "0"u8.ToArray()),
            new("__debezium.context.connectorName", "sqlserver"u8.ToArray()),
        ];
    }

    /// <summary>The table is read from another capture instance from now on: its structure is published with its first record.</summary>
    public void Altered(SqlServerTable table) => _altered[table] = true;

    public async ValueTask WriteAsync(ChangeBatch batch, LogBatch output, CancellationToken stop)
    {
        var now = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
        (_nowMs, _nowUs, _nowNs) = (now / 10_000, now / 10, now * 100);
        if (batch.Count == 0 && batch.Notices.Count == 0 && _settings.HeartbeatTopic) await HeartbeatAsync(output, stop);
        if (batch.Notices.Count > 0 && _settings.NotificationTopic is { } notified) (_notifications ??= await NotificationsAsync(notified, stop)).Write(batch.Notices, output);
        Compiled? compiled = null;
        for (var i = 0; i < batch.Count; i++)
        {
            var change = batch[i];
            if (PostgresRecords.IsSkipped(_settings.Records, change.Operation, isPair: false)) continue;
            if (!ReferenceEquals(compiled?.Table, change.Table) && !_compiled.TryGetValue((SqlServerTable)change.Table, out compiled))
            {
                compiled = await CompileAsync((SqlServerTable)change.Table, stop);
                var isAltered = _altered.TryRemove(compiled.Table, out _);
                if (_settings.SchemaChanges && (isAltered || change.Operation == Operation.Read)) await _structures.WriteAsync(compiled.Table, isAltered, change, _nowMs, output, stop);
            }
            output.Of(change.Table);
            Write(compiled!, change, output);
            output.Of(null);
        }
    }

    void Write(Compiled compiled, in Change change, LogBatch output)
    {
        WriteRecord(compiled, change, _headers, output);
        if (compiled.Row.Unrepresentable.Count > 0)
        {
            // Written once more, now that the header is known.
            if (_unrepresentable++ % 1000 == 0) Log.Unrepresentable(_log, compiled.Table.FullName, _unrepresentable);
            output.Abandon();
            WriteRecord(compiled, change, [.. _headers, new("cdcsync.unrepresentable", compiled.Row.TakeUnrepresentable())], output);
            compiled.Row.Unrepresentable.Clear();
        }
        output.End();
        if (change.Operation == Operation.Delete && _settings.Records.Tombstones) Tombstone(compiled, change, output);
    }

    void Tombstone(Compiled compiled, in Change change, LogBatch output)
    {
        output.Begin(compiled.Topic, change.CommittedAt / 1000, nullKey: !compiled.HasKey, _headers);
        WriteKey(compiled, change.Before.Cells, output);
        output.BeginValue(nullValue: true);
        output.End();
    }

    void WriteRecord(Compiled compiled, in Change change, KeyValuePair<string, byte[]?>[] headers, LogBatch output)
    {
        ReadOnlyMemory<byte> before = change.Before.Cells, after = change.After.Cells;
        output.Begin(compiled.Topic, change.CommittedAt / 1000, nullKey: !compiled.HasKey, headers);
        WriteKey(compiled, after.IsEmpty ? before : after, output);
        output.BeginValue();
        output.Write(compiled.ValueFrame);
        Row(compiled.Row, before, output);
        Row(compiled.Row, after, output);
        WriteSource(_settings, compiled.Table, change, Marker(change), output);
        var tail = output.GetSpan(3);
        tail[0] = 0;      // transaction
        tail[1] = 2;      // op: one letter
        tail[2] = (byte)change.Operation;
        output.Advance(3);
        Present(output, _nowMs);
        Present(output, _nowUs);
        Present(output, _nowNs);
    }

    static void WriteKey(Compiled compiled, ReadOnlyMemory<byte> image, LogBatch output)
    {
        if (!compiled.HasKey) return;
        output.Write(compiled.KeyFrame);
        compiled.Row.WriteKey(image, output);
    }

    static void Row(SqlServerRow row, ReadOnlyMemory<byte> image, LogBatch output)
    {
        output.WriteLong(image.IsEmpty ? 0 : 1);
        if (!image.IsEmpty) row.WriteRow(image, output);
    }

    static string Marker(in Change change) => change.Operation != Operation.Read ? "false" : SourceNames.SnapshotMarks[(int)change.Mark];

    /// <summary>Writes the block <c>source</c>.</summary>
    public static void WriteSource(SqlServerSettings settings, SqlServerTable table, in Change change, string marker, LogBatch output)
    {
        output.WriteString("3.7.0.Final");
        output.WriteString("sqlserver");
        output.WriteString(settings.Prefix);
        output.WriteLong(change.CommittedAt / 1000);
        output.WriteLong(0);
        output.WriteString(marker);
        output.WriteString(table.Database);
        output.WriteLong(0);      // sequence
        Present(output, change.CommittedAt);
        Present(output, change.CommittedAt * 1000);
        output.WriteString(table.Schema);
        output.WriteString(table.Name);
        var isRead = change.Operation == Operation.Read || settings.Mode == CaptureMode.ChangeTracking;
        if (isRead) output.WriteLong(0);
        else Present(output, Lsn.Text(Lsn.Seqval(change.Position)));
        Present(output, Lsn.Text(Lsn.Commit(change.Position)));
        if (isRead) output.WriteLong(0);
        else Present(output, Lsn.Serial(change.Position));
    }

    static void Present(LogBatch output, long value)
    {
        output.WriteLong(1);
        output.WriteLong(value);
    }

    static void Present(LogBatch output, string value)
    {
        output.WriteLong(1);
        output.WriteString(value);
    }

    async Task<Compiled> CompileAsync(SqlServerTable table, CancellationToken stop)
    {
        var topic = AvroNames.Topic($"{_settings.Prefix}.{table.Database}.{table.Schema}.{table.Name}");
        var columns = table.SqlColumns.Where(c => c.Type.Kind != SqlKind.Unknown).ToList();
        foreach (var unknown in table.SqlColumns.Except(columns)) Log.ColumnLeftOut(_log, table.FullName, unknown.Name, unknown.TypeName);
        var twice = columns.GroupBy(c => AvroNames.Part(c.Name), StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new SourceException($"{_settings.Name}: columns {string.Join(" and ", twice.Select(c => $"'{c.Name}'"))} of {table.FullName} would both be '{twice.Key}' in Avro. Rename one, or leave the table out with 'except_tables'");
        var key = table.Key.Select(k => table.SqlColumns[k]).ToList();
        var keyId = key.Count == 0 ? 0 : await _registry.RegisterAsync($"{topic}-key", new RegisteredSchema(SqlServerSchemas.Key(topic, key, _settings)), stop);
        var valueId = await _registry.RegisterAsync($"{topic}-value", new RegisteredSchema(SqlServerSchemas.Envelope(topic, columns, _settings)), stop);
        return _compiled[table] = new Compiled(table, topic, new SqlServerRow(table, _settings), key.Count > 0, Frame(keyId), Frame(valueId));
    }

    async Task<NotificationRecords> NotificationsAsync(string topic, CancellationToken stop) => new(topic,
        await RecordPart.OpenAsync($"{topic}-key", NotificationRecords.Key, RecordFormat.Avro, numbers: false, _registry, stop),
        await RecordPart.OpenAsync($"{topic}-value", NotificationRecords.Value, RecordFormat.Avro, numbers: false, _registry, stop));

    async Task HeartbeatAsync(LogBatch output, CancellationToken stop)
    {
        var topic = $"__debezium-heartbeat.{_settings.Prefix}";
        _heartbeat ??= (Frame(await _registry.RegisterAsync($"{topic}-key", new RegisteredSchema(ConnectAvro.Text(PostgresRecords.HeartbeatKey)), stop)),
            Frame(await _registry.RegisterAsync($"{topic}-value", new RegisteredSchema(ConnectAvro.Text(PostgresRecords.Heartbeat)), stop)));
        output.Begin(topic, _nowMs);
        output.Write(_heartbeat.Value.Key);
        output.WriteString(_settings.Prefix);
        output.BeginValue();
        output.Write(_heartbeat.Value.Value);
        output.WriteLong(_nowMs);
        output.End();
    }

    /// <summary>Confluent's frame of a schema.</summary>
    public static byte[] Frame(int schema)
    {
        var frame = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), schema);
        return frame;
    }
}
