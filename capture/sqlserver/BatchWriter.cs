using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.SqlServer;

/// <summary>Fills batches of one database and hands them on in order, with what is to be remembered.</summary>
sealed class BatchWriter(SqlServerSettings settings, SourceOutput output, string database) : IDisposable
{
    ChangeBatch? _batch;

    /// <summary>What is remembered from the next batch on.</summary>
    public DatabaseState State { get; set; } = output.StateOf(database);

    /// <summary>The end of what was handed on.</summary>
    public SourcePosition Place { get; private set; } = output.PlaceOf(database);

    /// <summary>Batches handed on.</summary>
    public long HandedOn { get; private set; }

    /// <summary>Called before a batch is handed on: throws when it must not be.</summary>
    public Func<CancellationToken, Task>? Check { get; set; }

    /// <summary>What is remembered of a snapshot once the batch's rows are handed on; null while there is none.</summary>
    public Func<DatabaseState, DatabaseState>? Progress { get; set; }

    /// <summary>Called with each batch before it is handed on and what it changes is remembered.</summary>
    public Action<ChangeBatch>? Look { get; set; }

    /// <summary>What signals have asked for, and what is to be said of it; null where none are taken.</summary>
    public SnapshotBook? Book { get; set; }

    /// <summary>Adds a change; <paramref name="end"/> is the place to go on from when the batch ends before it.</summary>
    public async ValueTask AddAsync(Change change, byte[] before, byte[] after, SourcePosition end, bool endsTransaction, CancellationToken stop)
    {
        _batch ??= new ChangeBatch(settings.BatchBytes);
        var tagged = change with { Position = change.Position.Tag(State.Number) };
        if (_batch.Count < settings.BatchChanges && _batch.TryAppend(tagged, before, after)) return;
        await HandOnAsync(end, endsTransaction, stop);
        _batch = new ChangeBatch(settings.BatchBytes);
        _batch.TryAppend(tagged, before, after);
    }

    /// <summary>Adds the two halves of a change of key: they stay in one batch, for each names the other's key.</summary>
    public async ValueTask AddAsync(Change delete, Change create, byte[] before, byte[] after, SourcePosition end, bool endsTransaction, CancellationToken stop)
    {
        if (_batch is { Count: > 0 } full && (full.Count + 2 > settings.BatchChanges || !full.TryReserve(before.Length + after.Length))) await HandOnAsync(end, endsTransaction, stop);
        _batch ??= new ChangeBatch(settings.BatchBytes);
        _batch.TryReserve(before.Length + after.Length);
        _batch.TryAppend(delete with { Position = delete.Position.Tag(State.Number) }, before, []);
        _batch.TryAppend(create with { Position = create.Position.Tag(State.Number) }, [], after);
    }

    /// <summary>Adds a row that was read, as it is at our place.</summary>
    public ValueTask AddAsync(SqlServerTable table, ReadMark mark, byte[] row, long takenAt, CancellationToken stop) =>
        AddAsync(new Change(table, Operation.Read, Place, 0, takenAt, 0, default, default) { Mark = mark }, [], row, Place, true, stop);

    /// <summary>Hands on what there is, with this place as its end, also when there is nothing.</summary>
    public async Task HandOnAsync(SourcePosition end, bool endsTransaction, CancellationToken stop)
    {
        var batch = _batch ?? new ChangeBatch(0);
        _batch = null;
        try
        {
            if (batch.Count > 0 && Check is not null) await Check(stop);
            if (batch.Count > 0 && Progress is not null) State = Progress(State);
            batch.EndsTransaction = endsTransaction;
            Look?.Invoke(batch);
            if (Book is { } book)
            {
                // Nothing was ever asked for: the state says nothing of it.
                if (State.Asked is not null || book.Progress.Signal is not null || book.Progress.Asked is not null) State = State with { Asked = book.Progress };
                book.Tell(batch);
            }
            await output.WriteAsync(database, batch, State, end, stop);
            (Place, HandedOn) = (end, HandedOn + 1);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Forgets changes that were not handed on.</summary>
    public void Dispose()
    {
        _batch?.Dispose();
        _batch = null;
    }
}
