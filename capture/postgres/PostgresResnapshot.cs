using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Postgres;

/// <summary>Has existing rows published again: what is done of the snapshot stands in the source's bookmark, so less of it is done from now on.</summary>
public static class PostgresResnapshot
{
    /// <summary>
    /// Asks for it; the source's next start does it, while its stream goes on. Takes the source over: a process that captures it now stops.
    /// </summary>
    /// <param name="log">The log that holds the bookmark.</param>
    /// <param name="source">Name of the source.</param>
    /// <param name="tables">These, as <c>schema.name</c>; empty for all. The mappings' objects are all published again.</param>
    /// <param name="restart">Forget the place in the source too: its slot was lost, and what lies between is taken from the rows as they are.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>False when the source never published anything: its first start does all of it anyway.</returns>
    public static async Task<bool> RequestAsync(IEventLog log, string source, IReadOnlyCollection<string> tables, bool restart, CancellationToken stop)
    {
        await using var writer = await log.OpenWriterAsync(source, stop);
        if (writer.Bookmark is not { } bookmark) return false;
        var progress = SnapshotProgress.Parse(WorkerState.Parse(bookmark.State).Source);
        var left = new SnapshotProgress(tables.Count == 0 || restart ? [] : [.. progress.Done.Except(tables)]);
        await writer.AppendAsync(new LogBatch(), new Bookmark(restart ? SourcePosition.Start : bookmark.Position, WorkerState.Write(restart ? null : left.Write(), [])), stop);
        return true;
    }
}
