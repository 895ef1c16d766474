using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CdcSync.Capture.Postgres;

/// <summary>A binary cell as PostgreSQL's own text (ISO dates, UTC).</summary>
static class PgText
{
    public static string Of(PostgresType type, ReadOnlySpan<byte> cell) => type.Kind switch
    {
        PgKind.Text or PgKind.Xml or PgKind.Json or PgKind.Enum => Encoding.UTF8.GetString(cell),
        PgKind.Jsonb or PgKind.Ltree => Encoding.UTF8.GetString(cell[1..]),
        PgKind.Bool => cell[0] != 0 ? "t" : "f",
        PgKind.Int2 => BinaryPrimitives.ReadInt16BigEndian(cell).ToString(CultureInfo.InvariantCulture),
        PgKind.Int4 => BinaryPrimitives.ReadInt32BigEndian(cell).ToString(CultureInfo.InvariantCulture),
        PgKind.Int8 => BinaryPrimitives.ReadInt64BigEndian(cell).ToString(CultureInfo.InvariantCulture),
        PgKind.Oid => BinaryPrimitives.ReadUInt32BigEndian(cell).ToString(CultureInfo.InvariantCulture),
        PgKind.Float4 => BinaryPrimitives.ReadSingleBigEndian(cell).ToString("R", CultureInfo.InvariantCulture),
        PgKind.Float8 => BinaryPrimitives.ReadDoubleBigEndian(cell).ToString("R", CultureInfo.InvariantCulture),
        PgKind.Numeric => new PgNumeric(cell).ToString(),
        PgKind.Money => (BinaryPrimitives.ReadInt64BigEndian(cell) / 100m).ToString("0.00", CultureInfo.InvariantCulture),
        PgKind.Uuid => new Guid(cell, bigEndian: true).ToString(),
        PgKind.Bytea => "\\x" + Convert.ToHexStringLower(cell),
        PgKind.Date => Date(BinaryPrimitives.ReadInt32BigEndian(cell)),
        PgKind.Time => Ascii(BinaryPrimitives.ReadInt64BigEndian(cell), (micros, output) => PgTime.WriteTime(micros, 6, trim: true, output)),
        PgKind.TimeTz => Ascii(BinaryPrimitives.ReadInt64BigEndian(cell), (micros, output) => PgTime.WriteTime(micros, 6, trim: true, output)) + Zone(BinaryPrimitives.ReadInt32BigEndian(cell[8..])),
        PgKind.Timestamp => Timestamp(BinaryPrimitives.ReadInt64BigEndian(cell), ""),
        PgKind.TimestampTz => Timestamp(BinaryPrimitives.ReadInt64BigEndian(cell), "+00"),
        PgKind.Interval => Interval(cell),
        PgKind.Bit or PgKind.VarBit => Bits(cell),
        PgKind.Inet or PgKind.Cidr => Network(cell),
        PgKind.MacAddr => string.Join(':', Convert.ToHexStringLower(cell).Chunk(2).Select(pair => new string(pair))),
        PgKind.Range => Range(type, cell),
        PgKind.Point => $"({Point(cell)},{Point(cell[8..])})",
        PgKind.TsVector => TsVector(cell),
        PgKind.TsQuery => TsQueryText.Of(cell),
        PgKind.Vector => Array(type, cell)[1..^1].Replace(',', ' '),
        PgKind.Line => $"{{{Points(cell, 3)}}}",
        PgKind.LineSegment => $"[{PointList(cell, 2)}]",
        PgKind.Box => PointList(cell, 2),
        PgKind.Circle => $"<({Points(cell, 2)}),{Point(cell[16..])}>",
        PgKind.Polygon => $"({PointList(cell[4..], BinaryPrimitives.ReadInt32BigEndian(cell))})",
        PgKind.Path when cell[0] != 0 => $"({PointList(cell[5..], BinaryPrimitives.ReadInt32BigEndian(cell[1..]))})",
        PgKind.Path => $"[{PointList(cell[5..], BinaryPrimitives.ReadInt32BigEndian(cell[1..]))}]",
        PgKind.Geometry or PgKind.Geography => Convert.ToHexString(cell),
        PgKind.Hstore => HstoreJson(cell),
        PgKind.Array => Array(type, cell),
        _ => throw new FormatException($"No reader for the binary form of {type.Name}"),
    };

