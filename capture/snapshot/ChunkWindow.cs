using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Snapshot;

/// <summary>
/// The stream's side of one chunk: from when its reading was asked for until it is published, remembers which keys of its table the stream published in a newer state than
/// the chunk saw. Those rows are left out of it; so a read never follows a newer change of its key.
/// </summary>
/// <param name="table">The chunk's table, <c>schema.name</c>.</param>
/// <param name="key">The columns that tell rows apart; empty for the table's key.</param>
/// <param name="most">Keys it remembers before the chunk has said what it saw; beyond, the chunk is read again.</param>
sealed class ChunkWindow(string table, IReadOnlyList<string> key, int most)
{
    readonly List<(Change Change, byte[] Key)> _unsure = [];
    readonly HashSet<byte[]> _newer = new(KeyBytes.Comparer);
    Func<Change, bool>? _saw;
    bool _all;
    Table? _shape;
    IReadOnlyList<int> _ordinals = [];

    /// <summary>More changes than it may remember came before the chunk said what it saw.</summary>
    public bool IsOverrun { get; private set; }

    /// <summary>The chunk has been taken: whether it saw a change.</summary>
    public void Taken(Func<Change, bool> saw)
    {
        if (_saw is not null) return;
        _saw = saw;
        foreach (var (change, bytes) in _unsure)
            if (!saw(change)) Add(change, bytes);
        _unsure.Clear();
    }

    /// <summary>The stream publishes these before the chunk.</summary>
    public void Note(ChangeBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var change = batch[i];
            if (change.Operation == Operation.Read || change.Table.FullName != table || _saw?.Invoke(change) == true) continue;
            if (change.Before.Exists) Note(change, change.Before);
            if (change.After.Exists) Note(change, change.After);
            if (change.Operation == Operation.Truncate) Keep(change, []);
        }
    }

    /// <summary>The chunk without the rows that the stream has overtaken. The chunk is used up: dispose the result only.</summary>
    public ChangeBatch Newest(ChangeBatch chunk, int capacity)
    {
        if (!_all && _newer.Count == 0) return chunk;
        using var _ = chunk;
        var left = new ChangeBatch(capacity) { End = chunk.End };
        if (_all) return left;
        var newer = _newer.GetAlternateLookup<ReadOnlySpan<byte>>();
        Span<byte> buffer = stackalloc byte[512];
        for (var i = 0; i < chunk.Count; i++)
        {
            var row = chunk[i];
            if (!newer.Contains(KeyBytes.Of(row.After, Ordinals(row.Table), buffer))) left.TryAppend(row, default, row.After.Cells.Span);
        }
        return left;
    }

    void Note(in Change change, RowImage image)
    {
        Span<byte> buffer = stackalloc byte[512];
        Keep(change, KeyBytes.Of(image, Ordinals(change.Table), buffer).ToArray());
    }

    void Keep(in Change change, byte[] bytes)
    {
        if (_saw is not null) Add(change, bytes);
        else if (_unsure.Count < most) _unsure.Add((change with { Before = default, After = default }, bytes));
        else IsOverrun = true;
    }

    void Add(in Change change, byte[] bytes)
    {
        if (change.Operation == Operation.Truncate) _all = true;
        else _newer.Add(bytes);
    }

    IReadOnlyList<int> Ordinals(Table shape)
    {
        if (ReferenceEquals(shape, _shape)) return _ordinals;
        _shape = shape;
        return _ordinals = key.Count == 0 ? shape.Key : [.. key.Select(shape.Find).Where(o => o >= 0)];
    }
}

/// <summary>A row's key as one run of bytes: its cells as the image has them.</summary>
static class KeyBytes
{
    public static IEqualityComparer<byte[]> Comparer { get; } = new ByContent();

    /// <summary>In <paramref name="buffer"/> where it fits, else in an array of its own.</summary>
    public static ReadOnlySpan<byte> Of(RowImage image, IReadOnlyList<int> ordinals, Span<byte> buffer)
    {
        var length = 0;
        foreach (var ordinal in ordinals)
        {
            var kind = image.Cell(ordinal, out var cell);
            var needed = length + 5 + cell.Length;
            if (needed > buffer.Length)
            {
                var larger = new byte[needed * 2];
                buffer[..length].CopyTo(larger);
                buffer = larger;
            }
            buffer[length] = (byte)kind;
            BitConverter.TryWriteBytes(buffer[(length + 1)..], cell.Length);
            cell.Span.CopyTo(buffer[(length + 5)..]);
            length = needed;
        }
        return buffer[..length];
    }

    sealed class ByContent : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] bytes) => GetHashCode(bytes.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> bytes)
        {
            var hash = default(HashCode);
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
