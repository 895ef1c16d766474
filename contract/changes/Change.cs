using System.Buffers;
using System.Buffers.Binary;

namespace CdcSync.Contract.Changes;

/// <summary>What happened to a row, with Debezium's letters as values.</summary>
public enum Operation : byte
{
    /// <summary>A row was inserted.</summary>
    Create = (byte)'c',

    /// <summary>A row was updated. A change of key is a delete and a create, never this.</summary>
    Update = (byte)'u',

    /// <summary>A row was deleted.</summary>
    Delete = (byte)'d',

    /// <summary>A row was read by a snapshot.</summary>
    Read = (byte)'r',

    /// <summary>All rows of a table went at once; no images.</summary>
    Truncate = (byte)'t',
}

/// <summary>What a row that was read (<see cref="Operation.Read"/>) is to its snapshot.</summary>
public enum ReadMark : byte
{
    /// <summary>One among others; also for everything that is no snapshot's row.</summary>
    Row,

    /// <summary>The first row of the first table.</summary>
    First,

    /// <summary>The first row of its table.</summary>
    FirstOfTable,

    /// <summary>The last row of its table.</summary>
    LastOfTable,

    /// <summary>The last row of all tables.</summary>
    Last,

    /// <summary>Read while the stream went on.</summary>
    Incremental,
}

/// <summary>The form of a cell's bytes in a <see cref="RowImage"/>; PostgreSQL's letters, used for every source.</summary>
public enum CellKind : byte
{
    /// <summary>SQL null; no bytes.</summary>
    Null = (byte)'n',

    /// <summary>A large value that the change did not touch and the log therefore does not carry; no bytes.</summary>
    Unchanged = (byte)'u',

    /// <summary>The type's text form in UTF-8.</summary>
    Text = (byte)'t',

    /// <summary>The type's binary form on the wire.</summary>
    Binary = (byte)'b',
}

/// <summary>
/// One row as the log carried it, undecoded: per column one byte <see cref="CellKind"/>, then, for text and binary, a 4-byte big-endian length and that many bytes.
/// A view over the batch's buffer: valid until the batch is disposed.
/// </summary>
public readonly struct RowImage(ReadOnlyMemory<byte> cells)
{
    /// <summary>The cells in column order.</summary>
    public ReadOnlyMemory<byte> Cells { get; } = cells;

    /// <summary>False for the missing side of a change (before of an insert, after of a delete).</summary>
    public bool Exists => !Cells.IsEmpty;

    /// <summary>Takes the next cell off <paramref name="rest"/>.</summary>
    /// <exception cref="FormatException">The image ends inside a cell.</exception>
    public static CellKind Next(ref ReadOnlyMemory<byte> rest, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (rest.IsEmpty) throw new FormatException("The row image has fewer cells than the table has columns");
        var kind = (CellKind)rest.Span[0];
        rest = rest[1..];
        if (kind is CellKind.Null or CellKind.Unchanged) return kind;
        if (rest.Length < 4) throw new FormatException("The row image ends inside a cell's length");
        var length = BinaryPrimitives.ReadInt32BigEndian(rest.Span);
        if ((uint)length > (uint)(rest.Length - 4)) throw new FormatException($"A cell of {length} bytes; the row image has {rest.Length - 4} left");
        bytes = rest.Slice(4, length);
        rest = rest[(4 + length)..];
        return kind;
    }

    /// <summary>The bytes of one column; walks the image, so read in column order where many are wanted.</summary>
    public CellKind Cell(int ordinal, out ReadOnlyMemory<byte> bytes)
    {
        var rest = Cells;
        var kind = CellKind.Null;
        bytes = default;
        for (var i = 0; i <= ordinal; i++) kind = Next(ref rest, out bytes);
        return kind;
    }

    /// <summary>One column's value, decoded and boxed: for keys and mappings, not for the hot path. Null for null and for unchanged large values.</summary>
    public object? Value(Table table, int ordinal)
    {
        var kind = Cell(ordinal, out var bytes);
        return kind is CellKind.Null or CellKind.Unchanged ? null : table.Columns[ordinal].Decode(kind, bytes);
    }
}

/// <summary>One committed change of one row.</summary>
/// <param name="Table">The row's table, as it was at the change.</param>
/// <param name="Operation">What happened.</param>
/// <param name="Position">Where in the source's log; unique within the source for streamed changes.</param>
/// <param name="Transaction">The source's transaction id; 0 for snapshot rows.</param>
/// <param name="CommittedAt">When it was committed, microseconds since 1970 UTC by the source's clock; for snapshot rows when the snapshot was taken.</param>
/// <param name="Lsn">The change's own log address for Debezium's <c>source.lsn</c>.</param>
/// <param name="Before">The old row as far as the replica identity gives it: other cells are null.</param>
/// <param name="After">The new row.</param>
public readonly record struct Change(
    Table Table, Operation Operation, SourcePosition Position, long Transaction, long CommittedAt, ulong Lsn, RowImage Before, RowImage After)
{
    /// <summary>Which row of its snapshot it is.</summary>
    public ReadMark Mark { get; init; }
}

