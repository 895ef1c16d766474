using System.Buffers.Binary;
using System.Data.SqlTypes;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace CdcSync.Servers.Tds;

/// <summary>
/// A type on the wire: what COLMETADATA says of it and how a value of it looks in a row. Values are CLR values: long for all integers, bool, float, double, decimal or
/// <see cref="SqlDecimal"/>, string, byte[], Guid, DateOnly, TimeOnly, DateTime, DateTimeOffset; null for null.
/// </summary>
/// <param name="Name">SQL Server's name of it, without modifiers.</param>
/// <param name="Length">Characters or bytes; -1 for max.</param>
/// <param name="Precision">Digits of a decimal.</param>
/// <param name="Scale">Digits after the point, or of a second.</param>
public sealed record TdsType(string Name, int Length = 0, byte Precision = 0, byte Scale = 0)
{
    // Latin1_General_CI_AS: code page 1252.
    static readonly byte[] Collation = [0x09, 0x04, 0xd0, 0x00, 0x34];

    /// <summary>The type with its modifiers, as in a create table.</summary>
    public string Sql => Name switch
    {
        "decimal" or "numeric" => $"{Name}({Precision},{Scale})",
        "char" or "nchar" or "binary" => $"{Name}({Length})",
        "varchar" or "nvarchar" or "varbinary" => Length < 0 ? $"{Name}(max)" : $"{Name}({Length})",
        "time" or "datetime2" or "datetimeoffset" => $"{Name}({Scale})",
        _ => Name,
    };

    /// <summary>Whether CDC leaves its value out of an update that did not touch it.</summary>
    public bool IsLarge => Length < 0 || Name is "text" or "ntext" or "image" or "xml" or "geography" or "geometry";

    /// <summary>Reads <c>decimal(12,2)</c>, <c>nvarchar(max)</c>, <c>datetime2</c>.</summary>
    public static TdsType Parse(string sql)
    {
        var open = sql.IndexOf('(');
        var name = (open < 0 ? sql : sql[..open]).Trim().ToLowerInvariant();
        var modifiers = open < 0 ? [] : sql[(open + 1)..sql.IndexOf(')')].Split(',', StringSplitOptions.TrimEntries);
        int Modifier(int at, int otherwise) => modifiers.Length <= at ? otherwise : modifiers[at] == "max" ? -1 : int.Parse(modifiers[at], CultureInfo.InvariantCulture);
        return name switch
        {
            "decimal" or "numeric" => new(name, 0, (byte)Modifier(0, 18), (byte)Modifier(1, 0)),
            "time" or "datetime2" or "datetimeoffset" => new(name, 0, 0, (byte)Modifier(0, 7)),
            "char" or "nchar" or "binary" or "varchar" or "nvarchar" or "varbinary" => new(name, Modifier(0, 1)),
            _ => new(name),
        };
    }

    /// <summary>Writes TYPE_INFO.</summary>
    public void WriteInfo(TdsTokens to)
    {
        switch (Name)
        {
            case "bit": to.Byte(0x68).Byte(1); break;
            case "tinyint": to.Byte(0x26).Byte(1); break;
            case "smallint": to.Byte(0x26).Byte(2); break;
            case "int": to.Byte(0x26).Byte(4); break;
            case "bigint": to.Byte(0x26).Byte(8); break;
            case "real": to.Byte(0x6d).Byte(4); break;
            case "float": to.Byte(0x6d).Byte(8); break;
            case "smallmoney": to.Byte(0x6e).Byte(4); break;
            case "money": to.Byte(0x6e).Byte(8); break;
            case "decimal" or "numeric": to.Byte(Name == "decimal" ? 0x6a : 0x6c).Byte(17).Byte(Precision).Byte(Scale); break;
            case "smalldatetime": to.Byte(0x6f).Byte(4); break;
            case "datetime": to.Byte(0x6f).Byte(8); break;
            case "date": to.Byte(0x28); break;
            case "time": to.Byte(0x29).Byte(Scale); break;
            case "datetime2": to.Byte(0x2a).Byte(Scale); break;
            case "datetimeoffset": to.Byte(0x2b).Byte(Scale); break;
            case "uniqueidentifier": to.Byte(0x24).Byte(16); break;
            case "rowversion" or "timestamp": to.Byte(0xad).UShort(8); break;
            case "binary": to.Byte(0xad).UShort(Length); break;
            case "varbinary": to.Byte(0xa5).UShort(Length < 0 ? 0xffff : Length); break;
            case "char": to.Byte(0xaf).UShort(Length).Bytes(Collation); break;
            case "varchar": to.Byte(0xa7).UShort(Length < 0 ? 0xffff : Length).Bytes(Collation); break;
            case "nchar": to.Byte(0xef).UShort(Length * 2).Bytes(Collation); break;
            case "nvarchar" or "sysname": to.Byte(0xe7).UShort(Length < 0 ? 0xffff : Math.Max(Length, 1) * 2).Bytes(Collation); break;
            case "text": to.Byte(0x23).Int(int.MaxValue).Bytes(Collation).Byte(1).UText("t"); break;
            case "ntext": to.Byte(0x63).Int(int.MaxValue).Bytes(Collation).Byte(1).UText("t"); break;
            case "image": to.Byte(0x22).Int(int.MaxValue).Byte(1).UText("t"); break;
            default: throw new NotSupportedException($"The server does not send {Name}: select a conversion");
        }
    }

