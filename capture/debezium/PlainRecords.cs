using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CdcSync.Capture.Postgres;
using CdcSync.Capture.Tables;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;

namespace CdcSync.Capture.Debezium;

/// <summary>Changes of a polled table to records in Debezium's envelope.</summary>
sealed class PlainRecords(TablesSettings settings, string database, ISchemaRegistry registry, TimeProvider clock)
{
    static readonly KeyValuePair<string, byte[]?>[] NoHeaders = [];

    sealed record Compiled(PlainTable Table, string Topic, byte[] KeyFrame, byte[] ValueFrame)
    {
        public byte[][] Zeros { get; } = [.. Table.PlainColumns.Select(c => c.Type.Zero)];
    }

    readonly Dictionary<PlainTable, Compiled> _compiled = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<string, string> _unsaid = new(StringComparer.Ordinal);
    string? _reading;
    long _nowMicros;

    public async ValueTask WriteAsync(ChangeBatch batch, LogBatch output, CancellationToken stop)
    {
        _nowMicros = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        Compiled? compiled = null;
        for (var i = 0; i < batch.Count; i++)
        {
            var change = batch[i];
            if (!ReferenceEquals(compiled?.Table, change.Table) && !_compiled.TryGetValue((PlainTable)change.Table, out compiled))
                compiled = await CompileAsync((PlainTable)change.Table, stop);
            output.Of(change.Table);
            Write(compiled, change, KeyChange(batch, i), output);
            output.Of(null);
        }
    }

    // A delete and a create of one change row are the halves of a change of key; each names the other's key.
    static KeyValuePair<string, byte[]?>[] KeyChange(ChangeBatch batch, int at)
    {
        var change = batch[at];
        bool Same(Change other) => other.Lsn == change.Lsn && other.Lsn != 0 && other.Position.Commit == change.Position.Commit && ReferenceEquals(other.Table, change.Table);
        if (change.Operation == Operation.Delete && at + 1 < batch.Count && batch[at + 1] is { Operation: Operation.Create } next && Same(next))
            return [new("__debezium.newkey", KeyJson(next.Table, next.After))];
        if (change.Operation == Operation.Create && at > 0 && batch[at - 1] is { Operation: Operation.Delete } previous && Same(previous))
            return [new("__debezium.oldkey", KeyJson(previous.Table, previous.Before))];
        return NoHeaders;
    }

