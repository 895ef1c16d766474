using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;

namespace CdcSync.Capture.Debezium;

/// <summary>A column's Avro type as Confluent's AvroData writes Debezium's schema of it: same properties in the same order.</summary>
/// <param name="Avro">The primitive.</param>
/// <param name="Name">Connect's logical name.</param>
/// <param name="Parameters">Its parameters, JSON.</param>
/// <param name="First">Properties before Connect's.</param>
/// <param name="Last">Properties after Connect's.</param>
sealed record ConnectType(string Avro, string? Name = null, string? Parameters = null, string First = "", string Last = "")
{
    const string VariableScaleDecimal = "io.debezium.data.VariableScaleDecimal", PointName = "io.debezium.data.geometry.Point";

    /// <summary>The type's JSON. A record is spelled out once a schema (<paramref name="named"/>) and then named.</summary>
    public static string Json(PostgresType type, string? @default, HashSet<string> named) => type.Kind switch
    {
        PgKind.Array => $$"""{"type":"array","items":["null",{{Json(type.Element!, null, named)}}]}""",
        PgKind.Numeric when type.Digits is null => Record(named, VariableScaleDecimal, """
            {"type":"record","name":"VariableScaleDecimal","namespace":"io.debezium.data","fields":[{"name":"scale","type":"int"},{"name":"value","type":"bytes"}],"connect.doc":"Variable scaled decimal","connect.version":1,"connect.name":"io.debezium.data.VariableScaleDecimal"}
            """),
        PgKind.Point => Record(named, PointName, """
            {"type":"record","name":"Point","namespace":"io.debezium.data.geometry","fields":[{"name":"x","type":"double"},{"name":"y","type":"double"},{"name":"wkb","type":["null","bytes"],"default":null},{"name":"srid","type":["null","int"],"default":null}],"connect.doc":"Geometry (POINT)","connect.version":1,"connect.name":"io.debezium.data.geometry.Point"}
            """),
        _ => Of(type).Json(@default),
    };

    static string Record(HashSet<string> named, string name, string json) => named.Add(name) ? json : $"\"{name}\"";

    string Json(string? @default)
    {
        if (Name is null && @default is null && First.Length == 0 && Last.Length == 0) return $"\"{Avro}\"";
        var text = new StringBuilder($$"""{"type":"{{Avro}}"{{First}}""");
        if (Name is not null) text.Append(",\"connect.version\":1");
        if (Parameters is not null) text.Append($",\"connect.parameters\":{Parameters}");
        if (@default is not null) text.Append($",\"connect.default\":{@default}");
        if (Name is not null) text.Append($",\"connect.name\":\"{Name}\"");
        return text.Append(Last).Append('}').ToString();
    }

    static ConnectType Of(PostgresType type) => type.Kind switch
    {
        PgKind.Bool => new("boolean"),
        PgKind.Int2 => new("int", Last: ",\"connect.type\":\"int16\""),
        PgKind.Int4 => new("int"),
        PgKind.Int8 or PgKind.Oid => new("long"),
        PgKind.Float4 => new("float"),
        PgKind.Float8 => new("double"),
        PgKind.Numeric when type.Digits is { } digits => Decimal(digits.Scale, digits.Precision),
        PgKind.Money => Decimal(2, null),
        PgKind.Xml => new("string", "io.debezium.data.Xml"),
        PgKind.Json or PgKind.Jsonb or PgKind.Hstore => new("string", "io.debezium.data.Json"),
        PgKind.Uuid => new("string", "io.debezium.data.Uuid"),
        PgKind.Enum => new("string", "io.debezium.data.Enum", $"{{\"allowed\":{PgJson.Quote(string.Join(',', type.Labels ?? []))}}}"),
        PgKind.Ltree => new("string", "io.debezium.data.Ltree"),
        PgKind.TsVector => new("string", "io.debezium.data.Tsvector"),
        PgKind.Date => new("int", "io.debezium.time.Date"),
        PgKind.Time when type.SecondDigits <= 3 => new("int", "io.debezium.time.Time"),
        PgKind.Time => new("long", "io.debezium.time.MicroTime"),
        PgKind.TimeTz => new("string", "io.debezium.time.ZonedTime"),
        PgKind.Timestamp when type.SecondDigits <= 3 => new("long", "io.debezium.time.Timestamp"),
        PgKind.Timestamp => new("long", "io.debezium.time.MicroTimestamp"),
        PgKind.TimestampTz => new("string", "io.debezium.time.ZonedTimestamp"),
        PgKind.Interval => new("long", "io.debezium.time.MicroDuration"),
        PgKind.Bytea => new("bytes"),
        PgKind.Bit or PgKind.VarBit when type.Modifier == 1 => new("boolean"),
        PgKind.Bit or PgKind.VarBit => new("bytes", "io.debezium.data.Bits", $$"""{"length":"{{(type.Modifier > 0 ? type.Modifier : int.MaxValue)}}"}"""),
        _ => new("string"),
    };

