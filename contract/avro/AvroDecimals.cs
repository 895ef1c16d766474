using System.Buffers.Binary;
using System.Numerics;

namespace CdcSync.Contract.Avro;

/// <summary>Decimals of up to 28 digits between .NET's form and Avro's (unscaled, big-endian two's complement), without allocation.</summary>
static class AvroDecimals
{
    /// <summary>2^96: the unscaled value of a decimal is below.</summary>
    public static readonly BigInteger Limit = BigInteger.One << 96;

    static readonly UInt128[] Powers = MakePowers();

    /// <summary>The unscaled value at a scale; false when digits behind the point would be lost or there are more than <paramref name="precision"/>.</summary>
    public static bool TryUnscale(decimal value, int precision, int scale, out Int128 unscaled)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var digits = ((UInt128)(uint)bits[2] << 64) | ((UInt128)(uint)bits[1] << 32) | (uint)bits[0];
        var missing = scale - value.Scale;
        unscaled = 0;
        if (missing < 0)
        {
            (digits, var rest) = UInt128.DivRem(digits, Powers[-missing]);
            if (rest != 0) return false;
        }
        else if (digits != 0)
        {
            if (missing >= Powers.Length || digits > UInt128.MaxValue / 2 / Powers[missing]) return false;
            digits *= Powers[missing];
        }
        if (precision < Powers.Length && digits >= Powers[precision]) return false;
        unscaled = bits[3] < 0 ? -(Int128)digits : (Int128)digits;
        return true;
    }

    /// <summary>The fewest bytes that hold it.</summary>
    public static ReadOnlySpan<byte> Bytes(Int128 unscaled, Span<byte> sixteen)
    {
        BinaryPrimitives.WriteInt128BigEndian(sixteen, unscaled);
        var start = 0;
        var sign = unscaled < 0 ? 0xFF : 0;
        while (start < 15 && sixteen[start] == sign && (sixteen[start + 1] & 0x80) == (sign & 0x80)) start++;
        return sixteen[start..];
    }

    /// <summary>The number that bytes hold, without trailing zeros; false when there are no bytes or a decimal cannot hold it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int scale, out decimal value)
    {
        value = 0;
        if (bytes.Length is 0 or > 16) return false;
        Span<byte> sixteen = stackalloc byte[16];
        sixteen.Fill((bytes[0] & 0x80) != 0 ? (byte)0xFF : (byte)0);
        bytes.CopyTo(sixteen[(16 - bytes.Length)..]);
        var unscaled = BinaryPrimitives.ReadInt128BigEndian(sixteen);
        while (scale > 0 && unscaled != 0 && unscaled % 10 == 0)
        {
            unscaled /= 10;
            scale--;
        }
        if (unscaled == 0) scale = 0;
        if (scale > 28 || (UInt128)Int128.Abs(unscaled == Int128.MinValue ? 0 : unscaled) >> 96 != 0 || unscaled == Int128.MinValue) return false;
        value = Scaled(unscaled, scale);
        return true;
    }

    /// <summary>A decimal from a value below 2^96 and a scale up to 28.</summary>
    public static decimal Scaled(Int128 unscaled, int scale)
    {
        var digits = (UInt128)Int128.Abs(unscaled);
        if (digits >> 96 != 0) throw new OverflowException("The number has more digits than a decimal holds");
        return new decimal((int)(uint)(ulong)digits, (int)(uint)(ulong)(digits >> 32), (int)(uint)(ulong)(digits >> 64), unscaled < 0, (byte)scale);
    }

    static UInt128[] MakePowers()
    {
        var powers = new UInt128[39];       // 10^38 < 2^128
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++) powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
