using System.Buffers.Binary;
using System.Numerics;

namespace CdcSync.Capture.Postgres;

/// <summary>PostgreSQL's numeric in binary: count, weight, sign, scale, then digits of base 10,000.</summary>
readonly ref struct PgNumeric
{
    readonly ReadOnlySpan<byte> _digits;
    readonly int _weight;
    readonly ushort _sign;

    public PgNumeric(ReadOnlySpan<byte> cell)
    {
        if (cell.Length < 8) throw new FormatException($"A numeric of {cell.Length} bytes; it has at least 8");
        var count = BinaryPrimitives.ReadUInt16BigEndian(cell);
        _weight = BinaryPrimitives.ReadInt16BigEndian(cell[2..]);
        _sign = BinaryPrimitives.ReadUInt16BigEndian(cell[4..]);
        Scale = BinaryPrimitives.ReadUInt16BigEndian(cell[6..]);
        if (cell.Length != 8 + count * 2) throw new FormatException($"A numeric of {count} digit groups in {cell.Length} bytes");
        _digits = cell[8..];
    }

    /// <summary>Digits shown behind the point.</summary>
    public int Scale { get; }

    public bool IsFinite => _sign is 0 or 0x4000;

    bool Negative => _sign == 0x4000;

    int Groups => _digits.Length / 2;

    // The decimal exponent of the last digit group.
    int Exponent => (_weight - Groups + 1) * 4;

    /// <summary>"NaN", "Infinity" or "-Infinity".</summary>
    public string SpecialName => _sign switch { 0xC000 => "NaN", 0xD000 => "Infinity", 0xF000 => "-Infinity", _ => "?" };

    /// <summary>The value times 10^scale when it fits a long and is computed without division by more than the padding of the last group.</summary>
    public bool TryUnscaled(int scale, out long unscaled)
    {
        unscaled = 0;
        if (Groups == 0) return true;
        if (Groups > 4) return false;
        var value = 0L;
        for (var i = 0; i < _digits.Length; i += 2) value = value * 10000 + BinaryPrimitives.ReadUInt16BigEndian(_digits[i..]);
        var power = Exponent + scale;
        for (; power < 0; power++) value /= 10;
        for (; power > 0; power--)
        {
            if (value > 900_000_000_000_000_000 / 10) return false;
            value *= 10;
        }
        unscaled = Negative ? -value : value;
        return true;
    }

    /// <summary>The value times 10^scale, cut towards zero (the column's scale is never smaller than the value's).</summary>
    public BigInteger Unscaled(int scale)
    {
        if (TryUnscaled(scale, out var small)) return small;
        var value = BigInteger.Zero;
        for (var i = 0; i < _digits.Length; i += 2) value = value * 10000 + BinaryPrimitives.ReadUInt16BigEndian(_digits[i..]);
        var power = Exponent + scale;
        value = power >= 0 ? value * BigInteger.Pow(10, power) : value / BigInteger.Pow(10, -power);
        return Negative ? -value : value;
    }

    /// <summary>The smallest scale that loses nothing; 0 at least.</summary>
    public int StrippedScale()
    {
        if (Groups == 0) return 0;
        var scale = -Exponent;
        var last = BinaryPrimitives.ReadUInt16BigEndian(_digits[^2..]);
        // The server strips trailing zero groups, so the last one is not 0.
        for (; last != 0 && last % 10 == 0; last /= 10) scale--;
        return Math.Max(scale, 0);
    }

    public decimal ToDecimal()
    {
        if (!IsFinite) throw new FormatException($"numeric {SpecialName} has no decimal value");
        if (Scale <= 28 && TryUnscaled(Scale, out var small)) return new decimal((int)Math.Abs(small), (int)(Math.Abs(small) >> 32), 0, small < 0, (byte)Scale);
        var scale = Math.Min(Scale, Math.Max(StrippedScale(), 0));
        var unscaled = Unscaled(scale);
        if (scale > 28 || BigInteger.Abs(unscaled) >> 96 != 0)
            throw new FormatException("The numeric has more digits than .NET's decimal holds (28): declare the column numeric(p,s) with p <= 28 or map it as text");
        var bits = BigInteger.Abs(unscaled);
        return new decimal((int)(uint)(bits & uint.MaxValue), (int)(uint)(bits >> 32 & uint.MaxValue), (int)(uint)(bits >> 64), unscaled.Sign < 0, (byte)scale);
    }

    public override string ToString()
    {
        if (!IsFinite) return SpecialName;
        var unscaled = Unscaled(Scale);
        var digits = BigInteger.Abs(unscaled).ToString().PadLeft(Scale + 1, '0');
        var text = Scale == 0 ? digits : $"{digits[..^Scale]}.{digits[^Scale..]}";
        return unscaled.Sign < 0 ? "-" + text : text;
    }
}