    public static string Date(int days)
    {
        if (days == int.MaxValue) return "infinity";
        if (days == int.MinValue) return "-infinity";
        var unix = (long)days + PgTime.EpochDays;
        return Ascii(unix, (d, output) => PgTime.WriteDate(d, output, javaYear: false)) + Era(unix);
    }

    public static string Timestamp(long micros, string zone)
    {
        if (micros == long.MaxValue) return "infinity";
        if (micros == long.MinValue) return "-infinity";
        var day = PgTime.FloorDiv(micros, PgTime.MicrosPerDay);
        return Ascii(day + PgTime.EpochDays, (d, output) => PgTime.WriteDate(d, output, javaYear: false)) + " "
            + Ascii(micros - day * PgTime.MicrosPerDay, (m, output) => PgTime.WriteTime(m, 6, trim: true, output)) + zone + Era(day + PgTime.EpochDays);
    }

    static string Era(long unixDays) => PgTime.Civil(unixDays).Year <= 0 ? " BC" : "";

    static string Ascii(long value, Func<long, byte[], int> write)
    {
        var buffer = new byte[40];
        return Encoding.ASCII.GetString(buffer, 0, write(value, buffer));
    }

    // Seconds west of UTC.
    static string Zone(int west)
    {
        var east = Math.Abs(west);
        var text = $"{(west > 0 ? '-' : '+')}{east / 3600:00}";
        return east % 3600 == 0 ? text : $"{text}:{east / 60 % 60:00}";
    }

    static string Point(ReadOnlySpan<byte> cell) => BinaryPrimitives.ReadDoubleBigEndian(cell).ToString("R", CultureInfo.InvariantCulture);

