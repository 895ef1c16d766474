using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Npgsql;

namespace CdcSync.Capture.Debezium;

/// <summary>Records as Debezium's PostgreSQL connector has them. Written in the order of the stream: each says the commit before its own.</summary>
sealed class PostgresForm(PostgresSettings settings) : IConnectorForm
{
    public static readonly ConnectSchema SourceSchema = SourceBlock.Schema("postgresql",
        new("txId", SourceBlock.Long.AsOptional()), new("lsn", SourceBlock.Long.AsOptional()), new("xmin", SourceBlock.Long.AsOptional()),
        new("origin", SourceBlock.Text.AsOptional()), new("origin_lsn", SourceBlock.Long.AsOptional()));

    readonly byte[] _start = SourceBlock.Start("postgresql", settings.Prefix);
    readonly string _database = new NpgsqlConnectionStringBuilder(settings.Connection) is { Database: { Length: > 0 } database } ? database : "postgres";
    ulong _lastCommit, _commit;

    public string Connector => "postgresql";

    public IColumnTypes Types { get; } = new PostgresColumnTypes(settings.Records);

    public ConnectSchema Source => SourceSchema;

    public string Database(Table table) => _database;

    public string[] Topic(Table table) => [table.Schema, table.Name];

    public string Collection(Table table) => table.FullName;

    /// <summary>The place in the log is each record's own.</summary>
    public string Transaction(in Change change) => string.Create(CultureInfo.InvariantCulture, $"{change.Transaction}:{change.Lsn}");

    public IReadOnlyList<int> Key(Table table) => ((PostgresTable)table).RecordKey;

    public bool IsPair(in Change first, in Change second) => first.Lsn == second.Lsn && first.Position.Commit == second.Position.Commit;

    public void WriteSource(SourceNames names, in Change change, LogBatch output)
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
        SourceBlock.Present(output, change.CommittedAt);
        SourceBlock.Present(output, change.CommittedAt * 1000);
        output.Write(names.Names);
        if (change.Transaction == 0) output.WriteLong(0);
        else SourceBlock.Present(output, change.Transaction);
        if (change.Lsn == 0) output.WriteLong(0);
        else SourceBlock.Present(output, (long)change.Lsn);
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
}
