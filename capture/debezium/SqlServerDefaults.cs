using System.Buffers.Binary;
using System.Data.SqlTypes;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>A column's default: from SQL Server's text of it to a cell, where it is a constant.</summary>
static partial class SqlServerDefaults
{
    /// <summary>The default as the schema says it; null for none. A function's is the type's zero where the column is required.</summary>
    public static byte[]? Of(SqlServerColumn column, TypeShape type)
    {
        if (column.Default is null || type.Schema.Kind == ConnectKind.Struct) return null;
        if (Cell(column) is { } cell) return AvroForm.Of(o => type.Write(cell, o));
        return column.Nullable || Constant(column.Default) is "NULL" ? null : type.Zero;
    }

    /// <summary>The constant in the form of the column's cells; null when it is none.</summary>
    public static byte[]? Cell(SqlServerColumn column)
    {
        if (column.Default is null || Constant(column.Default) is not { } text || text.Equals("NULL", StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            return Cell(column.Type, text);
        }
        catch (Exception other) when (other is FormatException or OverflowException or ArgumentException or SqlTypeException)
        {
            return null;    // a function, or a constant that only the server can convert
        }
    }

    // ((1)), (N'abc'), ('2019-01-01'), (0x01): the parentheses are the server's own.
    static string Constant(string definition)
    {
        var text = definition.Trim();
        while (text.StartsWith('(') && text.EndsWith(')')) text = text[1..^1].Trim();
        return text;
    }

    static byte[] Cell(SqlServerType type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        var plain = Unquote(text);
        switch (type.Kind)
        {
            case SqlKind.Bit: return [plain is "1" or "true" or "True" ? (byte)1 : plain is "0" or "false" or "False" ? (byte)0 : throw new FormatException()];
            case SqlKind.TinyInt or SqlKind.SmallInt or SqlKind.Int or SqlKind.BigInt: return Long((long)decimal.Parse(plain, NumberStyles.Float, culture));
            case SqlKind.Real:
                var single = new byte[4];
                BinaryPrimitives.WriteSingleBigEndian(single, float.Parse(plain, culture));
                return single;
            case SqlKind.Float:
                var twice = new byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(twice, double.Parse(plain, culture));
                return twice;
            case SqlKind.Decimal: return Unscaled(plain, type.Scale);
            case SqlKind.Text when Quoted().IsMatch(text): return Encoding.UTF8.GetBytes(plain);
            case SqlKind.Guid when Quoted().IsMatch(text):
                var id = new byte[16];
                Guid.Parse(plain).TryWriteBytes(id, bigEndian: true, out _);
                return id;
            case SqlKind.Bytes when text.StartsWith("0x", StringComparison.OrdinalIgnoreCase): return Convert.FromHexString(text.AsSpan(2));
            case SqlKind.Date when Quoted().IsMatch(text):
                var day = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(day, DateOnly.FromDateTime(DateTime.Parse(plain, culture)).DayNumber - 719162);
                return day;
            case SqlKind.Time when Quoted().IsMatch(text): return Long(Cut(DateTime.Parse(plain, culture).TimeOfDay.Ticks, type.Scale));
            case SqlKind.DateTime when Quoted().IsMatch(text): return Long(Moment(type, DateTime.Parse(plain, culture)));
            case SqlKind.DateTimeOffset when Quoted().IsMatch(text):
                var time = DateTimeOffset.Parse(plain, culture, DateTimeStyles.AssumeUniversal);
                var cell = new byte[10];
                BinaryPrimitives.WriteInt64BigEndian(cell, Cut(time.Ticks, type.Scale));
                BinaryPrimitives.WriteInt16BigEndian(cell.AsSpan(8), (short)time.Offset.TotalMinutes);
                return cell;
            default: throw new FormatException();
        }
    }

    static long Moment(SqlServerType type, DateTime time) => type.BaseName switch
    {
        "smalldatetime" => time.AddSeconds(30).Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute,
        "datetime" => time.Date.Ticks + (long)(Math.Round(time.TimeOfDay.TotalMilliseconds * 0.3) / 0.3 + 0.5) * TimeSpan.TicksPerMillisecond,     // 300 ticks a second
        _ => Cut(time.Ticks, type.Scale),
    };

    static long Cut(long ticks, int scale)
    {
        for (var unit = 10_000_000L; ; unit /= 10, scale--)
            if (scale == 0) return ticks / unit * unit;
    }

    static byte[] Unscaled(string text, int scale)
    {
        var number = SqlDecimal.AdjustScale(SqlDecimal.Parse(text), scale - SqlDecimal.Parse(text).Scale, fRound: true);
        var data = number.Data;
        var magnitude = new UInt128((ulong)(uint)data[3] << 32 | (uint)data[2], (ulong)(uint)data[1] << 32 | (uint)data[0]);
        var cell = new byte[16];
        BinaryPrimitives.WriteInt128BigEndian(cell, number.IsPositive ? (Int128)magnitude : -(Int128)magnitude);
        return cell;
    }

    static byte[] Long(long value)
    {
        var cell = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(cell, value);
        return cell;
    }

    static string Unquote(string text) => Quoted().Match(text) is { Success: true } quoted ? quoted.Groups["text"].Value.Replace("''", "'", StringComparison.Ordinal) : text;

    /// <summary>Writes what stands for a value where there must be one.</summary>
    public static void WriteZero(SqlServerType type, CellWriter write, LogBatch output)
    {
        if (type.Kind == SqlKind.Guid) output.WriteString("");
        else write(Zero(type), output);
    }

    static byte[] Zero(SqlServerType type) => type.Kind switch
    {
        SqlKind.Bit => [0],
        SqlKind.Real or SqlKind.Date => new byte[4],
        SqlKind.Decimal or SqlKind.Guid => new byte[16],
        SqlKind.Text or SqlKind.Bytes or SqlKind.Unknown => [],
        SqlKind.DateTime => Long(DateTime.UnixEpoch.Ticks),
        SqlKind.DateTimeOffset => [.. Long(DateTime.UnixEpoch.Ticks), 0, 0],
        SqlKind.Geography or SqlKind.Geometry => new byte[4],
        _ => new byte[8],
    };

    [GeneratedRegex("^N?'(?<text>.*)'$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Quoted();
}
