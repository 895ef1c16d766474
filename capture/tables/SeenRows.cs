using System.Buffers.Binary;

namespace CdcSync.Capture.Tables;

/// <summary>Which rows were published as they are, by hashes. Up to <see cref="Kept"/> of them travel in the bookmark; with more, a restart publishes them once more.</summary>
sealed class SeenRows
{
    const int Kept = 2000, EntryBytes = 24;
    readonly Dictionary<UInt128, (ulong Row, object? Value)> _rows = [];
    string? _text;
    bool _isWritten;

    public int Count => _rows.Count;

    public static SeenRows Parse(string? text)
    {
        var seen = new SeenRows();
        var bytes = text is null ? [] : Convert.FromBase64String(text);
        for (var at = 0; at < bytes.Length; at += EntryBytes)
            seen._rows[BinaryPrimitives.ReadUInt128BigEndian(bytes.AsSpan(at))] = (BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at + 16)), null);
        return seen;
    }

    public bool Has(UInt128 key, ulong row) => _rows.TryGetValue(key, out var seen) && seen.Row == row;

    /// <summary>Notes a row and the value of its high-water column.</summary>
    public void Add(UInt128 key, ulong row, object value)
    {
        _isWritten &= Has(key, row);
        _rows[key] = (row, value);
    }

    /// <summary>Forgets the rows up to a value: they are not read again. So are those of a former process that were not read again.</summary>
    public void Forget(object upTo)
    {
        foreach (var (key, seen) in _rows)
            if (seen.Value is null || Typed.Compare(seen.Value, upTo) <= 0) _rows.Remove(key);
        _isWritten = false;
    }

    public string? Write()
    {
        if (_isWritten) return _text;
        _isWritten = true;
        if (_rows.Count is 0 or > Kept) return _text = null;
        var bytes = new byte[_rows.Count * EntryBytes];
        var at = 0;
        foreach (var (key, seen) in _rows)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(at), key);
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(at + 16), seen.Row);
            at += EntryBytes;
        }
        return _text = Convert.ToBase64String(bytes);
    }
}
