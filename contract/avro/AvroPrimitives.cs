using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace CdcSync.Contract.Avro;

/// <summary>Avro's binary encoding of primitives, into a caller's buffer (Avro 1.12 specification, "Binary encoding").</summary>
public static class AvroPrimitives
{
    /// <summary>int and long: zig-zag, seven bits a byte.</summary>
    public static void WriteLong(this IBufferWriter<byte> output, long value)
    {
        var span = output.GetSpan(10);
        var bits = (ulong)((value << 1) ^ (value >> 63));
        var length = 0;
        while (bits >= 0x80)
        {
            span[length++] = (byte)(bits | 0x80);
            bits >>= 7;
        }
        span[length++] = (byte)bits;
        output.Advance(length);
    }

    /// <summary>boolean: one byte.</summary>
    public static void WriteBoolean(this IBufferWriter<byte> output, bool value)
    {
        output.GetSpan(1)[0] = Unsafe.BitCast<bool, byte>(value);
        output.Advance(1);
    }

    /// <summary>float: four bytes, little-endian.</summary>
    public static void WriteFloat(this IBufferWriter<byte> output, float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    /// <summary>double: eight bytes, little-endian.</summary>
    public static void WriteDouble(this IBufferWriter<byte> output, double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    /// <summary>bytes, and string as UTF-8: the length, then the bytes.</summary>
    public static void WriteBytes(this IBufferWriter<byte> output, ReadOnlySpan<byte> value)
    {
        output.WriteLong(value.Length);
        output.Write(value);
    }

    /// <summary>string: the length in UTF-8 bytes, then the bytes.</summary>
    public static void WriteString(this IBufferWriter<byte> output, ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        output.WriteLong(length);
        if (length == 0) return;
        Encoding.UTF8.GetBytes(value, output.GetSpan(length));
        output.Advance(length);
    }
}
