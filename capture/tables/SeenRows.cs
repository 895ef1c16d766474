using System.Buffers.Binary;
using System.Numerics;

namespace CdcSync.Capture.Tables;

/// <summary>Which rows were published as they are, by hashes. Up to <see cref="Kept"/> of them travel in the bookmark; with more, a restart publishes them once more.</summary>
sealed class SeenRows
{
    const int Kept = 6000;
    readonly Dictionary<UInt128, (ulong Row, object? Value)> _rows = [];
    readonly HashSet<ulong> _former = [];
    string? _text;
    bool _isWritten;

    public int Count => _rows.Count + _former.Count;

    public static SeenRows Parse(string? text)
    {
        var seen = new SeenRows();
        var bytes = text is null ? [] : Convert.FromBase64String(text);
        for (var at = 0; at < bytes.Length; at += sizeof(ulong)) seen._former.Add(BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at)));
        return seen;
    }

    public bool Has(UInt128 key, ulong row) => _rows.TryGetValue(key, out var seen) ? seen.Row == row : _former.Contains(Mark(key, row));

    /// <summary>Notes a row and the value of its high-water column.</summary>
    public void Add(UInt128 key, ulong row, object value)
    {
        _isWritten &= Has(key, row);
        _rows[key] = (row, value);
        _former.Remove(Mark(key, row));
    }

    /// <summary>Forgets the rows up to a value: they are not read again. So are those of a former process that were not read again.</summary>
    public void Forget(object upTo)
    {
        foreach (var (key, seen) in _rows)
            if (Typed.Compare(seen.Value!, upTo) <= 0) _rows.Remove(key);
        _former.Clear();
        _isWritten = false;
    }

    public string? Write()
    {
        if (_isWritten) return _text;
        _isWritten = true;
        if (Count is 0 or > Kept) return _text = null;
        var bytes = new byte[Count * sizeof(ulong)];
        var at = 0;
        foreach (var mark in _rows.Select(r => Mark(r.Key, r.Value.Row)).Concat(_former)) BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(sizeof(ulong) * at++), mark);
        return _text = Convert.ToBase64String(bytes);
    }

    // A row of a key in eight bytes: what is looked for among a few thousand of them is not found by chance.
    static ulong Mark(UInt128 key, ulong row) => (ulong)key ^ BitOperations.RotateLeft((ulong)(key >> 64), 21) ^ BitOperations.RotateLeft(row, 43) * 0x9E3779B97F4A7C15;
}
