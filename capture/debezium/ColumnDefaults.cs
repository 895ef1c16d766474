using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Columns' defaults as their schemas say them: constants, and the type's zero for what a function makes. Other expressions, and other types, have none.</summary>
static partial class ColumnDefaults
{
    static readonly HashSet<string> WithDefaults =
    [
        "bit", "varbit", "bool", "bpchar", "varchar", "text", "numeric", "float4", "float8", "int2", "int4", "int8", "json", "jsonb", "xml", "uuid", "date", "time", "timestamp", "timestamptz", "interval",
    ];

    public static byte[]? Of(PostgresColumn column, TypeShape type, bool exact)
    {
        if (type.Schema.Kind is ConnectKind.Struct or ConnectKind.Array or ConnectKind.Map) return null;
        if (column.Type.IsDomain || (column.Type.Kind != PgKind.Enum && !WithDefaults.Contains(NativeName(column.Type)))) return null;
        if (column.Default.Constant is { } constant)
        {
            var (accepted, bytes) = (false, Array.Empty<byte>());
            // char(n) as it was written, without the blanks it is stored with.
            ReadOnlySpan<byte> value = NativeName(column.Type) == "bpchar" ? constant.AsSpan().TrimEnd((byte)' ') : constant;
            var kept = value.ToArray();
            // Debezium leaves an enum's quotes as the catalogue has them.
            if (column.Type.Kind == PgKind.Enum && !exact) kept = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(kept).Replace("'", "''", StringComparison.Ordinal));
            bytes = AvroForm.Of(o => accepted = type.Write(kept, o));
            return accepted ? bytes : null;
        }
        if (column.Default.Expression is not { } text) return null;
        if (Function().IsMatch(text)) return Zero(type.Schema, column.Type);
        return exact || text.StartsWith("NULL", StringComparison.Ordinal) ? null : Misread(column.Type, text);
    }

    // Of an expression Debezium takes the first literal, else all of it, as text; what is not "true" as false.
    static byte[]? Misread(PostgresType type, string text) => type.Kind switch
    {
        PgKind.Bool => [0],
        PgKind.Text or PgKind.Json or PgKind.Jsonb or PgKind.Xml => AvroForm.Of(o => o.WriteString(Literal().Match(text) is { Success: true } match ? match.Groups["text"].Value : text)),
        _ => null,
    };

    [GeneratedRegex("'(?<text>.*?)'", RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Literal();

    // f(...) and the words that are functions without brackets.
    [GeneratedRegex(@"^\(?(?:[A-Za-z0-9_.""]+\(.*\)|(?:CURRENT_(?:DATE|TIME|TIMESTAMP)|LOCALTIME(?:STAMP)?)(?:\(\d\))?\)?$)", RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Function();

    /// <summary>What stands for a value where there must be one.</summary>
    public static byte[] Zero(ConnectSchema schema, PostgresType? type = null) => AvroForm.Of(output =>
    {
        switch (schema)
        {
            case { Kind: ConnectKind.Float32 }:
                output.WriteFloat(0);
                break;
            case { Kind: ConnectKind.Float64 }:
                output.WriteDouble(0);
                break;
            case { Name: ConnectNames.Decimal }:
                output.WriteBytes([0]);
                break;
            case { Kind: ConnectKind.Struct }:
                foreach (var field in schema.Fields) output.Write(field.Schema.Optional ? [field.Schema.Absent] : Zero(field.Schema));
                break;
            case { Kind: ConnectKind.String }:
                output.WriteString(ZeroText(schema, type));
                break;
            default:
                output.WriteLong(0);
                break;
        }
    });

    static string ZeroText(ConnectSchema schema, PostgresType? type) => schema.Name switch
    {
        "io.debezium.time.ZonedTimestamp" when type is { SecondDigits: > 0 and var digits } => $"1970-01-01T00:00:00.{new string('0', digits)}Z",
        "io.debezium.time.ZonedTimestamp" => "1970-01-01T00:00:00Z",
        "io.debezium.time.ZonedTime" => "00:00:00Z",
        "io.debezium.time.IsoTimestamp" => "1970-01-01T00:00:00Z",
        "io.debezium.time.IsoDate" => "1970-01-01Z",
        "io.debezium.time.IsoTime" => "00:00:00Z",
        "io.debezium.data.Json" => "{}",
        "io.debezium.data.Uuid" when type is not null => "00000000-0000-0000-0000-000000000000",
        _ => type?.Kind == PgKind.Numeric ? "0.0" : "",
    };

    /// <summary>The catalogue's name of a type, as Debezium sees it: <c>varchar</c> where people write <c>character varying</c>.</summary>
    public static string NativeName(PostgresType type) => type.Kind switch
    {
        PgKind.Bool => "bool",
        PgKind.Int2 => "int2",
        PgKind.Int4 => "int4",
        PgKind.Int8 => "int8",
        PgKind.Float4 => "float4",
        PgKind.Float8 => "float8",
        PgKind.Numeric => "numeric",
        PgKind.Bit => "bit",
        PgKind.VarBit => "varbit",
        PgKind.Time => "time",
        PgKind.TimeTz => "timetz",
        PgKind.Timestamp => "timestamp",
        PgKind.TimestampTz => "timestamptz",
        PgKind.Interval => "interval",
        PgKind.Array => "_" + NativeName(type.Element!),
        PgKind.Text when type.Name.StartsWith("character varying", StringComparison.Ordinal) => "varchar",
        PgKind.Text when type.Name.StartsWith("character", StringComparison.Ordinal) || type.Name == "bpchar" => "bpchar",
        _ => type.Name.Split('(')[0].Split('.')[^1].Trim('"'),
    };
}
