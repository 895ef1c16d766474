using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Counts the records of a transaction, in all and per table: its END says both, and each record says which it is.</summary>
sealed class TransactionTally(IConnectorForm form)
{
    public static readonly ConnectSchema Block = ConnectSchema.Struct("event.block", 1,
        new("id", ConnectSchema.Of(ConnectKind.String)), new("total_order", ConnectSchema.Of(ConnectKind.Int64)), new("data_collection_order", ConnectSchema.Of(ConnectKind.Int64))).AsOptional();

    readonly Dictionary<string, long> _tables = [];
    long _inTable;

    /// <summary>The transaction's commit; 0 between transactions.</summary>
    public UInt128 Commit { get; private set; }

    /// <summary>The last change seen.</summary>
    public SourcePosition Last { get; private set; }

    /// <summary>Records counted.</summary>
    public long Total { get; private set; }

    /// <summary>Per table, in the order of Java's hash map, as Debezium lists them.</summary>
    public IEnumerable<KeyValuePair<string, long>> Tables => JavaOrder.Of(_tables, t => t.Key);

    /// <summary>Starts to count; with what was published of the transaction before a restart, null for nothing.</summary>
    public void Begin(in Change first, IReadOnlyDictionary<string, long>? before)
    {
        (Commit, Total, _inTable) = (first.Position.Commit, 0, 0);
        _tables.Clear();
        foreach (var (table, count) in before ?? new Dictionary<string, long>())
        {
            _tables[table] = count;
            Total += count;
        }
    }

    public void See(in Change change) => Last = change.Position;

    public void Count(string table)
    {
        Total++;
        _tables.TryGetValue(table, out _inTable);
        _tables[table] = ++_inTable;
    }

    public void End() => Commit = 0;

    /// <summary>Writes the block <c>transaction</c>; null outside of transactions.</summary>
    public void WriteBlock(in Change change, LogBatch output)
    {
        if (Commit == 0 || change.Operation == Operation.Read || change.Transaction == 0)
        {
            output.WriteLong(0);
            return;
        }
        output.WriteLong(1);
        output.WriteString(form.Transaction(change));
        output.WriteLong(Total);
        output.WriteLong(_inTable);
    }
}
