using System.Buffers.Binary;
using System.Data.SqlTypes;
using System.Text;

namespace CdcSync.Servers.Tds;

/// <summary>Takes requests apart: LOGIN7, SQL batches and RPC calls of sp_executesql.</summary>
sealed class TdsRequestReader(byte[] data)
{
    int _at;

    public static TdsLogin Login(byte[] data, bool encrypted)
    {
        string Text(int slot)
        {
            var (offset, length) = (BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(slot)), BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(slot + 2)));
            return Encoding.Unicode.GetString(data, offset, length * 2);
        }

        var (at, count) = (BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(44)), BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(46)));
        var password = data.AsSpan(at, count * 2).ToArray();
        for (var i = 0; i < password.Length; i++)
        {
            var mixed = (byte)(password[i] ^ 0xa5);
            password[i] = (byte)(mixed << 4 | mixed >> 4);
        }
        return new TdsLogin(Text(40), Encoding.Unicode.GetString(password), Text(48), Text(68), (data[26] & 0x20) != 0, encrypted);
    }

    public string Batch()
    {
        SkipHeaders();
        return Encoding.Unicode.GetString(data, _at, data.Length - _at);
    }

    public (string Text, IReadOnlyDictionary<string, object?> Parameters) Call()
    {
        SkipHeaders();
        var length = UShort();
        if (length != 0xffff) throw new TdsErrorException(2812, $"Could not find stored procedure '{Encoding.Unicode.GetString(Take(length * 2))}'.");
        if (UShort() is not 10 and var procedure) throw new TdsErrorException(2812, $"Could not find system procedure {procedure}.");
        UShort();
        var text = (string)Parameter().Value!;
        var parameters = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        if (_at < data.Length) Parameter();     // the declarations: each value carries its type again
        while (_at < data.Length)
        {
            var (name, value) = Parameter();
            parameters[name] = value;
        }
        return (text, parameters);
    }

    void SkipHeaders() => _at = BinaryPrimitives.ReadInt32LittleEndian(data);

    (string Name, object? Value) Parameter()
    {
        var name = Encoding.Unicode.GetString(Take(Take(1)[0] * 2));
        Take(1);
        return (name, Value(Take(1)[0]));
    }

    object? Value(byte type)
    {
        switch (type)
        {
            case 0xe7 or 0xef or 0xa7 or 0xaf:
                var isMax = UShort() == 0xffff;
                Take(5);
                return Variable(isMax) is { } text ? (type is 0xe7 or 0xef ? Encoding.Unicode : Encoding.Latin1).GetString(text) : null;
            case 0xa5 or 0xad:
                return Variable(UShort() == 0xffff);
            case 0x6a or 0x6c:
                Take(1);
                var (precision, scale) = (Take(1)[0], Take(1)[0]);
                return Short() is { } number ? new SqlDecimal(precision, scale, number[0] == 1, Number(number)) : null;
            case 0x26 or 0x68 or 0x6d or 0x6e or 0x6f or 0x24:
                Take(1);
                return Short() is { } fixedLength ? Fixed(type, fixedLength) : null;
            case 0x28:
                return Short() is { } days ? DateOnly.FromDayNumber(Days(days)) : null;
            case 0x29 or 0x2a or 0x2b:
                var digits = Take(1)[0];
                return Short() is { } time ? Time(type, digits, time) : null;
            default:
                throw new TdsErrorException(8009, $"The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect: data type 0x{type:X2} is unknown.");
        }
    }

    static object Fixed(byte type, byte[] value) => (type, value.Length) switch
    {
        (0x68, _) => value[0] != 0,
        (0x24, _) => new Guid(value),
        (0x6d, 4) => BitConverter.ToSingle(value),
        (0x6d, _) => BitConverter.ToDouble(value),
        (0x6e, 4) => BitConverter.ToInt32(value) / 10000m,
        (0x6e, _) => ((long)BitConverter.ToInt32(value) << 32 | BitConverter.ToUInt32(value, 4)) / 10000m,
        (0x6f, 8) => new DateTime(1900, 1, 1).AddDays(BitConverter.ToInt32(value)).AddMilliseconds(Math.Round(BitConverter.ToInt32(value, 4) * 10 / 3.0)),
        (0x6f, _) => new DateTime(1900, 1, 1).AddDays(BitConverter.ToUInt16(value)).AddMinutes(BitConverter.ToUInt16(value, 2)),
        (_, 1) => (long)value[0],
        (_, 2) => (long)BitConverter.ToInt16(value),
        (_, 4) => (long)BitConverter.ToInt32(value),
        _ => BitConverter.ToInt64(value),
    };

    static object Time(byte type, byte digits, byte[] value)
    {
        var size = digits <= 2 ? 3 : digits <= 4 ? 4 : 5;
        var ticks = 0L;
        for (var i = size - 1; i >= 0; i--) ticks = ticks << 8 | value[i];
        for (var i = digits; i < 7; i++) ticks *= 10;
        if (type == 0x29) return new TimeOnly(ticks);
        var day = DateOnly.FromDayNumber(Days(value.AsSpan(size))).ToDateTime(default, DateTimeKind.Utc).AddTicks(ticks);
        return type == 0x2a ? (object)DateTime.SpecifyKind(day, DateTimeKind.Unspecified) : new DateTimeOffset(day, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(BitConverter.ToInt16(value, size + 3)));
    }

    static int Days(ReadOnlySpan<byte> value) => value[0] | value[1] << 8 | value[2] << 16;

    static int[] Number(byte[] value)
    {
        var parts = new int[4];
        for (var i = 0; i < 4 && 1 + 4 * i < value.Length; i++) parts[i] = BitConverter.ToInt32(value, 1 + 4 * i);
        return parts;
    }

    byte[]? Short() => Take(1)[0] is > 0 and var length ? Take(length).ToArray() : null;

    byte[]? Variable(bool isMax)
    {
        if (!isMax) return UShort() is not 0xffff and var length ? Take(length).ToArray() : null;
        if (BinaryPrimitives.ReadInt64LittleEndian(Take(8)) == -1) return null;
        var whole = new MemoryStream();
        for (var chunk = BinaryPrimitives.ReadInt32LittleEndian(Take(4)); chunk > 0; chunk = BinaryPrimitives.ReadInt32LittleEndian(Take(4))) whole.Write(Take(chunk));
        return whole.ToArray();
    }

    int UShort() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    ReadOnlySpan<byte> Take(int count)
    {
        _at += count;
        return data.AsSpan(_at - count, count);
    }
}