    static byte[] KeyJson(Table table, RowImage image)
    {
        var text = new StringBuilder("{");
        foreach (var ordinal in table.Key)
        {
            var value = image.Value(table, ordinal);
            var json = value is null ? "null" : value is long or bool or decimal ? PlainValues.Text(value).ToLowerInvariant() : PgJson.Quote(PlainValues.Text(value));
            text.Append(text.Length > 1 ? "," : "").Append(PgJson.Quote(AvroNames.Part(table.Columns[ordinal].Name))).Append(':').Append(json);
        }
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    void Write(Compiled compiled, in Change change, KeyValuePair<string, byte[]?>[] headers, LogBatch output)
    {
        _unsaid.Clear();
        WriteRecord(compiled, change, headers, output);
        if (_unsaid.Count > 0)
        {
            // Written once more, now that the header is known.
            var named = $"{{{string.Join(',', _unsaid.Select(u => $"{PgJson.Quote(u.Key)}:{PgJson.Quote(u.Value)}"))}}}";
            output.Abandon();
            headers = [.. headers, new("cdcsync.unrepresentable", Encoding.UTF8.GetBytes(named))];
            WriteRecord(compiled, change, headers, output);
        }
        output.End();
        if (change.Operation != Operation.Delete || !settings.Tombstones) return;
        output.Begin(compiled.Topic, change.CommittedAt / 1000, nullKey: compiled.Table.Key.Count == 0, headers);
        WriteKey(compiled, change.Before, output);
        output.BeginValue(nullValue: true);
        output.End();
    }

    void WriteRecord(Compiled compiled, in Change change, KeyValuePair<string, byte[]?>[] headers, LogBatch output)
    {
        var keyed = compiled.Table.Key.Count > 0 && change.Operation != Operation.Truncate;
        output.Begin(compiled.Topic, change.CommittedAt / 1000, nullKey: !keyed, headers);
        if (keyed) WriteKey(compiled, change.After.Exists ? change.After : change.Before, output);
        output.BeginValue();
        output.Write(compiled.ValueFrame);
        WriteRow(compiled, change.Before, output);
        WriteRow(compiled, change.After, output);
        WriteSource(compiled, change, output);
        output.WriteLong(0);   // transaction
        output.WriteString([(char)change.Operation]);
        Present(output, _nowMicros / 1000);
        Present(output, _nowMicros);
        Present(output, _nowMicros * 1000);
    }

    void WriteKey(Compiled compiled, RowImage image, LogBatch output)
    {
        if (compiled.Table.Key.Count == 0) return;
        output.Write(compiled.KeyFrame);
        foreach (var ordinal in compiled.Table.Key) WriteCell(compiled, ordinal, image.Cell(ordinal, out var bytes), bytes.Span, output);
    }

    void WriteRow(Compiled compiled, RowImage image, LogBatch output)
    {
        output.WriteLong(image.Exists ? 1 : 0);
        if (!image.Exists) return;
        var rest = image.Cells;
        for (var i = 0; i < compiled.Zeros.Length; i++) WriteCell(compiled, i, RowImage.Next(ref rest, out var bytes), bytes.Span, output);
    }

    void WriteCell(Compiled compiled, int ordinal, CellKind kind, ReadOnlySpan<byte> bytes, LogBatch output)
    {
        var column = compiled.Table.PlainColumns[ordinal];
        if (kind == CellKind.Text) _unsaid[column.Name] = Encoding.UTF8.GetString(bytes);
        var given = kind == CellKind.Binary;
        if (column.Nullable) output.WriteLong(given ? 1 : 0);
        if (given) output.Write(bytes);
        else if (!column.Nullable) output.Write(compiled.Zeros[ordinal]);
    }

    void WriteSource(Compiled compiled, in Change change, LogBatch output)
    {
        var marker = change.Operation != Operation.Read ? "false" : _reading == compiled.Topic ? "true" : "first_in_data_collection";
        if (change.Operation == Operation.Read) _reading = compiled.Topic;
        output.WriteString("3.7.0.Final");
        output.WriteString("tables");
        output.WriteString(settings.Prefix);
        output.WriteLong(change.CommittedAt / 1000);
        output.WriteLong(0);
        output.WriteString(marker);
        output.WriteString(database);
        output.WriteLong(0);   // sequence
        Present(output, change.CommittedAt);
        Present(output, change.CommittedAt * 1000);
        output.WriteString(compiled.Table.Schema);
        output.WriteString(compiled.Table.Name);
        output.WriteString(change.Position.ToString());
        Optional(output, change.Transaction);
        Optional(output, (long)change.Lsn);
    }

    static void Optional(LogBatch output, long value)
    {
        if (value == 0) output.WriteLong(0);
        else Present(output, value);
    }

    static void Present(LogBatch output, long value)
    {
        output.WriteLong(1);
        output.WriteLong(value);
    }

    async Task<Compiled> CompileAsync(PlainTable table, CancellationToken stop)
    {
        var topic = AvroNames.Topic(string.Join('.', ((string[])[settings.Prefix, table.Schema, table.Name]).Where(p => p.Length > 0)));
        var twice = table.PlainColumns.GroupBy(c => AvroNames.Part(c.Name), StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new SourceException($"{settings.Name}: columns {string.Join(" and ", twice.Select(c => $"'{c.Name}'"))} of {table.FullName} would both be '{twice.Key}' in Avro. Rename one");
        var key = table.Key.Select(k => table.PlainColumns[k]).ToList();
        var keyId = key.Count == 0 ? 0 : await registry.RegisterAsync($"{topic}-key", new RegisteredSchema(PlainSchemas.Key(topic, key)), stop);
        var valueId = await registry.RegisterAsync($"{topic}-value", new RegisteredSchema(PlainSchemas.Envelope(topic, table.PlainColumns)), stop);
        return _compiled[table] = new Compiled(table, topic, Frame(keyId), Frame(valueId));
    }

    static byte[] Frame(int schema)
    {
        var frame = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), schema);
        return frame;
    }
}
