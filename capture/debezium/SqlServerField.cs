using System.Text;
using CdcSync.Capture.SqlServer;

namespace CdcSync.Capture.Debezium;

/// <summary>How a SQL Server column looks in Avro under the settings: Debezium's schema of it as Confluent's AvroData writes it.</summary>
/// <param name="Avro">The primitive; a record's name for <paramref name="Record"/>.</param>
/// <param name="Name">Connect's logical name.</param>
/// <param name="Parameters">Its parameters, JSON.</param>
/// <param name="First">Properties before Connect's.</param>
/// <param name="Last">Properties after Connect's.</param>
/// <param name="Record">The record's own JSON, where it is one.</param>
sealed record SqlServerField(string Avro, string? Name = null, string? Parameters = null, string First = "", string Last = "", string? Record = null)
{
    const string Time = "io.debezium.time.", Connect = "org.apache.kafka.connect.data.";

    public static SqlServerField Of(SqlServerType type, SqlServerSettings settings) => type.Kind switch
    {
        SqlKind.Bit => new("boolean"),
        SqlKind.TinyInt or SqlKind.SmallInt => new("int", Last: ",\"connect.type\":\"int16\""),
        SqlKind.Int => new("int"),
        SqlKind.BigInt => new("long"),
        SqlKind.Real => new("float"),
        SqlKind.Float => new("double"),
        SqlKind.Decimal => settings.Records.Decimals switch
        {
            DecimalMode.Double => new("double"),
            DecimalMode.String => new("string"),
            _ => new("bytes", Connect + "Decimal", $$"""{"scale":"{{type.Scale}}","connect.decimal.precision":"{{type.Precision}}"}""", $",\"scale\":{type.Scale},\"precision\":{type.Precision}", ",\"logicalType\":\"decimal\""),
        },
        SqlKind.Bytes => new(settings.Records.Binary == BinaryMode.Bytes ? "bytes" : "string"),
        SqlKind.Date => Date(settings.Records.Times),
        SqlKind.Time => TimeOfDay(type.Scale, settings.Records.Times),
        SqlKind.DateTime => DateTime(type.Scale, settings.Records.Times),
        SqlKind.DateTimeOffset => settings.Records.Times == TimeMode.Structured ? Structured(StructuredTimes.ZonedTimestamp) : new("string", Time + "ZonedTimestamp"),
        SqlKind.Geography => Shape("Geography", "A Geography"),
        SqlKind.Geometry => Shape("Geometry", "A Geometry"),
        _ => new("string"),
    };

    static SqlServerField Date(TimeMode mode) => mode switch
    {
        TimeMode.Connect => new("int", Connect + "Date", Last: ",\"logicalType\":\"date\""),
        TimeMode.IsoString => new("string", Time + "IsoDate"),
        TimeMode.Structured => Structured(StructuredTimes.Date),
        _ => new("int", Time + "Date"),
    };

    static SqlServerField TimeOfDay(int scale, TimeMode mode) => mode switch
    {
        TimeMode.Connect => new("int", Connect + "Time", Last: ",\"logicalType\":\"time-millis\""),
        TimeMode.IsoString => new("string", Time + "IsoTime"),
        TimeMode.Structured => Structured(StructuredTimes.Time),
        TimeMode.Microseconds or TimeMode.AdaptiveTimeMicroseconds => new("long", Time + "MicroTime"),
        TimeMode.Nanoseconds => new("long", Time + "NanoTime"),
        _ => scale <= 3 ? new("int", Time + "Time") : new("long", Time + (scale <= 6 ? "MicroTime" : "NanoTime")),
    };

    static SqlServerField DateTime(int scale, TimeMode mode) => mode switch
    {
        TimeMode.Connect => new("long", Connect + "Timestamp", Last: ",\"logicalType\":\"timestamp-millis\""),
        TimeMode.IsoString => new("string", Time + "IsoTimestamp"),
        TimeMode.Structured => Structured(StructuredTimes.Timestamp),
        TimeMode.Microseconds => new("long", Time + "MicroTimestamp"),
        TimeMode.Nanoseconds => new("long", Time + "NanoTimestamp"),
        _ => new("long", Time + (scale <= 3 ? "Timestamp" : scale <= 6 ? "MicroTimestamp" : "NanoTimestamp")),
    };

    static SqlServerField Structured(ConnectSchema schema) => new(schema.Name!, Record: ConnectAvro.Text(schema));

    static SqlServerField Shape(string name, string doc) => new($"io.debezium.data.geometry.{name}", Record:
        $$"""{"type":"record","name":"{{name}}","namespace":"io.debezium.data.geometry","fields":[{"name":"wkb","type":"bytes"},{"name":"srid","type":["null","int"],"default":null}],"connect.doc":"{{doc}}","connect.version":1,"connect.name":"io.debezium.data.geometry.{{name}}"}""");

    /// <summary>The type's JSON. A record is spelled out once a schema (<paramref name="named"/>) and then named.</summary>
    public string Json(string? @default, HashSet<string> named)
    {
        if (Record is not null) return named.Add(Avro) ? Record : $"\"{Avro}\"";
        if (Name is null && @default is null && First.Length == 0 && Last.Length == 0) return $"\"{Avro}\"";
        var text = new StringBuilder($$"""{"type":"{{Avro}}"{{First}}""");
        if (Name is not null) text.Append(",\"connect.version\":1");
        if (Parameters is not null) text.Append($",\"connect.parameters\":{Parameters}");
        if (@default is not null) text.Append($",\"connect.default\":{@default}");
        if (Name is not null) text.Append($",\"connect.name\":\"{Name}\"");
        return text.Append(Last).Append('}').ToString();
    }
}
