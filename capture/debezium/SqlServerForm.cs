using System.Buffers;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Records as Debezium's SQL Server connector has them.</summary>
sealed class SqlServerForm(SqlServerSettings settings) : IConnectorForm
{
    public static readonly ConnectSchema SourceSchema = SourceBlock.Schema("sqlserver",
        new("change_lsn", SourceBlock.Text.AsOptional()), new("commit_lsn", SourceBlock.Text.AsOptional()), new("event_serial_no", SourceBlock.Long.AsOptional()));

    readonly byte[] _start = SourceBlock.Start("sqlserver", settings.Prefix);

    public string Connector => "sqlserver";

    public IColumnTypes Types { get; } = new SqlServerColumnTypes(settings.Records);

    public ConnectSchema Source => SourceSchema;

    public string Database(Table table) => ((SqlServerTable)table).Database;

    public string[] Topic(Table table) => [Database(table), table.Schema, table.Name];

    public string Collection(Table table) => ((SqlServerTable)table).Collection;

    public string Transaction(in Change change) => Lsn.Text(Lsn.Commit(change.Position));

    public IReadOnlyList<int> Key(Table table) => ((SqlServerTable)table).RecordKey;

    // Both halves have the number of the row that they were: a delete and an insert that the server made of an update are two rows, for Debezium too.
    public bool IsPair(in Change first, in Change second) => first.Lsn != 0 && first.Lsn == second.Lsn && first.Position.Commit == second.Position.Commit && Lsn.Seqval(first.Position) == Lsn.Seqval(second.Position);

    public void WriteSource(SourceNames names, in Change change, LogBatch output)
    {
        output.Write(_start);
        output.WriteLong(change.CommittedAt / 1000);
        output.Write(change.Operation == Operation.Read ? names.Marks[(int)change.Mark] : names.Streamed);
        output.WriteLong(0);      // sequence
        SourceBlock.Present(output, change.CommittedAt);
        SourceBlock.Present(output, change.CommittedAt * 1000);
        output.Write(names.Names);
        var isRead = change.Operation == Operation.Read || settings.Mode == CaptureMode.ChangeTracking;
        if (isRead) output.WriteLong(0);
        else SourceBlock.Present(output, Lsn.Text(Lsn.Seqval(change.Position)));
        SourceBlock.Present(output, Lsn.Text(Lsn.Commit(change.Position)));
        if (isRead) output.WriteLong(0);
        else SourceBlock.Present(output, (long)change.Lsn);
    }
}
