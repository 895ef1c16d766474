using System.Buffers;
using System.Buffers.Text;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>What is the same for all records of a table in the block <c>source</c>, written once.</summary>
sealed record SourceNames(string Topic, byte[] Streamed, byte[][] Marks, byte[] Names)
{
    // In the order of ReadMark.
    public static readonly string[] SnapshotMarks = ["true", "first", "first_in_data_collection", "last_in_data_collection", "last", "incremental"];

    public static SourceNames Of(string topic, string database, string schema, string table)
    {
        byte[] Snapshot(string marker) => AvroForm.Of(output =>
        {
            output.WriteLong(0);
            output.WriteString(marker);
            output.WriteString(database);
        });
        return new SourceNames(topic, Snapshot("false"), [.. SnapshotMarks.Select(Snapshot)], AvroForm.Of(output =>
        {
            output.WriteString(schema);
            output.WriteString(table);
        }));
    }
}

/// <summary>Writes the block <c>source</c> of records.</summary>
sealed class SourceBlock(string prefix)
{
    public static readonly ConnectSchema Schema = ConnectSchema.Struct("io.debezium.connector.postgresql.Source", 1,
        new("version", Text), new("connector", Text), new("name", Text), new("ts_ms", Long), new("snapshot", Snapshot), new("db", Text), new("sequence", Text.AsOptional()),
        new("ts_us", Long.AsOptional()), new("ts_ns", Long.AsOptional()), new("schema", Text), new("table", Text), new("txId", Long.AsOptional()), new("lsn", Long.AsOptional()),
        new("xmin", Long.AsOptional()), new("origin", Text.AsOptional()), new("origin_lsn", Long.AsOptional()));

    static ConnectSchema Text => ConnectSchema.Of(ConnectKind.String);

    static ConnectSchema Long => ConnectSchema.Of(ConnectKind.Int64);

    static ConnectSchema Snapshot => ConnectSchema.Of(ConnectKind.String, "io.debezium.data.Enum") with
    {
        Optional = true, Parameters = [("allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental")], Default = AvroForm.Of(o => o.WriteString("false")),
    };

    readonly byte[] _start = AvroForm.Of(output =>
    {
        output.WriteString("3.7.0.Final");
        output.WriteString("postgresql");
        output.WriteString(prefix);
    });
    ulong _lastCommit, _commit;

    public void Write(SourceNames names, in Change change, LogBatch output)
    {
        var commit = (ulong)change.Position.Commit;
        var isRead = change.Operation == Operation.Read;
        var beside = change.Mark == ReadMark.Incremental;   // read beside the stream, whose last commit stays what it was
        if (commit != _commit && !beside) (_lastCommit, _commit) = (isRead ? 0 : _commit, commit);
        output.Write(_start);
        output.WriteLong(change.CommittedAt / 1000);
        output.Write(isRead ? names.Marks[(int)change.Mark] : names.Streamed);
        Span<byte> sequence = stackalloc byte[64];
        var length = beside ? Sequence(sequence, commit, commit) : Sequence(sequence, _lastCommit, change.Lsn);
        output.WriteLong(1);
        output.WriteBytes(sequence[..length]);
        Present(output, change.CommittedAt);
        Present(output, change.CommittedAt * 1000);
        output.Write(names.Names);
        if (change.Transaction == 0) output.WriteLong(0);
        else Present(output, change.Transaction);
        if (change.Lsn == 0) output.WriteLong(0);
        else Present(output, (long)change.Lsn);
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

    public static void Present(LogBatch output, long value)
    {
        output.WriteLong(1);
        output.WriteLong(value);
    }
}
