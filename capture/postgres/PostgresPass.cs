using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Rows of a pass, and where it stands with them.</summary>
/// <param name="Rows">The rows; none when a table had none.</param>
/// <param name="Table">The table.</param>
/// <param name="LastKey">The key of the last of them; null when the table cannot be gone on with.</param>
/// <param name="TableRows">Rows of the table so far.</param>
/// <param name="Total">Rows it has, about.</param>
/// <param name="TablesLeft">Tables after it.</param>
/// <param name="IsDone">The table is complete.</param>
readonly record struct PassStep(ChangeBatch Rows, AskedTable Table, IReadOnlyList<string>? LastKey, long TableRows, long? Total, int TablesLeft, bool IsDone);

/// <summary>All rows of tables at one place of the log, while the stream waits: the first snapshot, and those asked for as blocking.</summary>
/// <param name="snapshot">The place.</param>
/// <param name="tables">The tables, with what the catalogue says of them.</param>
/// <param name="id">The signal that asked; empty for the first snapshot.</param>
/// <param name="book">Where it is told.</param>
/// <param name="settings">The source.</param>
/// <param name="log">Says what is left out.</param>
sealed class PostgresPass(
    PostgresSnapshot snapshot, IReadOnlyList<(AskedTable Asked, WantedTable Wanted)> tables, string id, SnapshotBook book, PostgresSettings settings, ILogger log)
{
    readonly List<string> _names = [.. tables.Select(t => t.Asked.Name)];

    /// <summary>Reads them all.</summary>
    /// <param name="lastKey">Go on after this key of the first table; null for all of it.</param>
    /// <param name="rows">Rows of the first table that are published; null when the pass begins.</param>
    /// <param name="catalog">Describes tables.</param>
    /// <param name="handOn">Takes the rows, which it disposes.</param>
    /// <param name="stop">Ends it.</param>
    public async Task ReadAsync(IReadOnlyList<string>? lastKey, long? rows, PostgresCatalog catalog, Func<PassStep, Task> handOn, CancellationToken stop)
    {
        if (rows is null) book.Told.AddRange(book.Notices.InitialStarted(id, _names));
        for (var i = 0; i < tables.Count; i++, (lastKey, rows) = (null, 0))
        {
            if (lastKey is null) book.Told.Add(book.Notices.InitialTable(id, _names[i], _names));
            await TableAsync(i, lastKey, lastKey is null ? 0 : rows ?? 0, first: rows is null && i == 0, catalog, handOn, stop);
        }
    }

    async Task TableAsync(int at, IReadOnlyList<string>? lastKey, long before, bool first, PostgresCatalog catalog, Func<PassStep, Task> handOn, CancellationToken stop)
    {
        var (asked, wanted) = tables[at];
        await snapshot.LockAsync(wanted, stop);
        var table = await snapshot.DescribeAsync(wanted, catalog, stop);
        var (key, bytes, total) = await snapshot.MeasureAsync(table, asked.Key, stop);
        if (await RefusedAsync(asked, wanted, stop) is { } why)
        {
            Log.TableLeftOut(log, settings.Name, id, asked.Name, why);
            await handOn(Step(at, new ChangeBatch(0) { End = new SourcePosition(snapshot.Lsn, 0) }, null, before, total, done: true));
            return;
        }
        ChangeBatch? waiting = null;
        var count = before;
        try
        {
            await foreach (var batch in snapshot.ReadAsync(wanted.Quoted, table, key, key is null ? null : lastKey, asked.Filter, bytes, total, stop))
            {
                // One behind, so that the last batch is the one that says the table is done.
                if (waiting is not null) await handOn(Step(at, waiting, key?.Of(waiting[waiting.Count - 1].After), count, total, done: false));
                else if (lastKey is null) batch.Mark(0, first ? ReadMark.First : ReadMark.FirstOfTable);
                waiting = batch;
                count += batch.Count;
            }
            if (waiting is not null) waiting.Mark(waiting.Count - 1, await IsLastAsync(at, stop) ? ReadMark.Last : ReadMark.LastOfTable);
            book.Told.Add(book.Notices.InitialTableRead(id, asked.Name, count, _names));
            if (at == tables.Count - 1) book.Told.Add(book.Notices.InitialCompleted(id));
            await handOn(Step(at, waiting ?? new ChangeBatch(0) { End = new SourcePosition(snapshot.Lsn, 0) }, null, count, total, done: true));
            waiting = null;
        }
        finally
        {
            waiting?.Dispose();
        }
    }

    PassStep Step(int at, ChangeBatch rows, IReadOnlyList<string>? lastKey, long count, long total, bool done) =>
        new(rows, tables[at].Asked, lastKey, count, total == 0 ? null : Math.Max(total, count), tables.Count - 1 - at, done);

    async Task<string?> RefusedAsync(AskedTable asked, WantedTable wanted, CancellationToken stop)
    {
        if (asked.Filter is null) return null;
        try
        {
            await snapshot.HasRowsAsync(wanted.Quoted, asked.Filter, stop);
            return null;
        }
        catch (PostgresException refused) when (!PostgresErrors.IsLost(refused))
        {
            return refused.MessageText;
        }
    }

    async Task<bool> IsLastAsync(int at, CancellationToken stop)
    {
        for (var i = at + 1; i < tables.Count; i++)
            if (await RefusedAsync(tables[i].Asked, tables[i].Wanted, stop) is null && await snapshot.HasRowsAsync(tables[i].Wanted.Quoted, tables[i].Asked.Filter, stop)) return false;
        return true;
    }
}
