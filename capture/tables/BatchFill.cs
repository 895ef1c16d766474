using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;

namespace CdcSync.Capture.Tables;

/// <summary>Puts changes into the batch at hand, one position each. A change that does not fit any more is refused: it is read again for the next batch.</summary>
sealed class BatchFill(TablesSettings settings, SourcePosition place) : IDisposable
{
    ChangeBatch _batch = new(settings.BatchBytes);

    /// <summary>The place of the last change added.</summary>
    public SourcePosition Place { get; private set; } = place;

    public int Count => _batch.Count;

    public bool IsFull { get; private set; }

    /// <summary>Told each change: keys of rows that were read as they are, and have changed since.</summary>
    public Action<PlainTable, RowImage>? Changed { get; set; }

    /// <summary>The places of a new round come after all others. A round that goes on keeps its own.</summary>
    public void StartRound(long micros)
    {
        var at = (UInt128)(ulong)Math.Max(micros, 0);
        Place = new SourcePosition(at > Place.Commit ? at : Place.Commit + 1, 0);
    }

    /// <summary>Adds what happened to a row.</summary>
    /// <returns>False when it is full.</returns>
    public bool TryAdd(in TableChange change)
    {
        if (IsFull || _batch.Count >= settings.BatchRows || !_batch.TryReserve(change.Before.Cells.Length + change.After.Cells.Length))
        {
            IsFull = true;
            return false;
        }
        var (table, before, after) = (change.Table, change.Before, change.After);
        if (before.Exists) Changed?.Invoke(table, before);
        if (after.Exists) Changed?.Invoke(table, after);
        if (change.Operation == Operation.Update && before.Exists && table.Key.Count > 0 && RowHash.Key(table, before) != RowHash.Key(table, after))
        {
            Append(change, Operation.Delete, before, default);
            Append(change, Operation.Create, default, after);
        }
        else if (change.Operation != Operation.Delete && after.Exists && change.Deleted.Says(table, after))
        {
            Append(change, Operation.Delete, before.Exists ? before : after, default);
        }
        else
        {
            Append(change, change.Operation, before, after);
        }
        return true;
    }

    void Append(in TableChange change, Operation operation, RowImage before, RowImage after)
    {
        Place = Place with { Change = Place.Change + 1 };
        _batch.TryAppend(new Change(change.Table, operation, Place, change.Transaction, change.Micros, (ulong)change.Id, default, default), before.Cells.Span, after.Cells.Span);
    }

    /// <summary>Adds a row as it is.</summary>
    /// <returns>False when it is full.</returns>
    public bool TryAddRow(PlainTable table, ReadOnlySpan<byte> row, long micros)
    {
        if (_batch.Count >= settings.BatchRows || !_batch.TryReserve(row.Length)) return false;
        return _batch.TryAppend(new Change(table, Operation.Read, Place, 0, micros, 0, default, default), default, row);
    }

    /// <summary>The batch, to be handed on; an empty one follows.</summary>
    public ChangeBatch Take()
    {
        var full = _batch;
        (_batch, IsFull) = (new ChangeBatch(settings.BatchBytes), false);
        full.End = Place;
        return full;
    }

    public void Dispose() => _batch.Dispose();
}

/// <summary>What happened to a row of a polled table.</summary>
/// <param name="Id">The change row's number; 0 for none.</param>
/// <param name="Micros">When, in microseconds since 1970 UTC.</param>
readonly record struct TableChange(PlainTable Table, Operation Operation, long Transaction, long Micros, long Id, RowImage Before, RowImage After, SoftDelete Deleted);

/// <summary>The column and values that mean a row is deleted.</summary>
sealed class SoftDelete(WatchedTable settings)
{
    /// <summary>Whether the row says so.</summary>
    public bool Says(PlainTable table, RowImage row)
    {
        if (settings.DeletedColumn is not { } column) return false;
        var at = table.Find(column);
        if (at < 0) throw new SourceException($"{table.FullName} has no column '{column}' that would mark deleted rows; mend 'deleted_column'");
        return CanonicalText.Of(row.Value(table, at)) is { } text
            && (settings.DeletedValues.Contains(text) || settings.DeletedValues.Contains("*") || text is "true" && settings.DeletedValues.Contains("1"));
    }
}
