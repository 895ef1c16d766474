using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Debezium;

/// <summary>Changes of a PostgreSQL source to the records that Debezium would publish.</summary>
sealed class PostgresRecords
{
    sealed record Compiled(
        PostgresTable Table, string Topic, RowWriter Row, bool HasKey, byte[] KeyFrame, byte[] ValueFrame, byte[] Streamed, byte[][] Marks, byte[] Names);

    // In the order of ReadMark.
    static readonly string[] SnapshotMarks = ["true", "first", "first_in_data_collection", "last_in_data_collection", "last", "incremental"];

    readonly PostgresSettings _settings;
    readonly ISchemaRegistry _registry;
    readonly ILogger _log;
    readonly TimeProvider _clock;
    readonly Dictionary<PostgresTable, Compiled> _compiled = new(ReferenceEqualityComparer.Instance);
    readonly byte[] _source;
    readonly string _database;
    readonly KeyValuePair<string, byte[]?>[] _headers;
    readonly NotificationRecords? _notifications;
    (byte[] Key, byte[] Value)? _heartbeat;
    ulong _lastCommit, _commit;
    long _nowMs, _nowUs, _nowNs;
    long _unrepresentable;

    public PostgresRecords(PostgresSettings settings, ISchemaRegistry registry, ILogger log, TimeProvider clock)
    {
        (_settings, _registry, _log, _clock) = (settings, registry, log, clock);
        _database = new NpgsqlConnectionStringBuilder(settings.Connection) is { Database: { Length: > 0 } database } ? database : "postgres";
        _source = Bytes(o => Strings(o, "3.7.0.Final", "postgresql", settings.Prefix));
        _notifications = settings.NotificationTopic is { } topic ? new NotificationRecords(topic, registry) : null;
        _headers = !settings.ContextHeaders ? [] :
        [
            new("__debezium.context.connectorLogicalName", Encoding.UTF8.GetBytes(settings.Prefix)), new("__debezium.context.taskId", "0"u8.ToArray()),
            new("__debezium.context.connectorName", "postgresql"u8.ToArray()),
        ];
    }

    public async ValueTask WriteAsync(ChangeBatch batch, LogBatch output, CancellationToken stop)
    {
        var now = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
        (_nowMs, _nowUs, _nowNs) = (now / 10_000, now / 10, now * 100);
        if (batch.Count == 0 && batch.Notices.Count == 0 && _settings.HeartbeatTopic) await HeartbeatAsync(output, stop);
        if (batch.Notices.Count > 0 && _notifications is not null) await _notifications.WriteAsync(batch.Notices, output, stop);
        Compiled? compiled = null;
        for (var i = 0; i < batch.Count; i++)
        {
            var change = batch[i];
            if (!ReferenceEquals(compiled?.Table, change.Table) && !_compiled.TryGetValue((PostgresTable)change.Table, out compiled))
                compiled = await CompileAsync((PostgresTable)change.Table, stop);
            if (change.Operation == Operation.Truncate && !_settings.Truncates) continue;
            Write(compiled, change, KeyChange(batch, i, compiled), output);
        }
    }

    // A delete and a create of one log record are the halves of a change of key; each names the other's key.
    KeyValuePair<string, byte[]?>[] KeyChange(ChangeBatch batch, int at, Compiled compiled)
    {
        var change = batch[at];
        if (change.Operation == Operation.Delete && at + 1 < batch.Count && batch[at + 1] is { Operation: Operation.Create } next && Same(change, next))
            return [new("__debezium.newkey", compiled.Row.KeyJson(next.After.Cells.Span)), .. _headers];
        if (change.Operation == Operation.Create && at > 0 && batch[at - 1] is { Operation: Operation.Delete } previous && Same(change, previous))
            return [new("__debezium.oldkey", compiled.Row.KeyJson(previous.Before.Cells.Span)), .. _headers];
        return _headers;
    }

    static bool Same(in Change left, in Change right) =>
        left.Lsn == right.Lsn && left.Position.Commit == right.Position.Commit && ReferenceEquals(left.Table, right.Table);

