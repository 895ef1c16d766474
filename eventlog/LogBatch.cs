using System.Buffers;
using System.Text;
using CdcSync.Contract.Changes;

namespace CdcSync.EventLog;

/// <summary>
/// Records on their way into the log, in one growing buffer that is used again. Add a record with <see cref="Begin"/>, write the key, <see cref="BeginValue"/>, write the
/// value, <see cref="End"/>. Not thread-safe.
/// </summary>
public sealed class LogBatch : IBufferWriter<byte>
{
    byte[] _buffer = new byte[64 * 1024];
    int _length;
    readonly List<Entry> _entries = [];
    Entry _open;
    string? _heldIn;

    /// <summary>One record of the batch: places in the buffer; a length of -1 is null.</summary>
    public readonly record struct Entry(
        string Topic, long Timestamp, int KeyStart, int KeyLength, int ValueStart, int ValueLength, IReadOnlyList<KeyValuePair<string, byte[]?>> Headers);

    /// <summary>The header of a held record that says which topic it belongs to.</summary>
    public const string HomeHeader = "cdcsync.topic";

    /// <summary>The topic in which the records of a table are held back for now, wherever they belong; null for a table whose records go there. Null when none is held.</summary>
    public Func<Table, string?>? Held { get; set; }

    /// <summary>Says whose change the records that follow come from; null for those that belong to no table.</summary>
    public void Of(Table? table) => _heldIn = Held is null || table is null ? null : Held(table);

    /// <summary>How many records it holds.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes of keys and values.</summary>
    public int Bytes => _length;

    /// <summary>The records, in order.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>The key's bytes; empty for null too, see <see cref="Entry.KeyLength"/>.</summary>
    public ReadOnlyMemory<byte> Key(in Entry entry) => entry.KeyLength < 0 ? default : _buffer.AsMemory(entry.KeyStart, entry.KeyLength);

    /// <summary>The value's bytes; empty for null too, see <see cref="Entry.ValueLength"/>.</summary>
    public ReadOnlyMemory<byte> Value(in Entry entry) => entry.ValueLength < 0 ? default : _buffer.AsMemory(entry.ValueStart, entry.ValueLength);

    /// <summary>Starts a record; what is written now is its key, unless <paramref name="nullKey"/>.</summary>
    public void Begin(string topic, long timestamp, bool nullKey = false, IReadOnlyList<KeyValuePair<string, byte[]?>>? headers = null) => _open = _heldIn is null
        ? new Entry(topic, timestamp, _length, nullKey ? -1 : 0, -1, -1, headers ?? [])
        : new Entry(_heldIn, timestamp, _length, nullKey ? -1 : 0, -1, -1, [new(HomeHeader, Encoding.UTF8.GetBytes(topic)), .. headers ?? []]);

    /// <summary>The key is complete; what is written now is the value, unless <paramref name="nullValue"/>.</summary>
    public void BeginValue(bool nullValue = false) =>
        _open = _open with { KeyLength = _open.KeyLength < 0 ? -1 : _length - _open.KeyStart, ValueStart = _length, ValueLength = nullValue ? -1 : 0 };

    /// <summary>The record is complete.</summary>
    public void End() => _entries.Add(_open.ValueLength < 0 ? _open : _open with { ValueLength = _length - _open.ValueStart });

    /// <summary>Takes back what was written since <see cref="Begin"/>: the record was not to be.</summary>
    public void Abandon() => _length = _open.KeyStart;

    /// <summary>Adds a whole record.</summary>
    public void Add(string topic, byte[]? key, byte[]? value, long timestamp, IReadOnlyList<KeyValuePair<string, byte[]?>>? headers = null)
    {
        Begin(topic, timestamp, key is null, headers);
        if (key is not null) this.Write(key);
        BeginValue(value is null);
        if (value is not null) this.Write(value);
        End();
    }

    /// <summary>Empties it, keeping the buffer.</summary>
    public void Clear()
    {
        _entries.Clear();
        _length = 0;
    }

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    void Reserve(int size)
    {
        size = Math.Max(size, 256);
        if (_buffer.Length - _length < size) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + size));
    }
}
