using System.Text;

namespace CdcSync.Mdm.Offline;

/// <summary>
/// Takes a column's texts one by one and keeps each distinct one once. A table of a million texts is no part of any cache, so texts wait for company and are looked up
/// together: the memory answers many questions in the time of one.
/// </summary>
sealed class ColumnReading
{
    const int Together = 48;

    readonly TextPool _values = new();
    readonly (uint Hash, int Length)[] _waiting = new (uint, int)[Together];
    byte[] _texts = new byte[RecordFile.LongestValue * 3];
    int[] _codes = new int[256];
    ulong[] _slots = new ulong[256];      // a hash and a place in the values: only texts that are equal are looked at
    int _wait, _written;

    public int Rows { get; private set; }

    public void Add(ReadOnlySpan<char> text)
    {
        if (_wait == Together) LookUp();
        if (Rows == _codes.Length) Array.Resize(ref _codes, Rows * 2);
        Rows++;
        if (_texts.Length - _written < text.Length * 3) Array.Resize(ref _texts, (_texts.Length * 2) + (text.Length * 3));
        var length = Encoding.UTF8.GetBytes(text, _texts.AsSpan(_written));
        _written += length;
        // The hash is seeded: nobody can write a file whose values all collide.
        _waiting[_wait++] = ((uint)string.GetHashCode(text, StringComparison.Ordinal), length);
    }

    /// <summary>The last text was none of a record.</summary>
    public void TakeBack()
    {
        Rows--;
        _written -= _waiting[--_wait].Length;
    }

    /// <summary>Empty up to that many rows: a column that some records do not have.</summary>
    public void FillTo(int rows)
    {
        while (Rows < rows) Add([]);
    }

    public RawColumn Done()
    {
        LookUp();
        Array.Resize(ref _codes, Rows);
        (_slots, _texts) = ([], []);
        return new RawColumn(_codes, _values);
    }

    void LookUp()
    {
        var touched = 0UL;
        foreach (var (hash, _) in _waiting.AsSpan(0, _wait)) touched |= _slots[hash & (uint)(_slots.Length - 1)];
        var (row, at) = (Rows - _wait, 0);
        foreach (var (hash, length) in _waiting.AsSpan(0, _wait))
        {
            _codes[row++] = length == 0 ? -1 : CodeOf(hash, _texts.AsSpan(at, length));
            at += length;
        }
        (_wait, _written) = (0, 0);
        GC.KeepAlive(touched);      // read for its effect on the cache
    }

    int CodeOf(uint hash, ReadOnlySpan<byte> text)
    {
        var mask = (uint)_slots.Length - 1;
        var at = hash & mask;
        for (; _slots[at] is not 0 and var slot; at = (at + 1) & mask)
            if ((uint)(slot >> 32) == hash && text.SequenceEqual(_values.Bytes((int)slot - 1))) return (int)slot - 1;
        _values.Add(text);
        _slots[at] = ((ulong)hash << 32) | (uint)_values.Count;
        if (_values.Count * 2 > _slots.Length) Grow();
        return _values.Count - 1;
    }

    void Grow()
    {
        var slots = new ulong[_slots.Length * 2];
        var mask = (uint)slots.Length - 1;
        foreach (var slot in _slots)
        {
            if (slot == 0) continue;
            var at = (uint)(slot >> 32) & mask;
            while (slots[at] != 0) at = (at + 1) & mask;
            slots[at] = slot;
        }
        _slots = slots;
    }
}
