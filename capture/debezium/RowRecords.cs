using System.Buffers;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>What the records of one batch share.</summary>
sealed class RecordContext(RecordSettings settings, IConnectorForm form)
{
    public RecordSettings Settings { get; } = settings;

    public IConnectorForm Form { get; } = form;

    public TransactionTally Transaction { get; } = new(form);

    /// <summary>Now, milliseconds since 1970.</summary>
    public long Millis { get; private set; }

    /// <summary>Now, microseconds.</summary>
    public long Micros { get; private set; }

    /// <summary>Now, nanoseconds.</summary>
    public long Nanos { get; private set; }

    public void Tick(TimeProvider clock)
    {
        var now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
        (Millis, Micros, Nanos) = (now / 10_000, now / 10, now * 100);
    }
}

/// <summary>How the changes of one table become records.</summary>
abstract class RowRecords(RowWriter row, RecordContext context)
{
    /// <summary>The table's rows.</summary>
    public RowWriter Row { get; } = row;

    protected RecordContext Context { get; } = context;

    /// <summary>Gets ready for a change whose topic is its own; nothing to do for most tables.</summary>
    public virtual ValueTask PrepareAsync(Change change, CancellationToken stop) => ValueTask.CompletedTask;

    /// <summary>Writes the change's record, left open for <see cref="LogBatch.End"/>; false when it has none.</summary>
    public abstract bool Write(in Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output);

    /// <summary>Writes the null that follows a delete.</summary>
    public abstract void Tombstone(in Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output);
}

/// <summary>A table's topic and key.</summary>
sealed record TableKey(string Topic, RecordPart? Part, byte[] Suffix)
{
    /// <summary>Starts a record with the key of the image.</summary>
    public void Begin(RowWriter row, ReadOnlySpan<byte> image, long timestamp, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output, string? topic = null)
    {
        var keyed = Part is not null && !image.IsEmpty;
        output.Begin(topic ?? Topic, timestamp, nullKey: !keyed, headers);
        if (!keyed) return;
        var open = Part!.Open(output);
        row.WriteKey(image, open);
        if (Suffix.Length > 0) open.Write(Suffix);
        Part.Close(output);
    }
}

/// <summary>Debezium's envelope: before, after, source, transaction, op and when it was written.</summary>
sealed class EnvelopeRecords(RowWriter row, TableKey key, RecordPart value, SourceNames names, RecordContext context) : RowRecords(row, context)
{
    static readonly ConnectSchema Text = ConnectSchema.Of(ConnectKind.String), Long = ConnectSchema.Of(ConnectKind.Int64);

    public static ConnectSchema Schema(string name, ConnectSchema row, IConnectorForm form) => ConnectSchema.Struct(name, 2,
        new("before", row.AsOptional()), new("after", row.AsOptional()), new("source", form.Source), new("transaction", TransactionTally.Block), new("op", Text),
        new("ts_ms", Long.AsOptional()), new("ts_us", Long.AsOptional()), new("ts_ns", Long.AsOptional()));

    public override bool Write(in Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output)
    {
        ReadOnlySpan<byte> before = change.Before.Cells.Span, after = change.After.Cells.Span;
        key.Begin(Row, after.IsEmpty ? before : after, change.CommittedAt / 1000, headers, output);
        output.BeginValue();
        var open = value.Open(output);
        WriteRow(before, open);
        WriteRow(after, open);
        Context.Form.WriteSource(names, change, open);
        Context.Transaction.WriteBlock(change, open);
        var op = open.GetSpan(2);
        op[0] = 2;      // one letter
        op[1] = (byte)change.Operation;
        open.Advance(2);
        SourceBlock.Present(open, Context.Millis);
        SourceBlock.Present(open, Context.Micros);
        SourceBlock.Present(open, Context.Nanos);
        value.Close(output);
        return true;
    }

    void WriteRow(ReadOnlySpan<byte> image, LogBatch output)
    {
        output.WriteLong(image.IsEmpty ? 0 : 1);
        if (!image.IsEmpty) Row.WriteRow(image, output);
    }

    public override void Tombstone(in Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output)
    {
        key.Begin(Row, change.Before.Cells.Span, change.CommittedAt / 1000, headers, output);
        output.BeginValue(nullValue: true);
        output.End();
    }
}