    static ConnectType Decimal(int scale, int? precision) => new("bytes", "org.apache.kafka.connect.data.Decimal",
        precision is { } digits ? $$"""{"scale":"{{scale}}","connect.decimal.precision":"{{digits}}"}""" : $$"""{"scale":"{{scale}}"}""",
        $",\"scale\":{scale},\"precision\":{precision ?? 64}", scale >= 0 && scale <= (precision ?? 64) ? ",\"logicalType\":\"decimal\"" : "");

    /// <summary>The default as the schema writes it: the constant, or for a required column with a function the type's zero; null for none.</summary>
    public static string? Default(PostgresColumn column)
    {
        if (column.Type.Kind is PgKind.Array or PgKind.Point || column is { Type.Kind: PgKind.Numeric, Type.Digits: null }) return null;
        if (column.Default.Constant is { } cell) return ValueJson(column.Type, cell, latin: true);
        return column is { Default.Exists: true, Nullable: false } ? Zero(column.Type) : null;
    }

    static string Zero(PostgresType type) => Of(type) switch
    {
        { Avro: "boolean" } => "false",
        { Avro: "int" or "long" } => "0",
        { Avro: "float" or "double" } => "0.0",
        { Avro: "bytes", Name: "org.apache.kafka.connect.data.Decimal" } => "\"\\u0000\"",
        { Name: "io.debezium.time.ZonedTimestamp" } => "\"1970-01-01T00:00:00Z\"",
        { Name: "io.debezium.time.ZonedTime" } => "\"00:00:00Z\"",
        { Name: "io.debezium.data.Json" } => "\"{}\"",
        _ => "\"\"",
    };

    /// <summary>Writes the type's zero.</summary>
    public static void WriteZero(PostgresType type, EventLog.LogBatch output)
    {
        switch (Of(type))
        {
            case { Avro: "boolean" or "int" or "long" }:
                output.WriteLong(0);
                break;
            case { Avro: "float" }:
                output.WriteFloat(0);
                break;
            case { Avro: "double" }:
                output.WriteDouble(0);
                break;
            case var other when type.Kind == PgKind.Array || other is { Avro: "bytes", Name: not "org.apache.kafka.connect.data.Decimal" }:
                output.WriteLong(0);
                break;
            case { Avro: "bytes" }:
                output.WriteBytes([0]);
                break;
            case var _ when type.Kind == PgKind.Point:
                output.WriteDouble(0);
                output.WriteDouble(0);
                output.WriteLong(0);
                output.WriteLong(0);
                break;
            case var _ when type is { Kind: PgKind.Numeric, Digits: null }:
                output.WriteLong(0);
                output.WriteBytes([0]);
                break;
            default:
                output.WriteString(Zero(type).AsSpan().Trim('"'));
                break;
        }
    }

    /// <summary>A value in JSON: bytes as the schema's Latin-1 text, or as Connect's JSON converter writes them, in base 64.</summary>
    public static string ValueJson(PostgresType type, ReadOnlySpan<byte> cell, bool latin)
    {
        var target = new EventLog.LogBatch();
        target.Begin("", 0);
        if (!CellWriters.For(type)(cell, target)) return "null";
        target.BeginValue();
        target.End();
        var avro = target.Key(target.Entries[0]).Span;
        return Of(type).Avro switch
        {
            "boolean" => avro[0] != 0 ? "true" : "false",
            "int" or "long" => Long(ref avro).ToString(CultureInfo.InvariantCulture),
            "float" => BinaryPrimitives.ReadSingleLittleEndian(avro).ToString("R", CultureInfo.InvariantCulture),
            "double" => BinaryPrimitives.ReadDoubleLittleEndian(avro).ToString("R", CultureInfo.InvariantCulture),
            "bytes" when latin => Latin(Sized(avro)),
            "bytes" => $"\"{Convert.ToBase64String(Sized(avro))}\"",
            _ => PgJson.Quote(Encoding.UTF8.GetString(Sized(avro))),
        };
    }

    static ReadOnlySpan<byte> Sized(ReadOnlySpan<byte> avro)
    {
        var length = (int)Long(ref avro);
        return avro[..length];
    }

    static long Long(ref ReadOnlySpan<byte> avro)
    {
        ulong bits = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = avro[0];
            avro = avro[1..];
            bits |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return (long)(bits >> 1) ^ -(long)(bits & 1);
        }
    }

    // As Jackson writes it: control characters escaped, everything else raw.
    static string Latin(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("\"");
        foreach (var b in bytes)
            text.Append(b switch { (byte)'"' => "\\\"", (byte)'\\' => "\\\\", (byte)'\n' => "\\n", (byte)'\r' => "\\r", (byte)'\t' => "\\t", 8 => "\\b", 12 => "\\f", < 32 => $"\\u{b:X4}", _ => ((char)b).ToString() });
        return text.Append('"').ToString();
    }
}
