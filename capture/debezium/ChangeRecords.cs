using CdcSync.Capture.Postgres;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Debezium;

/// <summary>Something to be done with a change of the batch before, or in place of, its record.</summary>
delegate ValueTask ChangeStep(Change change, LogBatch output, CancellationToken stop);

/// <summary>Changes of one stream to the records that Debezium would publish: in order, for transactions are counted.</summary>
/// <param name="tables">Compiles what writes a table's records.</param>
/// <param name="passedOver">What of a transaction was published before a restart.</param>
/// <param name="log">Says what could not be written.</param>
sealed class ChangeRecords(TableRecords tables, PassedOver passedOver, ILogger log)
{
    readonly RecordSettings _settings = tables.Settings;
    readonly IConnectorForm _form = tables.Form;
    readonly Dictionary<Table, RowRecords> _compiled = new(ReferenceEqualityComparer.Instance);
    readonly KeyValuePair<string, byte[]?>[] _headers = tables.Headers;
    TransactionRecords? _transactions;
    long _unrepresentable;

    /// <summary>What the records of a batch share.</summary>
    public RecordContext Context { get; } = new(tables.Settings, tables.Form);

    /// <summary>What becomes of a logical message.</summary>
    public ChangeStep? MessageAsync { get; init; }

    /// <summary>What comes before the first record of a table.</summary>
    public ChangeStep? TableAsync { get; init; }

    public async ValueTask WriteAsync(ChangeBatch batch, TimeProvider clock, LogBatch output, CancellationToken stop)
    {
        Context.Tick(clock);
        if (_settings.Transactions) _transactions ??= await tables.TransactionsAsync(stop);
        RowRecords? rows = null;
        Table? table = null;
        for (var i = 0; i < batch.Count; i++)
        {
            var change = batch[i];
            output.Of(null);
            if (_settings.Transactions) Enter(change, batch, i, output);
            if (change.Operation == Operation.Message)
            {
                await MessageAsync!(change, output, stop);
                continue;
            }
            var pair = PairOf(batch, i);
            if (IsSkipped(_settings, change.Operation, isPair: pair != 0)) continue;
            if (!ReferenceEquals(table, change.Table))
            {
                table = change.Table;
                if (!_compiled.TryGetValue(table, out rows)) rows = await CompileAsync(change, output, stop);
            }
            if (_settings.SkipUnchanged && change is { Operation: Operation.Update, Before.Exists: true } && rows!.Row.IsUnchanged(change.Before.Cells.Span, change.After.Cells.Span)) continue;
            if (_settings.Transactions) Context.Transaction.Count(_form.Collection(change.Table));
            await rows!.PrepareAsync(change, stop);
            output.Of(change.Table);
            Write(rows, change, pair == 0 ? _headers : KeyChange(rows, batch, i, pair), output);
        }
        output.Of(null);
        if (_settings.Transactions && batch is { Count: > 0, EndsTransaction: true }) End(batch[batch.Count - 1], output);
    }

    async Task<RowRecords> CompileAsync(Change first, LogBatch output, CancellationToken stop)
    {
        var rows = await tables.CompileAsync(first.Table, Context, stop);
        if (TableAsync is not null) await TableAsync(first, output, stop);
        return _compiled[first.Table] = rows;
    }

    /// <summary>Whether the settings leave the operation out; of a change of key, an update in two halves, each half is also an operation of its own.</summary>
    public static bool IsSkipped(RecordSettings settings, Operation operation, bool isPair)
    {
        if (settings.Skip.Count == 0) return false;
        if (isPair && settings.Skip.Contains(SkippedOperation.Update)) return true;
        return settings.Skip.Contains(operation switch
        {
            Operation.Update => SkippedOperation.Update,
            Operation.Truncate => SkippedOperation.Truncate,
            Operation.Message => SkippedOperation.Message,
            Operation.Delete => SkippedOperation.Delete,
            Operation.Create => SkippedOperation.Create,
            _ => (SkippedOperation)(-1),
        });
    }

    // A delete and a create that are the halves of a change of key: 1 says that the other half follows, -1 that it came before.
    int PairOf(ChangeBatch batch, int at)
    {
        var change = batch[at];
        if (change.Operation == Operation.Delete && at + 1 < batch.Count && batch[at + 1] is { Operation: Operation.Create } next && IsPair(change, next)) return 1;
        return change.Operation == Operation.Create && at > 0 && batch[at - 1] is { Operation: Operation.Delete } previous && IsPair(previous, change) ? -1 : 0;
    }

    bool IsPair(in Change first, in Change second) => ReferenceEquals(first.Table, second.Table) && _form.IsPair(first, second);

    // Each half names the other's key.
    KeyValuePair<string, byte[]?>[] KeyChange(RowRecords rows, ChangeBatch batch, int at, int pair) => rows.Row.Key is null ? _headers
        : pair > 0 ? [new("__debezium.newkey", rows.Row.KeyJson(batch[at + 1].After.Cells.Span)), .. _headers]
        : [new("__debezium.oldkey", rows.Row.KeyJson(batch[at - 1].Before.Cells.Span)), .. _headers];

    void Write(RowRecords rows, in Change change, KeyValuePair<string, byte[]?>[] headers, LogBatch output)
    {
        if (rows.Write(change, headers, output))
        {
            if (rows.Row.Unrepresentable is { Count: > 0 } values)
            {
                // Written once more, now that the header is known.
                var named = $"{{{string.Join(',', values.DistinctBy(v => v.Column).Select(v => $"{PgJson.Quote(v.Column)}:{PgJson.Quote(v.Text)}"))}}}";
                if (_unrepresentable++ % 1000 == 0) Log.Unrepresentable(log, change.Table.FullName, _unrepresentable);
                output.Abandon();
                rows.Write(change, [.. headers, new("cdcsync.unrepresentable", System.Text.Encoding.UTF8.GetBytes(named))], output);
                values.Clear();
            }
            output.End();
        }
        if (change.Operation == Operation.Delete && _settings.Tombstones) rows.Tombstone(change, headers, output);
    }

    void Enter(in Change change, ChangeBatch batch, int at, LogBatch output)
    {
        var tally = Context.Transaction;
        if (change.Operation == Operation.Read) return;
        if (change.Transaction == 0)
        {
            if (at > 0) End(batch[at - 1], output);
            return;
        }
        if (tally.Commit != change.Position.Commit || change.Position <= tally.Last)
        {
            if (tally.Commit != 0 && tally.Commit != change.Position.Commit && at > 0) End(batch[at - 1], output);
            var before = passedOver.Of(change.Position.Commit);
            tally.Begin(change, before);
            if (before is null) _transactions!.Begin(change, output);
        }
        tally.See(change);
    }

    void End(in Change last, LogBatch output)
    {
        var tally = Context.Transaction;
        if (tally.Commit == 0 || tally.Commit != last.Position.Commit) return;
        _transactions!.End(last, tally, output);
        tally.End();
    }
}
