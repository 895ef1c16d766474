namespace CdcSync.Mdm.Offline;

/// <summary>Takes a column's texts one by one and keeps each distinct one once. A table of places instead of a dictionary: a million e-mail addresses cost 12 bytes each here.</summary>
sealed class ColumnReading
{
    readonly List<string> _values = [];
    int[] _codes = new int[1024], _hashes = new int[1024], _slots = new int[2048];

    public int Rows { get; private set; }

    public void Add(ReadOnlySpan<char> text)
    {
        if (Rows == _codes.Length) Array.Resize(ref _codes, Rows * 2);
        _codes[Rows++] = text.IsEmpty ? -1 : CodeOf(text);
    }

    /// <summary>Empty up to that many rows: a column that some records do not have.</summary>
    public void FillTo(int rows)
    {
        while (Rows < rows) Add([]);
    }

    /// <summary>The last text was none of a record.</summary>
    public void TakeBack() => Rows--;

    public RawColumn Done()
    {
        Array.Resize(ref _codes, Rows);
        _values.TrimExcess();
        return new RawColumn(_codes, _values);
    }

    int CodeOf(ReadOnlySpan<char> text)
    {
        var hash = string.GetHashCode(text, StringComparison.Ordinal);      // seeded: nobody can write a file whose values all collide
        if (_values.Count == _hashes.Length) Grow();
        var mask = _slots.Length - 1;
        var at = hash & mask;
        for (; _slots[at] - 1 is >= 0 and var code; at = (at + 1) & mask)
            if (_hashes[code] == hash && text.SequenceEqual(_values[code])) return code;
        _hashes[_values.Count] = hash;
        _values.Add(text.ToString());
        _slots[at] = _values.Count;
        return _values.Count - 1;
    }

    void Grow()
    {
        Array.Resize(ref _hashes, _hashes.Length * 2);
        _slots = new int[_hashes.Length * 2];
        var mask = _slots.Length - 1;
        for (var code = 0; code < _values.Count; code++)
        {
            var at = _hashes[code] & mask;
            while (_slots[at] != 0) at = (at + 1) & mask;
            _slots[at] = code + 1;
        }
    }
}