    void Write(Compiled compiled, in Change change, KeyValuePair<string, byte[]?>[] headers, LogBatch output)
    {
        WriteRecord(compiled, change, headers, output);
        if (compiled.Row.Unrepresentable is { Count: > 0 } values)
        {
            // Written once more, now that the header is known.
            var named = $"{{{string.Join(',', values.DistinctBy(v => v.Column).Select(v => $"{PgJson.Quote(v.Column)}:{PgJson.Quote(v.Text)}"))}}}";
            if (_unrepresentable++ % 1000 == 0) Log.Unrepresentable(_log, compiled.Table.FullName, _unrepresentable);
            output.Abandon();
            WriteRecord(compiled, change, [.. headers, new("cdcsync.unrepresentable", Encoding.UTF8.GetBytes(named))], output);
            values.Clear();
        }
        output.End();
        if (change.Operation == Operation.Delete && _settings.Tombstones && compiled.HasKey) Tombstone(compiled, change, headers, output);
        else if (change.Operation == Operation.Delete && _settings.Tombstones)
        {
            output.Begin(compiled.Topic, change.CommittedAt / 1000, nullKey: true, headers);
            output.BeginValue(nullValue: true);
            output.End();
        }
    }

    static void Tombstone(Compiled compiled, in Change change, KeyValuePair<string, byte[]?>[] headers, LogBatch output)
    {
        output.Begin(compiled.Topic, change.CommittedAt / 1000, nullKey: false, headers);
        output.Write(compiled.KeyFrame);
        compiled.Row.WriteKey(change.Before.Cells.Span, output);
        output.BeginValue(nullValue: true);
        output.End();
    }

    void WriteRecord(Compiled compiled, in Change change, KeyValuePair<string, byte[]?>[] headers, LogBatch output)
    {
        ReadOnlySpan<byte> before = change.Before.Cells.Span, after = change.After.Cells.Span;
        var keyed = compiled.HasKey && change.Operation != Operation.Truncate;
        output.Begin(compiled.Topic, change.CommittedAt / 1000, nullKey: !keyed, headers);
        if (keyed)
        {
            output.Write(compiled.KeyFrame);
            compiled.Row.WriteKey(after.IsEmpty ? before : after, output);
        }
        output.BeginValue();
        output.Write(compiled.ValueFrame);
        Row(compiled.Row, before, output);
        Row(compiled.Row, after, output);
        WriteSource(compiled, change, output);
        var tail = output.GetSpan(64);
        tail[0] = 0;      // transaction
        tail[1] = 2;      // op: one letter
        tail[2] = (byte)change.Operation;
        output.Advance(3);
        Present(output, _nowMs);
        Present(output, _nowUs);
        Present(output, _nowNs);
    }

    static void Row(RowWriter writer, ReadOnlySpan<byte> image, LogBatch output)
    {
        output.WriteLong(image.IsEmpty ? 0 : 1);
        if (!image.IsEmpty) writer.WriteRow(image, output);
    }

    void WriteSource(Compiled compiled, in Change change, LogBatch output)
    {
        var commit = (ulong)change.Position.Commit;
        var isRead = change.Operation == Operation.Read;
        var beside = change.Mark == ReadMark.Incremental;   // read beside the stream, whose last commit stays what it was
        if (commit != _commit && !beside) (_lastCommit, _commit) = (isRead ? 0 : _commit, commit);
        output.Write(_source);
        output.WriteLong(change.CommittedAt / 1000);
        output.Write(isRead ? compiled.Marks[(int)change.Mark] : compiled.Streamed);
        Span<byte> sequence = stackalloc byte[64];
        var length = beside ? Sequence(sequence, commit, commit) : Sequence(sequence, _lastCommit, change.Lsn);
        output.WriteLong(1);
        output.WriteBytes(sequence[..length]);
        Present(output, change.CommittedAt);
        Present(output, change.CommittedAt * 1000);
        output.Write(compiled.Names);
        Optional(output, change.Transaction);
        Optional(output, (long)change.Lsn);
        var end = output.GetSpan(3);
        end[..3].Clear();   // xmin, origin, origin_lsn
        output.Advance(3);
    }

