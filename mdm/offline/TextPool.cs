using System.Buffers.Binary;
using System.Collections;
using System.Text;

namespace CdcSync.Mdm.Offline;

/// <summary>
/// Distinct texts of a column in their order, as UTF-8 in a few large blocks: five million texts are five million objects less for the collector to carry about, and a
/// third of the memory. A text becomes a string when it is asked for, each time anew.
/// </summary>
sealed class TextPool : IReadOnlyList<string>
{
    const int BlockBits = 20, BlockSize = 1 << BlockBits, Prefix = 2;

    readonly List<byte[]> _blocks = [];
    uint[] _starts = new uint[256];
    int _free = BlockSize;

    public int Count { get; private set; }

    public string this[int index] => Encoding.UTF8.GetString(Bytes(index));

    public ReadOnlySpan<byte> Bytes(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var start = _starts[index];
        var block = _blocks[(int)(start >> BlockBits)].AsSpan((int)(start & (BlockSize - 1)));
        return block.Slice(Prefix, BinaryPrimitives.ReadUInt16LittleEndian(block));
    }

    public void Add(ReadOnlySpan<byte> text)
    {
        if (_free + Prefix + text.Length > BlockSize)
        {
            // The first block of a column is small: most columns hold little.
            _blocks.Add(new byte[_blocks.Count == 0 ? Math.Max(1 << 14, text.Length + Prefix) : BlockSize]);
            _free = 0;
        }
        else if (_free + Prefix + text.Length > _blocks[^1].Length)
        {
            var grown = _blocks[^1];
            Array.Resize(ref grown, Math.Min(BlockSize, Math.Max(grown.Length * 4, _free + Prefix + text.Length)));
            _blocks[^1] = grown;
        }
        var at = _blocks[^1].AsSpan(_free);
        BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)text.Length);
        text.CopyTo(at[Prefix..]);
        if (Count == _starts.Length) Array.Resize(ref _starts, Count * 2);
        _starts[Count++] = ((uint)(_blocks.Count - 1) << BlockBits) | (uint)_free;
        _free += Prefix + text.Length;
    }

    public IEnumerator<string> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
