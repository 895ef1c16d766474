using CdcSync.Contract.Changes;

namespace CdcSync.Capture.SqlServer;

/// <summary>One merged change.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Operation">What happened.</param>
/// <param name="Place">After its last row.</param>
/// <param name="Before">The old row.</param>
/// <param name="After">The new row.</param>
readonly record struct MergedChange(SqlServerTable Table, Operation Operation, SourcePosition Place, byte[] Before, byte[] After)
{
    /// <summary>Whether an update gave its records another key: it becomes a delete and a create.</summary>
    public bool IsKeyChange => Operation == Operation.Update && Table.RecordKey.Count > 0 && !RowKeys.Same(Table.RecordKey, Before, After);

    /// <summary>The place of the delete that it becomes then.</summary>
    public SourcePosition DeletePlace => Place with { Change = Place.Change - 1 };
}

/// <summary>
/// The change tables' rows in the order in which they happened: commit, change, operation. The two rows of an update become one change; rows of the place that the window
/// starts from are counted and left out.
/// </summary>
/// <param name="from">The place that the window starts from.</param>
/// <param name="passedOver">Told of changes at or before that place; null where nobody wants to know.</param>
sealed class ChangeMerge(SourcePosition from, Action<MergedChange>? passedOver)
{
    readonly PriorityQueue<ChangeReader, (UInt128, UInt128, int, int)> _queue = new();
    readonly Queue<MergedChange> _ready = new();
    (UInt128 Commit, UInt128 Seqval) _at;
    long _serial;

    /// <summary>Adds a reader that stands on a row.</summary>
    public void Add(ChangeReader reader) => _queue.Enqueue(reader, (reader.Current.Commit, reader.Current.Seqval, reader.Current.Operation, reader.Instance.ObjectId));

    /// <summary>The next change; null at the end.</summary>
    public async ValueTask<MergedChange?> NextAsync(CancellationToken stop)
    {
        while (true)
        {
            if (_ready.TryDequeue(out var ready)) return ready;
            if (!_queue.TryDequeue(out var reader, out _)) return null;
            await TakeAsync(reader, stop);
        }
    }

    async ValueTask TakeAsync(ChangeReader reader, CancellationToken stop)
    {
        var row = reader.Current;
        if (_at != (row.Commit, row.Seqval)) (_at, _serial) = ((row.Commit, row.Seqval), 0);
        var more = true;
        switch (row.Operation)
        {
            case 1 or 2:
                var image = reader.Image.ToArray();
                Ready(reader, row, 1, row.Operation == 1 ? Operation.Delete : Operation.Create, row.Operation == 1 ? image : [], row.Operation == 1 ? [] : image);
                more = await reader.MoveAsync(stop);
                break;
            case 3:
                more = await PairsAsync(reader, row, stop);
                break;
            default:
                throw new SourceException($"{reader.Instance.ChangeTable} has a row with operation {row.Operation} at {Lsn.Text(row.Commit)}/{Lsn.Text(row.Seqval)} without the old row before it. "
                    + "Was the change table written by hand? Compare it with the table, then publish the table again with `cdcsync snapshot`");
        }
        if (more) Add(reader);
    }

    // Several rows may share a change's address: then all old rows come before all new ones, and the key says which belong together.
    async ValueTask<bool> PairsAsync(ChangeReader reader, ChangeRow row, CancellationToken stop)
    {
        var olds = new List<byte[]>(1);
        var more = true;
        for (; more && Same(reader.Current, row) && reader.Current.Operation == 3; more = await reader.MoveAsync(stop)) olds.Add(reader.Image.ToArray());
        for (; more && Same(reader.Current, row) && reader.Current.Operation == 4; more = await reader.MoveAsync(stop))
        {
            var now = reader.Image.ToArray();
            var match = olds.Count == 1 ? 0 : olds.FindIndex(o => reader.Instance.Table.Key.Count > 0 && RowKeys.Same(reader.Instance.Table.Key, o, now));
            if (olds.Count == 0) throw Unpaired(reader, row);
            var old = olds[Math.Max(match, 0)];
            olds.RemoveAt(Math.Max(match, 0));
            Ready(reader, row, 2, Operation.Update, old, now);
        }
        return olds.Count == 0 ? more : throw Unpaired(reader, row);
    }

    static SourceException Unpaired(ChangeReader reader, ChangeRow row) => new(
        $"{reader.Instance.ChangeTable} has an update at {Lsn.Text(row.Commit)}/{Lsn.Text(row.Seqval)} of which one half is missing: clean-up, or a hand, was there. Publish the table again with `cdcsync snapshot`");

    static bool Same(ChangeRow left, ChangeRow right) => left.Commit == right.Commit && left.Seqval == right.Seqval;

    void Ready(ChangeReader reader, ChangeRow row, int rows, Operation operation, byte[] before, byte[] after)
    {
        _serial += rows;
        var place = Lsn.Place(row.Commit, row.Seqval, _serial);
        var change = new MergedChange(reader.Instance.Table, operation, place, before, after);
        if (place.IsAfter(from)) _ready.Enqueue(change);
        else passedOver?.Invoke(change);
    }
}
