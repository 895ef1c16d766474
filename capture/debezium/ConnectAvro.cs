using System.Globalization;
using System.Text;
using CdcSync.Capture.Postgres;

namespace CdcSync.Capture.Debezium;

/// <summary>A Connect schema as Confluent's AvroData 7.9 writes it, text for text: same properties in the same order, each named record spelled out once.</summary>
sealed class ConnectAvro
{
    readonly HashSet<string> _written = [];

    ConnectAvro()
    {
    }

    /// <summary>The schema's JSON.</summary>
    public static string Text(ConnectSchema schema) => new ConnectAvro().Union(schema, "");

    /// <summary>One field's JSON.</summary>
    public static string Text(ConnectField field) => new ConnectAvro().Field(field, "");

    string Field(ConnectField field, string scope)
    {
        var @default = field.Schema switch
        {
            { Default: { } value } => $",\"default\":{Default(field.Schema, value)}",
            { Optional: true } => ",\"default\":null",
            _ => "",
        };
        return $$"""{"name":{{PgJson.Quote(AvroNames.Part(field.Name))}},"type":{{Union(field.Schema, scope)}}{{@default}}}""";
    }

    string Union(ConnectSchema schema, string scope) => schema switch
    {
        { Optional: false } => Type(schema, scope),
        { Default: null } => $"[\"null\",{Type(schema, scope)}]",
        _ => $"[{Type(schema, scope)},\"null\"]",
    };

    string Type(ConnectSchema schema, string scope) => schema.Kind switch
    {
        ConnectKind.Struct => Record(schema, scope),
        ConnectKind.Array => $$"""{"type":"array","items":{{Union(schema.Items!, scope)}}{{Properties(schema)}}}""",
        ConnectKind.Map => $$"""{"type":"map","values":{{Union(schema.Items!, scope)}}{{Properties(schema)}}}""",
        _ => Primitive(schema),
    };

    string Record(ConnectSchema schema, string scope)
    {
        var full = FullName(schema);
        var dot = full.LastIndexOf('.');
        var (space, name) = dot < 0 ? ("", full) : (full[..dot], full[(dot + 1)..]);
        if (!_written.Add(full)) return $"\"{(space == scope ? name : full)}\"";
        var text = new StringBuilder($"{{\"type\":\"record\",\"name\":\"{name}\"");
        if (space != scope) text.Append(CultureInfo.InvariantCulture, $",\"namespace\":\"{space}\"");
        text.Append(",\"fields\":[").AppendJoin(',', schema.Fields.Select(f => Field(f, space))).Append(']');
        return text.Append(Properties(schema with { Name = full })).Append('}').ToString();
    }

    // Debezium's adjustment "avro", whatever is set: other names cannot be registered.
    static string FullName(ConnectSchema schema) => AvroNames.Namespace(schema.Name ?? "io.confluent.connect.avro.ConnectDefault");

    static string Primitive(ConnectSchema schema)
    {
        var (first, last) = Logical(schema);
        var properties = Properties(schema);
        return properties.Length + first.Length + last.Length == 0 ? $"\"{Word(schema.Kind)}\"" : $$"""{"type":"{{Word(schema.Kind)}}"{{first}}{{properties}}{{last}}}""";
    }

    static string Properties(ConnectSchema schema)
    {
        var text = new StringBuilder();
        if (schema.Doc is not null) text.Append(CultureInfo.InvariantCulture, $",\"connect.doc\":{PgJson.Quote(schema.Doc)}");
        if (schema.Version is { } version) text.Append(CultureInfo.InvariantCulture, $",\"connect.version\":{version}");
        if (schema.Parameters.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $",\"connect.parameters\":{{{string.Join(',', schema.Parameters.Select(p => $"{PgJson.Quote(p.Name)}:{PgJson.Quote(p.Value)}"))}}}");
        if (schema.Default is { } value) text.Append(CultureInfo.InvariantCulture, $",\"connect.default\":{Default(schema, value)}");
        if (schema.Name is not null) text.Append(CultureInfo.InvariantCulture, $",\"connect.name\":{PgJson.Quote(schema.Name)}");
        return text.ToString();
    }

    static string Default(ConnectSchema schema, ReadOnlySpan<byte> avro) => ConnectJson.Text(schema, avro, latin: true);

    static string Word(ConnectKind kind) => kind switch
    {
        ConnectKind.Boolean => "boolean",
        ConnectKind.Int8 or ConnectKind.Int16 or ConnectKind.Int32 => "int",
        ConnectKind.Int64 => "long",
        ConnectKind.Float32 => "float",
        ConnectKind.Float64 => "double",
        ConnectKind.Bytes => "bytes",
        _ => "string",
    };

    static (string First, string Last) Logical(ConnectSchema schema) => schema switch
    {
        { Name: ConnectNames.Decimal } => Decimal(schema),
        { Name: ConnectNames.Date } => ("", ",\"logicalType\":\"date\""),
        { Name: ConnectNames.Time } => ("", ",\"logicalType\":\"time-millis\""),
        { Name: ConnectNames.Timestamp } => ("", ",\"logicalType\":\"timestamp-millis\""),
        { Kind: ConnectKind.Int8 } => ("", ",\"connect.type\":\"int8\""),
        { Kind: ConnectKind.Int16 } => ("", ",\"connect.type\":\"int16\""),
        _ => ("", ""),
    };

    static (string First, string Last) Decimal(ConnectSchema schema)
    {
        int Number(string name, int otherwise) => schema.Parameters.FirstOrDefault(p => p.Name == name).Value is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        var (scale, precision) = (Number("scale", 0), Number("connect.decimal.precision", 64));
        return ($",\"scale\":{scale},\"precision\":{precision}", scale >= 0 && scale <= precision ? ",\"logicalType\":\"decimal\"" : "");
    }
}

/// <summary>Names of schemas that the converters treat in a way of their own.</summary>
static class ConnectNames
{
    public const string Decimal = "org.apache.kafka.connect.data.Decimal", Date = "org.apache.kafka.connect.data.Date", Time = "org.apache.kafka.connect.data.Time",
        Timestamp = "org.apache.kafka.connect.data.Timestamp";
}
