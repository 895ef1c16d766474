using System.Text;

namespace CdcSync.Mdm.Offline;

/// <summary>Takes a column's texts one by one and keeps each distinct one once. Half of a slot is the text's hash, so that only texts that are equal are looked at.</summary>
sealed class ColumnReading
{
    readonly TextPool _values = new();
    readonly byte[] _text = new byte[RecordFile.LongestValue * 3];
    int[] _codes = new int[256];
    ulong[] _slots = new ulong[256];

    public int Rows { get; private set; }

    public void Add(ReadOnlySpan<char> text)
    {
        if (Rows == _codes.Length) Array.Resize(ref _codes, Rows * 2);
        _codes[Rows++] = text.IsEmpty ? -1 : CodeOf(text);
    }

    /// <summary>The last text was none of a record.</summary>
    public void TakeBack() => Rows--;

    /// <summary>Empty up to that many rows: a column that some records do not have.</summary>
    public void FillTo(int rows)
    {
        while (Rows < rows) Add([]);
    }

    public RawColumn Done()
    {
        Array.Resize(ref _codes, Rows);
        _slots = [];
        return new RawColumn(_codes, _values);
    }

    int CodeOf(ReadOnlySpan<char> text)
    {
        var hash = (uint)string.GetHashCode(text, StringComparison.Ordinal);      // seeded: nobody can write a file whose values all collide
        var bytes = _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text));
        var mask = (uint)_slots.Length - 1;
        var at = hash & mask;
        for (; _slots[at] is not 0 and var slot; at = (at + 1) & mask)
            if ((uint)(slot >> 32) == hash && bytes.SequenceEqual(_values.Bytes((int)slot - 1))) return (int)slot - 1;
        _values.Add(bytes);
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
