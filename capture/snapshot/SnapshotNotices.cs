using System.Globalization;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Snapshot;

/// <summary>What snapshots say about themselves, in Debezium's words.</summary>
/// <param name="connector">The topics' prefix.</param>
/// <param name="clock">Time.</param>
sealed class SnapshotNotices(string connector, TimeProvider clock)
{
    const string InitialSnapshot = "Initial Snapshot", IncrementalSnapshot = "Incremental Snapshot";

    public IEnumerable<Notice> Started(AskedSnapshot asked) =>
        [Incremental(asked.Id, "STARTED", Tables(asked)), Incremental(asked.Id, "DATA_COLLECTIONS_RESOLVED", Tables(asked))];

    public Notice ChunkRead(AskedSnapshot asked, int chunkRows) => Incremental(asked.Id, "IN_PROGRESS",
        Tables(asked), ("current_collection_in_progress", asked.Tables[0].Name), ("chunk_index", Text(asked.Chunk)), ("last_processed_key", Key(asked.LastKey)), ("maximum_key", Key(asked.MaxKey)),
        ("total_rows", asked.Total is { } total ? Text(total) : null), ("total_chunks", asked.Total is { } rows ? Text((rows + chunkRows - 1) / chunkRows) : null));

    /// <param name="asked">As it was before the table was left behind.</param>
    /// <param name="status"><c>SUCCEEDED</c>, <c>EMPTY</c>, <c>SQL_EXCEPTION</c>, <c>UNKNOWN_SCHEMA</c>.</param>
    public Notice TableRead(AskedSnapshot asked, string status) => Incremental(asked.Id, "TABLE_SCAN_COMPLETED",
        Tables(asked), ("scanned_collection", asked.Tables[0].Name), ("total_rows_scanned", Text(asked.Rows)), ("total_rows", asked.Total is { } total ? Text(total) : null), ("status", status));

    public Notice Completed(AskedSnapshot asked) => Incremental(asked.Id, "COMPLETED");

    public Notice Paused(AskedSnapshot asked) => Incremental(asked.Id, "PAUSED", Tables(asked));

    public Notice Resumed(AskedSnapshot asked) => Incremental(asked.Id, "RESUMED", Tables(asked));

    public Notice Aborted(AskedSnapshot asked) => Incremental(asked.Id, "ABORTED", Tables(asked));

    public IEnumerable<Notice> InitialStarted(string id, IReadOnlyList<string> tables) =>
        [Initial(id, "STARTED"), Initial(id, "DATA_COLLECTIONS_RESOLVED", ("data_collections", string.Join(',', tables)))];

    public Notice InitialTable(string id, string table, IReadOnlyList<string> tables) =>
        Initial(id, "IN_PROGRESS", ("data_collections", string.Join(',', tables)), ("current_collection_in_progress", table));

    public Notice InitialTableRead(string id, string table, long rows, IReadOnlyList<string> tables) => Initial(id, "TABLE_SCAN_COMPLETED",
        ("data_collections", string.Join(',', tables)), ("scanned_collection", table), ("total_rows_scanned", Text(rows)), ("status", "SUCCEEDED"));

    public Notice InitialCompleted(string id) => Initial(id, "COMPLETED");

    Notice Incremental(string id, string type, params (string, string?)[] data) => Make(id, type, IncrementalSnapshot, data);

    // Each one of the first snapshot has an id of its own, as nobody asked for it.
    Notice Initial(string id, string type, params (string, string?)[] data) => Make(id.Length > 0 ? id : Guid.NewGuid().ToString(), type, InitialSnapshot, data);

    Notice Make(string id, string type, string aggregate, (string Name, string? Text)[] data)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal) { ["connector_name"] = connector };
        foreach (var (name, text) in data)
            if (text is not null) known[name] = text;
        return new Notice(id, type, aggregate, known, clock.GetUtcNow().ToUnixTimeMilliseconds());
    }

    static (string, string?) Tables(AskedSnapshot asked) => ("data_collections", string.Join(',', asked.Tables.Select(t => t.Name)));

    static string? Key(IReadOnlyList<string>? key) => key is null ? null : string.Join(',', key);

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
