using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace CdcSync.Contract.Avro;

/// <summary>Writes Avro's binary encoding into stretches of a caller's buffer: one call to the buffer a stretch, not one a value. Ends with <see cref="Flush"/>.</summary>
ref struct AvroOutput
{
    const int Stretch = 256;

    readonly IBufferWriter<byte> _target;
    Span<byte> _span;
    int _used;
    int _depth;

    public AvroOutput(IBufferWriter<byte> target)
    {
        _target = target;
        _span = target.GetSpan(Stretch);
    }

    public void WriteLong(long value)
    {
        if (_span.Length - _used < 10) Grow(10);
        var bits = (ulong)((value << 1) ^ (value >> 63));
        while (bits >= 0x80)
        {
            _span[_used++] = (byte)(bits | 0x80);
            bits >>= 7;
        }
        _span[_used++] = (byte)bits;
    }

    public void WriteBoolean(bool value) => Reserve(1)[0] = value ? (byte)1 : (byte)0;

    public void WriteFloat(float value) => BinaryPrimitives.WriteSingleLittleEndian(Reserve(4), value);

    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);

    public void WriteBytes(scoped ReadOnlySpan<byte> value)
    {
        WriteLong(value.Length);
        WriteFixed(value);
    }

    public void WriteFixed(scoped ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    public void WriteString(scoped ReadOnlySpan<char> value)
    {
        // 21 characters are 63 bytes at most, whose length takes one byte: written where they belong before the length is known.
        if (value.Length <= 21)
        {
            if (_span.Length - _used < 64) Grow(64);
            var length = Encode(value, _span[(_used + 1)..]);
            _span[_used] = (byte)(length << 1);
            _used += length + 1;
            return;
        }
        var count = System.Text.Encoding.UTF8.GetByteCount(value);
        WriteLong(count);
        Encode(value, Reserve(count));
    }

    /// <summary>A record begins. Bounded as in reading: a value that contains itself would not end.</summary>
    public void Enter()
    {
        if (++_depth > AvroInput.MaxDepth) Fail($"more than {AvroInput.MaxDepth} records inside each other");
    }

    public void Leave() => _depth--;

    public void Flush()
    {
        _target.Advance(_used);
        _used = 0;
        _span = default;
    }

    Span<byte> Reserve(int count)
    {
        if (_span.Length - _used < count) Grow(count);
        var reserved = _span.Slice(_used, count);
        _used += count;
        return reserved;
    }

    void Grow(int count)
    {
        _target.Advance(_used);
        _used = 0;
        _span = _target.GetSpan(Math.Max(count, Stretch));
    }

    static int Encode(scoped ReadOnlySpan<char> value, Span<byte> target)
    {
        if (Utf8.FromUtf16(value, target, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
            Fail("the text has half a surrogate pair, which UTF-8 cannot hold");
        return written;
    }

    [DoesNotReturn]
    public static void Fail(string problem) => throw new AvroDataException(null, problem);
}