/// <summary>What a source says about its own work, such as the progress of a snapshot: published as Debezium publishes notifications.</summary>
/// <param name="Id">The signal that asked for the work, or an id of its own.</param>
/// <param name="Type">What happened: <c>STARTED</c>, <c>IN_PROGRESS</c>, <c>COMPLETED</c>, ...</param>
/// <param name="Aggregate">Whose: <c>Initial Snapshot</c>, <c>Incremental Snapshot</c>.</param>
/// <param name="Data">What else there is to say; null when nothing.</param>
/// <param name="At">When, milliseconds since 1970 UTC.</param>
public sealed record Notice(string Id, string Type, string Aggregate, IReadOnlyDictionary<string, string>? Data, long At);

/// <summary>
/// Consecutive changes that travel together: whole transactions, except that one larger than the batch is cut (<see cref="EndsTransaction"/> is false).
/// Owns the buffer under its row images: valid until disposed; a stage that keeps a row copies it.
/// </summary>
public sealed class ChangeBatch(int capacity) : IDisposable
{
    // Compact: a Change with its images is twice as large, and a batch holds thousands.
    record struct Entry(
        Table Table, Operation Operation, ReadMark Mark, SourcePosition Position, long Transaction, long CommittedAt, ulong Lsn, int Before, int After, int End);

    byte[] _rows = ArrayPool<byte>.Shared.Rent(capacity);
    Entry[] _changes = ArrayPool<Entry>.Shared.Rent(256);
    int _length;

    /// <summary>How many changes it holds.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of row images it holds.</summary>
    public int Bytes => _length;

    /// <summary>Everything up to here is in this batch or an earlier one.</summary>
    public SourcePosition End { get; set; }

    /// <summary>False when the last transaction goes on in the next batch.</summary>
    public bool EndsTransaction { get; set; } = true;

    /// <summary>True once all rows that were there before the stream have been published, in this batch or earlier ones.</summary>
    public bool IsSnapshotDone { get; set; }

    /// <summary>Somebody asked for everything again: the mappings' objects are to be published anew too, once <see cref="IsSnapshotDone"/>.</summary>
    public bool MapsAgain { get; set; }

    /// <summary>What the source wants remembered beside <see cref="End"/>; see <see cref="Bookmark.State"/>.</summary>
    public string? State { get; set; }

    /// <summary>What the source has to say about its work, published in the batch's transaction; they travel also without changes.</summary>
    public IReadOnlyList<Notice> Notices { get; set; } = [];

    /// <summary>The change at <paramref name="index"/>, in log order.</summary>
    public Change this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            ref readonly var entry = ref _changes[index];
            return new Change(entry.Table, entry.Operation, entry.Position, entry.Transaction, entry.CommittedAt, entry.Lsn,
                new RowImage(_rows.AsMemory(entry.Before, entry.After - entry.Before)), new RowImage(_rows.AsMemory(entry.After, entry.End - entry.After))) { Mark = entry.Mark };
        }
    }

    /// <summary>Copies a change and its images in. False when the batch is full: hand it on and take a fresh one. A first row larger than the capacity grows the buffer.</summary>
    public bool TryAppend(in Change change, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var size = before.Length + after.Length;
        if (!TryReserve(size)) return false;
        if (Count == _changes.Length) GrowChanges();
        before.CopyTo(_rows.AsSpan(_length));
        after.CopyTo(_rows.AsSpan(_length + before.Length));
        _changes[Count++] = new Entry(change.Table, change.Operation, change.Mark, change.Position, change.Transaction, change.CommittedAt, change.Lsn,
            _length, _length + before.Length, _length + size);
        _length += size;
        return true;
    }

    /// <summary>Says which row of its snapshot the change at <paramref name="index"/> is, where that is known only later.</summary>
    public void Mark(int index, ReadMark mark) => _changes[index].Mark = mark;

    /// <summary>Makes room for changes that must not be parted. False when the batch is full.</summary>
    public bool TryReserve(int bytes)
    {
        if (bytes <= _rows.Length - _length) return true;
        if (Count > 0) return false;
        ArrayPool<byte>.Shared.Return(_rows);
        _rows = ArrayPool<byte>.Shared.Rent(bytes);
        return true;
    }

    void GrowChanges()
    {
        var larger = ArrayPool<Entry>.Shared.Rent(_changes.Length * 2);
        _changes.CopyTo(larger, 0);
        ArrayPool<Entry>.Shared.Return(_changes, clearArray: true);
        _changes = larger;
    }

    /// <summary>Gives the buffers back; the images are invalid from here.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rows, []) is { Length: > 0 } rows) ArrayPool<byte>.Shared.Return(rows);
        if (Interlocked.Exchange(ref _changes, []) is { Length: > 0 } changes) ArrayPool<Entry>.Shared.Return(changes, clearArray: true);
    }
}