    // ["last commit","this change"], the first null when unknown.
    static int Sequence(Span<byte> text, ulong lastCommit, ulong lsn)
    {
        var at = 0;
        text[at++] = (byte)'[';
        if (lastCommit == 0)
        {
            "null,\""u8.CopyTo(text[at..]);
            at += 6;
        }
        else
        {
            text[at++] = (byte)'"';
            Utf8Formatter.TryFormat(lastCommit, text[at..], out var digits);
            at += digits;
            "\",\""u8.CopyTo(text[at..]);
            at += 3;
        }
        Utf8Formatter.TryFormat(lsn, text[at..], out var written);
        at += written;
        "\"]"u8.CopyTo(text[at..]);
        return at + 2;
    }

    static void Present(LogBatch output, long value)
    {
        output.WriteLong(1);
        output.WriteLong(value);
    }

    static void Optional(LogBatch output, long value)
    {
        if (value == 0) output.WriteLong(0);
        else Present(output, value);
    }

    async Task<Compiled> CompileAsync(PostgresTable table, CancellationToken stop)
    {
        var topic = AvroNames.Topic($"{_settings.Prefix}.{table.Schema}.{table.Name}");
        var columns = table.PostgresColumns.Where(c => c.Type.IsKnown).ToList();
        foreach (var unknown in table.PostgresColumns.Where(c => !c.Type.IsKnown)) Log.ColumnLeftOut(_log, table.FullName, unknown.Name, unknown.TypeName);
        var twice = columns.GroupBy(c => AvroNames.Part(c.Name), StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new SourceException($"{_settings.Name}: columns {string.Join(" and ", twice.Select(c => $"'{c.Name}'"))} of {table.FullName} would both be '{twice.Key}' in Avro. Rename one, or leave the table out with 'except_tables'");
        var key = table.Key.Select(k => table.PostgresColumns[k]).ToList();
        var keyId = key.Count == 0 ? 0 : await _registry.RegisterAsync($"{topic}-key", new RegisteredSchema(PostgresSchemas.Key(topic, key)), stop);
        var valueId = await _registry.RegisterAsync($"{topic}-value", new RegisteredSchema(PostgresSchemas.Envelope(topic, columns)), stop);
        var compiled = new Compiled(table, topic, new RowWriter(table), key.Count > 0, Frame(keyId), Frame(valueId),
            Snapshot("false"), [.. SnapshotMarks.Select(Snapshot)], Bytes(o => Strings(o, table.Schema, table.Name)));
        return _compiled[table] = compiled;
    }

    byte[] Snapshot(string marker) => Bytes(output =>
    {
        output.WriteLong(0);
        Strings(output, marker, _database);
    });

    async Task HeartbeatAsync(LogBatch output, CancellationToken stop)
    {
        var topic = $"__debezium-heartbeat.{_settings.Prefix}";
        _heartbeat ??= (Frame(await _registry.RegisterAsync($"{topic}-key", new RegisteredSchema(PostgresSchemas.HeartbeatKey), stop)),
            Frame(await _registry.RegisterAsync($"{topic}-value", new RegisteredSchema(PostgresSchemas.Heartbeat), stop)));
        output.Begin(topic, _nowMs);
        output.Write(_heartbeat.Value.Key);
        output.WriteString(_settings.Prefix);
        output.BeginValue();
        output.Write(_heartbeat.Value.Value);
        output.WriteLong(_nowMs);
        output.End();
    }

    static void Strings(LogBatch output, params ReadOnlySpan<string> values)
    {
        foreach (var value in values) output.WriteString(value);
    }

    static byte[] Frame(int schema)
    {
        var frame = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), schema);
        return frame;
    }

    static byte[] Bytes(Action<LogBatch> write)
    {
        var output = new LogBatch();
        write(output);
        output.Begin("", 0);
        var length = output.Bytes;
        output.Advance(-length);
        return output.GetSpan(length)[..length].ToArray();
    }
}
