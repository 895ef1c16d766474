using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace CdcSync.Contract.Avro;

/// <summary>
/// Reads Avro's binary encoding and believes nothing: lengths are checked against the bytes left before anything is allocated, values that take no bytes are
/// counted, records inside records too.
/// </summary>
ref struct AvroInput(ReadOnlySpan<byte> data)
{
    /// <summary>Records inside records; recursive types only reach it. A level takes some three stack frames.</summary>
    public const int MaxDepth = 256;

    /// <summary>Items and records without any byte in one datum: an array may claim 2^63 nulls in ten bytes.</summary>
    const int MaxEmpty = 65_536;

    readonly ReadOnlySpan<byte> _data = data;
    int _depth;
    int _empty;

    public int Position { get; private set; }

    public readonly int Remaining => _data.Length - Position;

    public long ReadLong()
    {
        var position = Position;
        if ((uint)position < (uint)_data.Length && _data[position] is < 0x80 and var only)
        {
            Position = position + 1;
            return (only >> 1) ^ -(only & 1);
        }
        return ReadLonger();
    }

    long ReadLonger()
    {
        var rest = _data[Position..];
        ulong bits = 0;
        for (var i = 0; i < rest.Length; i++)
        {
            var b = rest[i];
            if (i == 9 && b > 1) Fail(Position, "a number of more than 64 bits");
            bits |= (ulong)(b & 0x7F) << (7 * i);
            if (b >= 0x80) continue;
            Position += i + 1;
            return (long)(bits >> 1) ^ -(long)(bits & 1);
        }
        Fail(Position, "the data ends inside a number");
        return 0;
    }

    public int ReadInt()
    {
        var start = Position;
        var value = ReadLong();
        if (value != (int)value) Fail(start, "a number of more than 32 bits");
        return (int)value;
    }

    public bool ReadBoolean()
    {
        var b = Take(1, "a boolean")[0];
        if (b > 1) Fail(Position - 1, $"{b} is no boolean, 0 or 1 is expected");
        return b == 1;
    }

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(Take(4, "a float"));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8, "a double"));

    /// <summary>The bytes behind a length.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        var start = Position;
        var length = ReadLong();
        if (length < 0 || length > Remaining) Fail(start, $"a length of {length} with {Remaining} bytes left");
        return Take((int)length, "");
    }

    public ReadOnlySpan<byte> ReadFixed(int size) => Take(size, "a fixed");

    /// <summary>The UTF-8 bytes of a string, checked.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        var start = Position;
        var bytes = ReadBytes();
        if (!Utf8.IsValid(bytes)) Fail(start, "the string is not valid UTF-8");
        return bytes;
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadUtf8());

    /// <summary>The index of a union's branch or an enum's symbol.</summary>
    public int ReadIndex(int count, string what)
    {
        var start = Position;
        var index = ReadLong();
        if ((ulong)index >= (ulong)count) Fail(start, $"{what} {index} of {count}");
        return (int)index;
    }

    /// <summary>Starts a block of an array or map: how many items follow, 0 at the end, and where the block ends when it says so (else -1).</summary>
    public long ReadBlock(out int end)
    {
        var start = Position;
        var count = ReadLong();
        end = -1;
        if (count >= 0) return count;
        if (count == long.MinValue) Fail(start, "a block of 2^63 items");
        var size = ReadLong();
        if (size < 0 || size > Remaining) Fail(start, $"a block of {size} bytes with {Remaining} bytes left");
        end = Position + (int)size;
        return -count;
    }

    /// <summary>A block that told its size must have it: else who skips it and who reads it would see different data.</summary>
    public readonly void EndBlock(int end)
    {
        if (end >= 0 && end != Position) Fail(Position, $"the block's items end here, by its size it ends at byte {end}");
    }

    public void SkipTo(int end) => Position = end;

    /// <summary>Call for each item and record with the position before it.</summary>
    public void CountEmpty(int before)
    {
        if (Position == before && ++_empty > MaxEmpty) Fail(before, $"more than {MaxEmpty} values without a byte");
    }

    public void Enter()
    {
        if (++_depth > MaxDepth) Fail(Position, $"more than {MaxDepth} records inside each other");
    }

    public void Leave() => _depth--;

    public readonly void End()
    {
        if (Remaining > 0) Fail(Position, $"{Remaining} bytes follow the value: it was written with another schema");
    }

    ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count > Remaining) Fail(Position, $"the data ends inside {what}");
        var taken = _data.Slice(Position, count);
        Position += count;
        return taken;
    }

    [DoesNotReturn]
    public static void Fail(int offset, string problem) => throw new AvroDataException(offset, problem);
}
