using System.Text;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Care;

/// <summary>
/// The tables of a source that wait. Their records go into the log as all others do, in the same transaction, but into a topic where nobody reads them; resumed, they are given out from
/// there in their order while newer ones still queue up behind, until none is left. So nothing is lost, doubled or overtaken, and the place in the source never waits.
/// </summary>
/// <param name="source">Name of the source.</param>
/// <param name="wishes">What is to wait.</param>
/// <param name="log">Where records are held.</param>
/// <param name="logger">Says what happens.</param>
/// <param name="clock">Time.</param>
sealed class TableHolds(string source, PauseWatch wishes, IEventLog log, ILogger logger, TimeProvider clock) : IAsyncDisposable
{
    const int GivenBytes = 1 << 20;
    static readonly TimeSpan Unseen = TimeSpan.FromMilliseconds(100), Forgotten = TimeSpan.FromHours(1);
    (string Topic, IAsyncEnumerator<LogRecord> Records)? _reading;

    /// <summary>Records that are given out in one piece, at most.</summary>
    public int Piece { get; init; } = 10_000;

    /// <summary>The tables, as the bookmark has them. A new list at each change.</summary>
    public IReadOnlyList<HeldTable> State { get; private set; } = [];

    /// <summary>Ends when <see cref="IsDue"/> may have become true.</summary>
    public Task Changed => wishes.Changed;

    /// <summary>Whether a table is to wait that does not, or goes on and has records left.</summary>
    public bool IsDue => wishes.Tables.Any(t => Find(t) is null) || State.Any(h => wishes.Of(h.Table) is null);

    /// <summary>Takes over what a bookmark says; what is to wait besides does so from the first record on.</summary>
    public async Task LoadAsync(IReadOnlyList<HeldTable> held, CancellationToken stop)
    {
        await EndReadingAsync();
        State = held;
        foreach (var table in held) Measure(table, waits: true);
        await HoldAsync(stop);
    }

    /// <summary>Has the batch hold the records of tables that wait.</summary>
    public void Guard(LogBatch output) => output.Held = State.Count == 0 ? null : table => Find(table.FullName)?.Topic;

    /// <summary>Counts what was held of the records that were added to the batch after the first <paramref name="before"/>.</summary>
    public void Count(LogBatch output, int before)
    {
        output.Of(null);
        if (State.Count == 0) return;
        var counts = new long[State.Count];
        for (var i = before; i < output.Count; i++)
            for (var at = 0; at < counts.Length; at++)
                if (ReferenceEquals(output.Entries[i].Topic, State[at].Topic)) counts[at]++;
        if (counts.All(c => c == 0)) return;
        State = [.. State.Select((h, at) => h with { Held = h.Held + counts[at] })];
        foreach (var table in State) Measure(table, waits: true);
    }

    /// <summary>The batch as the mappings are to see it: without the changes that wait. The same one when there are none; else dispose it too.</summary>
    public ChangeBatch Seen(ChangeBatch batch)
    {
        if (State.Count == 0 || !Enumerable.Range(0, batch.Count).Any(i => Find(batch[i].Table.FullName) is not null)) return batch;
        var seen = new ChangeBatch(batch.Bytes) { End = batch.End, EndsTransaction = batch.EndsTransaction, IsSnapshotDone = batch.IsSnapshotDone, MapsAgain = batch.MapsAgain, State = batch.State };
        for (var i = 0; i < batch.Count; i++)
            if (batch[i] is var change && Find(change.Table.FullName) is null) seen.TryAppend(change, change.Before.Cells.Span, change.After.Cells.Span);
        return seen;
    }

    /// <summary>
    /// Does a piece of what is due, when all that was held is durable: tables begin to wait from here on, or some records of one that goes on are given out into <paramref name="output"/>.
    /// The caller makes both durable with <see cref="State"/>.
    /// </summary>
    /// <returns>The table that waits no longer from here on, and had held something; null for none.</returns>
    public async Task<string?> SettleAsync(LogBatch output, CancellationToken stop)
    {
        await HoldAsync(stop);
        if (State.FirstOrDefault(h => wishes.Of(h.Table) is null) is not { } due) return null;
        var now = due.Given == due.Held ? due : await GiveAsync(due, output, stop);
        var isDone = now.Given == now.Held;
        State = isDone ? [.. State.Where(h => h != due)] : [.. State.Select(h => h == due ? now : h)];
        Measure(now, waits: !isDone);
        if (!isDone) return null;
        await EndReadingAsync();
        Log.TableGoesOn(logger, source, due.Table, due.Held);
        return due.Held > 0 ? due.Table : null;
    }

    /// <summary>What was given out is durable where it belongs, and need not be kept.</summary>
    public Task ForgetAsync(string table, CancellationToken stop) => log.EnsureTopicAsync(new TopicSettings(HeldTable.TopicOf(source, table), Retention: Forgotten), stop);

    async Task HoldAsync(CancellationToken stop)
    {
        foreach (var table in wishes.Tables.Where(t => Find(t) is null).ToList()) await HoldAsync(table, stop);
    }

    async Task HoldAsync(string table, CancellationToken stop)
    {
        var topic = HeldTable.TopicOf(source, table);
        await log.EnsureTopicAsync(new TopicSettings(topic), stop);
        var next = (await log.ListTopicsAsync(stop)).FirstOrDefault(t => t.Name == topic) is { Partitions: [var (_, end), ..] } ? end : 0;
        State = [.. State, new HeldTable(table, topic, next, 0, 0)];
        Measure(State[^1], waits: true);
        Log.TableWaits(logger, source, table, wishes.Of(table)?.By ?? "?", wishes.Of(table)?.Why ?? "-", topic);
    }

    async Task<HeldTable> GiveAsync(HeldTable table, LogBatch output, CancellationToken stop)
    {
        if (_reading is { } other && other.Topic != table.Topic) await EndReadingAsync();
        _reading ??= (table.Topic, log.ReadTopicAsync(table.Topic, [table.Next], follow: false, stop).GetAsyncEnumerator(stop));
        var left = Math.Min(Piece, table.Held - table.Given);
        for (; left > 0 && output.Bytes < GivenBytes; left--)
        {
            if (!await _reading.Value.Records.MoveNextAsync())
            {
                await EndReadingAsync();
                // Kafka shows a transaction a moment after it was committed; the count says that there is more.
                if (output.Count == 0) await Task.Delay(Unseen, clock, stop);
                return table;
            }
            var record = _reading.Value.Records.Current;
            var home = record.Headers.FirstOrDefault(h => h.Key == LogBatch.HomeHeader).Value ?? throw new EventLogException($"The record at offset {record.Offset} of {table.Topic} does not say where it belongs: somebody else wrote into that topic");
            output.Add(Encoding.UTF8.GetString(home), record.Key, record.Value, record.Timestamp, [.. record.Headers.Where(h => h.Key != LogBatch.HomeHeader)]);
            table = table with { Next = record.Offset + 1, Given = table.Given + 1 };
        }
        return table;
    }

    HeldTable? Find(string table)
    {
        foreach (var held in State)
            if (held.Table == table) return held;
        return null;
    }

    void Measure(HeldTable table, bool waits)
    {
        CaptureMetrics.Paused(source, table.Table, waits);
        CaptureMetrics.Held(source, table.Table, table.Held - table.Given);
    }

    async Task EndReadingAsync()
    {
        if (_reading is { } reading) await reading.Records.DisposeAsync();
        _reading = null;
    }

    public async ValueTask DisposeAsync() => await EndReadingAsync();
}
