using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Snapshot;

/// <summary>A row of a signal table, with the columns that Debezium gives it.</summary>
static class SignalRow
{
    public static Signal Of(Change row)
    {
        string? Text(string column) => row.Table.Find(column) is var at and >= 0 ? row.After.Value(row.Table, at) as string : null;
        return new Signal(Text("id") ?? "", Text("type") ?? "", Text("data"));
    }
}
