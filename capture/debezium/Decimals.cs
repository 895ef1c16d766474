using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>numeric and money under each <see cref="DecimalMode"/>.</summary>
static class Decimals
{
    public static readonly ConnectSchema VariableScale = ConnectSchema.Struct("io.debezium.data.VariableScaleDecimal", 1,
        new("scale", ConnectSchema.Of(ConnectKind.Int32)), new("value", ConnectSchema.Of(ConnectKind.Bytes))) with { Doc = "Variable scaled decimal" };

    public static CellWriter Fixed(int scale) => (cell, output) => Write(cell, scale, output);

    static bool Write(ReadOnlySpan<byte> cell, int scale, LogBatch output)
    {
        var number = new PgNumeric(cell);
        if (!number.IsFinite) return false;
        if (number.TryUnscaled(scale, out var small)) Unscaled(small, output);
        else output.WriteBytes(number.Unscaled(scale).ToByteArray(isBigEndian: true));
        return true;
    }

    public static bool WriteVariableScale(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var number = new PgNumeric(cell);
        if (!number.IsFinite) return false;
        var scale = number.StrippedScale();
        output.WriteLong(scale);
        return Write(cell, scale, output);
    }

    public static bool WriteDouble(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var number = new PgNumeric(cell);
        output.WriteDouble(number.IsFinite ? double.Parse(number.ToString(), CultureInfo.InvariantCulture) : number.SpecialName switch
        {
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => BitConverter.Int64BitsToDouble(0x7ff8L << 48),   // Java's NaN; .NET's has the sign set
        });
        return true;
    }

    public static CellWriter Text(int? scale) => (cell, output) =>
    {
        var number = new PgNumeric(cell);
        output.WriteString(!number.IsFinite ? Special(number.SpecialName) : scale is { } digits && digits != number.Scale ? ConnectJson.Decimal(number.Unscaled(digits), digits) : number.ToString());
        return true;
    };

    static string Special(string name) => name switch
    {
        "Infinity" => "POSITIVE_INFINITY",
        "-Infinity" => "NEGATIVE_INFINITY",
        _ => "NAN",
    };

    // The server sends cents, whatever digits are asked for.
    public static CellWriter Money(int digits) => (cell, output) =>
    {
        var cents = BinaryPrimitives.ReadInt64BigEndian(cell);
        if (digits == 2) Unscaled(cents, output);
        else output.WriteBytes(Rescaled(cents, digits).ToByteArray(isBigEndian: true));
        return true;
    };

    public static bool MoneyText(ReadOnlySpan<byte> cell, LogBatch output)
    {
        output.WriteString(ConnectJson.Decimal(BinaryPrimitives.ReadInt64BigEndian(cell), 2));
        return true;
    }

    public static bool MoneyDouble(ReadOnlySpan<byte> cell, LogBatch output)
    {
        output.WriteDouble((double)(BinaryPrimitives.ReadInt64BigEndian(cell) / 100m));
        return true;
    }

    static BigInteger Rescaled(long cents, int digits) =>
        digits >= 2 ? cents * BigInteger.Pow(10, digits - 2) : (BigInteger)Math.Round(cents / 100m, digits, MidpointRounding.ToEven) * (digits == 1 ? 10 : 1);

    // Two's complement, big-endian, as short as can be: Java's BigInteger.toByteArray.
    static void Unscaled(long value, LogBatch output)
    {
        var bits = 65 - BitOperations.LeadingZeroCount((ulong)(value ^ (value >> 63)));
        var length = (bits + 7) / 8;
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        output.WriteBytes(bytes[(8 - length)..]);
    }
}
