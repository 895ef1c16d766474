using System.Text;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Logical messages, as <c>pg_logical_emit_message</c> writes them into the log.</summary>
sealed class MessageRecords(string topic, RecordPart key, RecordPart value, SourceNames names, RecordContext context)
{
    const string Space = "io.debezium.connector.postgresql.";
    static readonly ConnectSchema Text = ConnectSchema.Of(ConnectKind.String);

    public static readonly ConnectSchema Key = ConnectSchema.Struct(Space + "MessageKey", 1, new ConnectField("prefix", Text.AsOptional()));

    public static readonly ConnectSchema Value = ConnectSchema.Struct(Space + "MessageValue", 1,
        new("op", Text), new("ts_ms", ConnectSchema.Of(ConnectKind.Int64).AsOptional()), new("source", PostgresForm.SourceSchema), new("transaction", TransactionTally.Block),
        new("message", ConnectSchema.Struct(Space + "Message", 1, new("prefix", Text.AsOptional()), new("content", ConnectSchema.Of(ConnectKind.Bytes).AsOptional()))));

    /// <summary>Whether the settings ask for messages of this prefix.</summary>
    public static bool IsWanted(RecordSettings settings, in Change message)
    {
        if (settings.MessagePrefixes.Count + settings.ExceptMessagePrefixes.Count == 0) return true;
        message.After.Cell(0, out var bytes);
        var prefix = Encoding.UTF8.GetString(bytes.Span);
        return settings.MessagePrefixes.Count > 0 ? Patterns.Any(settings.MessagePrefixes, prefix) : !Patterns.Any(settings.ExceptMessagePrefixes, prefix);
    }

    public void Write(in Change change, LogBatch output)
    {
        change.After.Cell(0, out var prefix);
        change.After.Cell(1, out var content);
        output.Begin(topic, change.CommittedAt / 1000);
        var open = key.Open(output);
        open.WriteLong(1);
        open.WriteBytes(prefix.Span);
        key.Close(output);
        output.BeginValue();
        open = value.Open(output);
        open.WriteString("m");
        SourceBlock.Present(open, context.Millis);
        context.Form.WriteSource(names, change, open);
        context.Transaction.WriteBlock(change, open);
        open.WriteLong(1);
        open.WriteBytes(prefix.Span);
        open.WriteLong(1);
        open.WriteBytes(content.Span);
        value.Close(output);
        output.End();
    }
}