    static string Points(ReadOnlySpan<byte> cell, int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) text.Append(i > 0 ? "," : "").Append(Point(cell[(i * 8)..]));
        return text.ToString();
    }

    static string PointList(ReadOnlySpan<byte> cell, int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) text.Append(i > 0 ? "," : "").Append('(').Append(Points(cell[(i * 16)..], 2)).Append(')');
        return text.ToString();
    }

    static string Interval(ReadOnlySpan<byte> cell)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(cell);
        int days = BinaryPrimitives.ReadInt32BigEndian(cell[8..]), months = BinaryPrimitives.ReadInt32BigEndian(cell[12..]);
        List<string> parts = [];
        void Part(int count, string unit)
        {
            if (count != 0) parts.Add($"{count} {unit}{(count == 1 ? "" : "s")}");
        }
        Part(months / 12, "year");
        Part(months % 12, "mon");
        Part(days, "day");
        if (micros != 0 || parts.Count == 0)
        {
            var size = Math.Abs(micros);
            var hours = size / 3_600_000_000;
            var rest = Ascii(size % 3_600_000_000, (m, output) => PgTime.WriteTime(m, 6, trim: true, output));
            parts.Add($"{(micros < 0 ? "-" : "")}{hours:00}{rest[2..]}");
        }
        return string.Join(' ', parts);
    }

    static string Bits(ReadOnlySpan<byte> cell)
    {
        var text = new char[BinaryPrimitives.ReadInt32BigEndian(cell)];
        for (var i = 0; i < text.Length; i++) text[i] = (cell[4 + i / 8] >> (7 - i % 8) & 1) != 0 ? '1' : '0';
        return new string(text);
    }

    static string Network(ReadOnlySpan<byte> cell)
    {
        // family, prefix length, is cidr, address length, address
        var address = new IPAddress(cell[4..]);
        var whole = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        return cell[2] != 0 || cell[1] != whole ? $"{address}/{cell[1]}" : address.ToString();
    }

    static string Range(PostgresType type, ReadOnlySpan<byte> cell)
    {
        var flags = cell[0];
        if ((flags & 1) != 0) return "empty";
        var rest = cell[1..];
        var text = new StringBuilder((flags & 2) != 0 ? "[" : "(");
        if ((flags & 8) == 0) rest = Bound(type.Element!, rest, text);
        text.Append(',');
        if ((flags & 16) == 0) Bound(type.Element!, rest, text);
        return text.Append((flags & 4) != 0 ? ']' : ')').ToString();
    }

    static ReadOnlySpan<byte> Bound(PostgresType element, ReadOnlySpan<byte> rest, StringBuilder text)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        text.Append(Quoted(Of(element, rest.Slice(4, length)), "()[],\"\\ ", '"'));
        return rest[(4 + length)..];
    }

    static string Quoted(string text, string special, char quote)
    {
        if (text.Length > 0 && text.AsSpan().IndexOfAny(special) < 0) return text;
        return $"{quote}{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}{quote}";
    }

    static string TsVector(ReadOnlySpan<byte> cell)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(cell);
        var rest = cell[4..];
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var end = rest.IndexOf((byte)0);
            var lexeme = Encoding.UTF8.GetString(rest[..end]).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);
            var positions = BinaryPrimitives.ReadUInt16BigEndian(rest[(end + 1)..]);
            rest = rest[(end + 3)..];
            text.Append(i == 0 ? "" : " ").Append('\'').Append(lexeme).Append('\'');
            for (var p = 0; p < positions; p++, rest = rest[2..])
            {
                var packed = BinaryPrimitives.ReadUInt16BigEndian(rest);
                text.Append(p == 0 ? ':' : ',').Append(packed & 0x3fff);
                if (packed >> 14 is var weight and > 0) text.Append(" CBA"[weight]);
            }
        }
        return text.ToString();
    }

    // Debezium's default form of an hstore.
    static string HstoreJson(ReadOnlySpan<byte> cell)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(cell);
        var rest = cell[4..];
        var text = new StringBuilder("{");
        for (var i = 0; i < count; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(PgJson.Quote(Sized(ref rest)!)).Append(':');
            text.Append(Sized(ref rest) is { } value ? PgJson.Quote(value) : "null");
        }
        return text.Append('}').ToString();
    }

    /// <summary>A text behind its length; null for a negative one.</summary>
    public static string? Sized(ref ReadOnlySpan<byte> rest)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        rest = rest[4..];
        if (length < 0) return null;
        var text = Encoding.UTF8.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }

    static string Array(PostgresType type, ReadOnlySpan<byte> cell)
    {
        var dimensions = BinaryPrimitives.ReadInt32BigEndian(cell);
        if (dimensions == 0) return "{}";
        if (dimensions is < 0 or > 6) throw new FormatException($"An array of {dimensions} dimensions");
        var sizes = new int[dimensions];
        for (var i = 0; i < dimensions; i++) sizes[i] = BinaryPrimitives.ReadInt32BigEndian(cell[(12 + i * 8)..]);
        var text = new StringBuilder();
        ArrayLevel(type.Element!, sizes, 0, cell[(12 + dimensions * 8)..], text);
        return text.ToString();
    }

    static ReadOnlySpan<byte> ArrayLevel(PostgresType element, int[] sizes, int level, ReadOnlySpan<byte> rest, StringBuilder text)
    {
        text.Append('{');
        for (var i = 0; i < sizes[level]; i++)
        {
            if (i > 0) text.Append(',');
            if (level < sizes.Length - 1)
            {
                rest = ArrayLevel(element, sizes, level + 1, rest, text);
                continue;
            }
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            if (length < 0)
            {
                text.Append("NULL");
                continue;
            }
            var item = Of(element, rest[..length]);
            text.Append(item.Equals("NULL", StringComparison.OrdinalIgnoreCase) ? "\"" + item + "\"" : Quoted(item, "{},\"\\ ", '"'));
            rest = rest[length..];
        }
        text.Append('}');
        return rest;
    }
}