    /// <summary>Writes a value as a row has it.</summary>
    public void WriteValue(object? value, TdsTokens to)
    {
        if (value is null) WriteNull(to);
        else if (Length < 0) to.Plp(Raw(value));
        else if (Name is "text" or "ntext" or "image") to.Byte(16).Bytes(new byte[16]).Bytes(new byte[8]).Int(Raw(value).Length).Bytes(Raw(value));
        else if (Name is "char" or "varchar" or "nchar" or "nvarchar" or "sysname" or "binary" or "varbinary" or "rowversion" or "timestamp") to.UShort(Raw(value).Length).Bytes(Raw(value));
        else to.Byte(Raw(value).Length).Bytes(Raw(value));
    }

    void WriteNull(TdsTokens to)
    {
        if (Length < 0) to.Long(-1);
        else if (Name is "char" or "varchar" or "nchar" or "nvarchar" or "sysname" or "binary" or "varbinary" or "rowversion" or "timestamp") to.UShort(0xffff);
        else to.Byte(0);
    }

    byte[] Raw(object value) => Name switch
    {
        "bit" => [(bool)value ? (byte)1 : (byte)0],
        "tinyint" => [(byte)Integer(value)],
        "smallint" => BitConverter.GetBytes((short)Integer(value)),
        "int" => BitConverter.GetBytes((int)Integer(value)),
        "bigint" => BitConverter.GetBytes(Integer(value)),
        "real" => BitConverter.GetBytes(Convert.ToSingle(value, CultureInfo.InvariantCulture)),
        "float" => BitConverter.GetBytes(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        "smallmoney" => BitConverter.GetBytes((int)((decimal)value * 10000)),
        "money" => Money((long)((decimal)value * 10000)),
        "decimal" or "numeric" => Decimal(value),
        "smalldatetime" => SmallDateTime((DateTime)value),
        "datetime" => LegacyDateTime((DateTime)value),
        "date" => Days(((DateOnly)value).DayNumber),
        "time" => Ticks(((TimeOnly)value).Ticks),
        "datetime2" => [.. Ticks(((DateTime)value).TimeOfDay.Ticks), .. Days(DateOnly.FromDateTime((DateTime)value).DayNumber)],
        "datetimeoffset" => Offset((DateTimeOffset)value),
        "uniqueidentifier" => ((Guid)value).ToByteArray(),
        "char" => Encoding.Latin1.GetBytes(((string)value).PadRight(Length)),
        "varchar" or "text" => Encoding.Latin1.GetBytes((string)value),
        "nchar" => Encoding.Unicode.GetBytes(((string)value).PadRight(Length)),
        "nvarchar" or "ntext" or "sysname" => Encoding.Unicode.GetBytes((string)value),
        "binary" => [.. (byte[])value, .. new byte[Length - ((byte[])value).Length]],
        _ => (byte[])value,
    };

    static long Integer(object value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);

    static byte[] Money(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)(value >> 32));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), (int)value);
        return bytes;
    }

    byte[] Decimal(object value)
    {
        var number = SqlDecimal.ConvertToPrecScale(value is SqlDecimal exact ? exact : new SqlDecimal(Convert.ToDecimal(value, CultureInfo.InvariantCulture)), Precision, Scale);
        var bytes = new byte[17];
        bytes[0] = number.IsPositive ? (byte)1 : (byte)0;
        var data = number.Data;
        for (var i = 0; i < 4; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1 + 4 * i), data[i]);
        return bytes;
    }

    static byte[] SmallDateTime(DateTime value)
    {
        var rounded = value.AddSeconds(30);
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(rounded.Date - new DateTime(1900, 1, 1)).Days);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)rounded.TimeOfDay.TotalMinutes);
        return bytes;
    }

    static byte[] LegacyDateTime(DateTime value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (value.Date - new DateTime(1900, 1, 1)).Days);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), (int)Math.Round(value.TimeOfDay.TotalMilliseconds * 3 / 10));
        return bytes;
    }

    static byte[] Days(int days) => [(byte)days, (byte)(days >> 8), (byte)(days >> 16)];

    byte[] Ticks(long ticks)
    {
        var unit = (long)BigInteger.Pow(10, 7 - Scale);
        var units = (ticks + unit / 2) / unit;     // a server rounds
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, units);
        return bytes[..(Scale <= 2 ? 3 : Scale <= 4 ? 4 : 5)];
    }

    byte[] Offset(DateTimeOffset value)
    {
        var utc = value.UtcDateTime;
        var minutes = (short)value.Offset.TotalMinutes;
        return [.. Ticks(utc.TimeOfDay.Ticks), .. Days(DateOnly.FromDateTime(utc).DayNumber), (byte)minutes, (byte)(minutes >> 8)];
    }
}
