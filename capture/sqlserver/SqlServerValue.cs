using System.Buffers.Binary;
using System.Data;
using System.Data.SqlTypes;
using System.Globalization;
using System.Text;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>A cell as a CLR value, as text, and as a parameter.</summary>
static class SqlServerValue
{
    public static object Decode(SqlServerType type, ReadOnlySpan<byte> cell) => type.Kind switch
    {
        SqlKind.Bit => cell[0] != 0,
        SqlKind.TinyInt or SqlKind.SmallInt => (short)BinaryPrimitives.ReadInt64BigEndian(cell),
        SqlKind.Int => (int)BinaryPrimitives.ReadInt64BigEndian(cell),
        SqlKind.BigInt => BinaryPrimitives.ReadInt64BigEndian(cell),
        SqlKind.Real => BinaryPrimitives.ReadSingleBigEndian(cell),
        SqlKind.Float => BinaryPrimitives.ReadDoubleBigEndian(cell),
        SqlKind.Decimal => Decimal(cell, type.Scale),
        SqlKind.Text => Encoding.UTF8.GetString(cell),
        SqlKind.Guid => new Guid(cell, bigEndian: true),
        SqlKind.Date => DateOnly.FromDayNumber(BinaryPrimitives.ReadInt32BigEndian(cell) + 719162),
        SqlKind.Time => new TimeOnly(BinaryPrimitives.ReadInt64BigEndian(cell)),
        SqlKind.DateTime => new DateTime(BinaryPrimitives.ReadInt64BigEndian(cell), DateTimeKind.Unspecified),
        SqlKind.DateTimeOffset => new DateTime(BinaryPrimitives.ReadInt64BigEndian(cell) - BinaryPrimitives.ReadInt16BigEndian(cell[8..]) * TimeSpan.TicksPerMinute, DateTimeKind.Utc),
        SqlKind.Bytes or SqlKind.Geography or SqlKind.Geometry => cell.ToArray(),
        _ => throw new FormatException($"CdcSync cannot read type {type.Name}"),
    };

    // 38 digits are more than a decimal holds: what does not fit is said, not rounded.
    static decimal Decimal(ReadOnlySpan<byte> cell, int scale)
    {
        var unscaled = BinaryPrimitives.ReadInt128BigEndian(cell);
        try
        {
            return scale <= 28 ? (decimal)unscaled / Power(scale) : throw new OverflowException();
        }
        catch (OverflowException tooLarge)
        {
            throw new FormatException($"{DecimalText(unscaled, scale)} has more digits than a number of 28", tooLarge);
        }
    }

    static decimal Power(int scale)
    {
        var power = 1m;
        for (; scale > 0; scale--) power *= 10;
        return power;
    }

    /// <summary>With as many digits after the point as the scale has.</summary>
    public static string DecimalText(Int128 unscaled, int scale)
    {
        var digits = Int128.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var text = scale == 0 ? digits : $"{digits[..^scale]}.{digits[^scale..]}";
        return unscaled < 0 ? "-" + text : text;
    }

    /// <summary>A key's value as text that <see cref="Parameter"/> reads.</summary>
    public static string Text(SqlServerType type, ReadOnlySpan<byte> cell) => type.Kind switch
    {
        SqlKind.Decimal => DecimalText(BinaryPrimitives.ReadInt128BigEndian(cell), type.Scale),
        SqlKind.DateTimeOffset => new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(cell), TimeSpan.FromMinutes(BinaryPrimitives.ReadInt16BigEndian(cell[8..]))).ToString("O", CultureInfo.InvariantCulture),
        SqlKind.Bytes => Convert.ToHexString(cell),
        _ => Decode(type, cell) switch
        {
            IFormattable time when type.Kind is SqlKind.Date or SqlKind.Time or SqlKind.DateTime => time.ToString("O", CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            float number => number.ToString("R", CultureInfo.InvariantCulture),
            var other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
        },
    };

    /// <summary>A parameter of the column's own type, so that the server compares without converting the column.</summary>
    public static SqlParameter Parameter(string name, SqlServerType type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        return type.BaseName switch
        {
            "bit" => new(name, SqlDbType.Bit) { Value = bool.Parse(text) },
            "tinyint" => new(name, SqlDbType.TinyInt) { Value = byte.Parse(text, culture) },
            "smallint" => new(name, SqlDbType.SmallInt) { Value = short.Parse(text, culture) },
            "int" => new(name, SqlDbType.Int) { Value = int.Parse(text, culture) },
            "bigint" => new(name, SqlDbType.BigInt) { Value = long.Parse(text, culture) },
            "real" => new(name, SqlDbType.Real) { Value = float.Parse(text, culture) },
            "float" => new(name, SqlDbType.Float) { Value = double.Parse(text, culture) },
            "decimal" or "numeric" or "money" or "smallmoney" => new(name, SqlDbType.Decimal) { Precision = (byte)type.Precision, Scale = (byte)type.Scale, SqlValue = SqlDecimal.Parse(text) },
            "uniqueidentifier" => new(name, SqlDbType.UniqueIdentifier) { Value = Guid.Parse(text) },
            "date" => new(name, SqlDbType.Date) { Value = DateTime.Parse(text, culture) },
            "time" => new(name, SqlDbType.Time) { Value = TimeSpan.Parse(text, culture), Scale = (byte)type.Scale },
            "datetime" => new(name, SqlDbType.DateTime) { Value = DateTime.Parse(text, culture) },
            "smalldatetime" => new(name, SqlDbType.SmallDateTime) { Value = DateTime.Parse(text, culture) },
            "datetime2" => new(name, SqlDbType.DateTime2) { Value = DateTime.Parse(text, culture), Scale = (byte)type.Scale },
            "datetimeoffset" => new(name, SqlDbType.DateTimeOffset) { Value = DateTimeOffset.Parse(text, culture), Scale = (byte)type.Scale },
            "char" => new(name, SqlDbType.Char, type.MaxLength) { Value = text },
            "varchar" => new(name, SqlDbType.VarChar, type.MaxLength) { Value = text },
            "binary" or "varbinary" or "timestamp" or "hierarchyid" => new(name, SqlDbType.VarBinary, Math.Max(type.MaxLength, 8)) { Value = Convert.FromHexString(text) },
            _ => new(name, SqlDbType.NVarChar, Math.Max(type.MaxLength / 2, text.Length)) { Value = text },
        };
    }
}
