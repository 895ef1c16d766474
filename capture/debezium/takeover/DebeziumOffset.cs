using System.Text.Json;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>
/// A PostgreSQL connector's stored offset: it has published every transaction that ended at or before <see cref="Commit"/>, and of the next one, <see cref="Transaction"/>,
/// the rows up to <see cref="Row"/>.
/// </summary>
public sealed record DebeziumOffset
{
    /// <summary>End of the last commit it passed, <c>lsn_commit</c>; null when it passed none since its snapshot.</summary>
    public ulong? Commit { get; private init; }

    /// <summary>The last row it published, <c>lsn_proc</c>.</summary>
    public ulong? Row { get; private init; }

    /// <summary>How many of the rows at <see cref="Row"/> it published (a multi-row insert has several there), <c>lsn_events_processed</c>.</summary>
    public long RowsThere { get; private init; }

    /// <summary>The row's transaction, <c>txId</c>.</summary>
    public uint? Transaction { get; private init; }

    /// <summary>Where the connector's finished snapshot was taken, when nothing came after it.</summary>
    public ulong? Snapshot { get; private init; }

    /// <summary>The last thing published was a logical message outside of transactions.</summary>
    public bool IsMessage { get; private init; }

    /// <summary>The offset may be inside of a transaction: true unless it lies on a commit.</summary>
    public bool IsInside => Row is not null && Row != Commit;

    /// <summary>Reads one.</summary>
    /// <exception cref="TakeoverException">We cannot go on from it.</exception>
    public static DebeziumOffset Parse(JsonElement offset)
    {
        if (Number(offset, "lsn") is not { } lsn)
            throw new TakeoverException(offset.TryGetProperty("commit_lsn", out _) ? "The offset is a SQL Server connector's (commit_lsn, change_lsn), the settings are a PostgreSQL connector's"
                : "The offset has no 'lsn': it is not one of Debezium's PostgreSQL connector");
        var inSnapshot = IsOfSnapshot(offset);
        var type = offset.TryGetProperty("messageType", out var given) ? given.GetString() : null;
        return new DebeziumOffset
        {
            Snapshot = inSnapshot ? (ulong)lsn : null,
            Commit = (ulong?)Number(offset, "lsn_commit"),
            Row = inSnapshot ? null : (ulong?)Number(offset, "lsn_proc"),
            // At its begin nothing of the transaction is published; without a count, all rows at that place are.
            RowsThere = type == "BEGIN" ? 0 : type != "MESSAGE" && Number(offset, "lsn_events_processed") is { } count and > 0 ? count : long.MaxValue,
            Transaction = (uint?)Number(offset, "txId"),
            IsMessage = type == "MESSAGE",
        };
    }

    /// <summary>Whether the connector stored it with a snapshot that is done, and nothing after it.</summary>
    /// <exception cref="TakeoverException">A snapshot is under way.</exception>
    internal static bool IsOfSnapshot(JsonElement offset)
    {
        if (offset.TryGetProperty("incremental_snapshot_collections", out var tables) && tables.ValueKind == JsonValueKind.String && tables.GetString() is { Length: > 0 } names)
            throw new TakeoverException($"An incremental snapshot is under way ({names}); its place inside a table cannot be taken over. Let it end, or stop it by a signal (stop-snapshot), stop the connector, and import again; "
                + "then publish those tables with `cdcsync snapshot NAME --table ...`");
        var inSnapshot = offset.TryGetProperty("snapshot", out var snapshot) && snapshot.ValueKind is JsonValueKind.True or JsonValueKind.String;
        if (inSnapshot && !Flag(offset, "snapshot_completed") && !Flag(offset, "last_snapshot_record"))
            throw new TakeoverException("The offset lies in the middle of a snapshot, which Debezium itself would begin anew. Let it finish and import again; or do without: drop the connector's slot if it has one, import the settings alone, and our own snapshot publishes the rows");
        return inSnapshot;
    }

    static long? Number(JsonElement offset, string name) =>
        offset.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    static bool Flag(JsonElement offset, string name) => offset.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
