using System.Globalization;
using System.Text;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Debezium;

/// <summary>SQL Server's columns as Debezium publishes them.</summary>
sealed class SqlServerColumnTypes(RecordSettings settings) : IColumnTypes
{
    const string Time = "io.debezium.time.", Shapes = "io.debezium.data.geometry.";

    static readonly ConnectSchema Wkb = ConnectSchema.Of(ConnectKind.Bytes), Srid = ConnectSchema.Of(ConnectKind.Int32).AsOptional(), Text = ConnectSchema.Of(ConnectKind.String);
    static readonly ConnectSchema Geography = ConnectSchema.Struct(Shapes + "Geography", 1, new("wkb", Wkb), new("srid", Srid)) with { Doc = "A Geography" };
    static readonly ConnectSchema Geometry = ConnectSchema.Struct(Shapes + "Geometry", 1, new("wkb", Wkb), new("srid", Srid)) with { Doc = "A Geometry" };

    public TypeShape? Of(Column column) => Of(((SqlServerColumn)column).Type);

    TypeShape? Of(SqlServerType type)
    {
        if (type.Kind == SqlKind.Unknown) return null;
        var (schema, write) = (Schema(type), SqlServerCells.For(type, settings));
        return new(schema, write, type.IsLarge ? Placeholder(schema) : null)
        {
            WritesNearest = true, Zero = schema.Kind == ConnectKind.Struct ? null : AvroForm.Of(o => SqlServerDefaults.WriteZero(type, write, o)),
        };
    }

    // Of a shape its bytes, and no srid.
    byte[] Placeholder(ConnectSchema schema)
    {
        var unavailable = AvroForm.Of(o => o.WriteString(settings.UnavailableValue));
        return schema.Kind == ConnectKind.Struct ? [.. unavailable, 0] : unavailable;
    }

    ConnectSchema Schema(SqlServerType type) => type.Kind switch
    {
        SqlKind.Bit => ConnectSchema.Of(ConnectKind.Boolean),
        SqlKind.TinyInt or SqlKind.SmallInt => ConnectSchema.Of(ConnectKind.Int16),
        SqlKind.Int => ConnectSchema.Of(ConnectKind.Int32),
        SqlKind.BigInt => ConnectSchema.Of(ConnectKind.Int64),
        SqlKind.Real => ConnectSchema.Of(ConnectKind.Float32),
        SqlKind.Float => ConnectSchema.Of(ConnectKind.Float64),
        SqlKind.Decimal => settings.Decimals switch
        {
            DecimalMode.Double => ConnectSchema.Of(ConnectKind.Float64),
            DecimalMode.String => Text,
            _ => ConnectSchema.Of(ConnectKind.Bytes, ConnectNames.Decimal) with { Parameters = [("scale", Digits(type.Scale)), ("connect.decimal.precision", Digits(type.Precision))] },
        },
        SqlKind.Bytes => settings.Binary == BinaryMode.Bytes ? Wkb : Text,
        SqlKind.Date => Date(),
        SqlKind.Time => TimeOfDay(type.Scale),
        SqlKind.DateTime => Timestamp(type.Scale),
        SqlKind.DateTimeOffset => settings.Times == TimeMode.Structured ? StructuredTimes.ZonedTimestamp : ConnectSchema.Of(ConnectKind.String, Time + "ZonedTimestamp"),
        SqlKind.Geography => Geography,
        SqlKind.Geometry => Geometry,
        _ => Text,
    };

    static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);

    ConnectSchema Date() => settings.Times switch
    {
        TimeMode.Connect => ConnectSchema.Of(ConnectKind.Int32, ConnectNames.Date),
        TimeMode.IsoString => ConnectSchema.Of(ConnectKind.String, Time + "IsoDate"),
        TimeMode.Structured => StructuredTimes.Date,
        _ => ConnectSchema.Of(ConnectKind.Int32, Time + "Date"),
    };

    ConnectSchema TimeOfDay(int scale) => settings.Times switch
    {
        TimeMode.Connect => ConnectSchema.Of(ConnectKind.Int32, ConnectNames.Time),
        TimeMode.IsoString => ConnectSchema.Of(ConnectKind.String, Time + "IsoTime"),
        TimeMode.Structured => StructuredTimes.Time,
        TimeMode.Microseconds or TimeMode.AdaptiveTimeMicroseconds => ConnectSchema.Of(ConnectKind.Int64, Time + "MicroTime"),
        TimeMode.Nanoseconds => ConnectSchema.Of(ConnectKind.Int64, Time + "NanoTime"),
        _ => scale <= 3 ? ConnectSchema.Of(ConnectKind.Int32, Time + "Time") : ConnectSchema.Of(ConnectKind.Int64, Time + (scale <= 6 ? "MicroTime" : "NanoTime")),
    };

    ConnectSchema Timestamp(int scale) => settings.Times switch
    {
        TimeMode.Connect => ConnectSchema.Of(ConnectKind.Int64, ConnectNames.Timestamp),
        TimeMode.IsoString => ConnectSchema.Of(ConnectKind.String, Time + "IsoTimestamp"),
        TimeMode.Structured => StructuredTimes.Timestamp,
        TimeMode.Microseconds => ConnectSchema.Of(ConnectKind.Int64, Time + "MicroTimestamp"),
        TimeMode.Nanoseconds => ConnectSchema.Of(ConnectKind.Int64, Time + "NanoTimestamp"),
        _ => ConnectSchema.Of(ConnectKind.Int64, Time + (scale <= 3 ? "Timestamp" : scale <= 6 ? "MicroTimestamp" : "NanoTimestamp")),
    };

    public byte[]? Default(Column column, TypeShape type) => SqlServerDefaults.Of((SqlServerColumn)column, type);

    public byte[] Missing(Column column, TypeShape type, ConnectSchema schema) =>
        SqlServerDefaults.Cell((SqlServerColumn)column) is { } cell && schema.Kind != ConnectKind.Struct ? AvroForm.Of(o => type.Write(cell, o)) : type.Zero ?? ColumnDefaults.Zero(schema);

    // Debezium goes by what the driver says of the type, for which a uniqueidentifier is text too.
    public CellWriter? Masked(Column column, CellWriter mask) => ((SqlServerColumn)column).Type switch
    {
        { Kind: SqlKind.Guid } => (cell, output) => mask(Encoding.ASCII.GetBytes(new Guid(cell, bigEndian: true).ToString().ToUpperInvariant()), output),
        { Kind: SqlKind.Text, BaseName: not "sql_variant" } => mask,
        _ => null,
    };

    public NativeType Native(Column column)
    {
        var type = ((SqlServerColumn)column).Type;
        var (_, length, scale) = SqlServerJdbc.Of(type);
        return new(type.BaseName, length, scale);
    }

    string IColumnTypes.Text(Column column, ReadOnlySpan<byte> cell) => SqlServerValue.Text(((SqlServerColumn)column).Type, cell);

    public bool ShowsText(Column column) => false;
}

/// <summary>SQL Server's types as its JDBC driver describes them: java.sql.Types and microsoft.sql.Types, with column sizes.</summary>
static class SqlServerJdbc
{
    public static (int Jdbc, int? Length, int? Scale) Of(SqlServerType type) => type.BaseName switch
    {
        "bit" => (-7, 1, null),
        "tinyint" => (-6, 3, 0),
        "smallint" => (5, 5, 0),
        "int" => (4, 10, 0),
        "bigint" => (-5, 19, 0),
        "real" => (7, 24, null),
        "float" => (8, 53, null),
        "decimal" => (3, type.Precision, type.Scale),
        "numeric" => (2, type.Precision, type.Scale),
        "money" or "smallmoney" => (3, type.Precision, 4),
        "date" => (91, 10, 0),
        "time" => (92, type.Scale == 0 ? 8 : 9 + type.Scale, type.Scale),
        "datetime" => (93, 23, 3),
        "smalldatetime" => (93, 16, 0),
        "datetime2" => (93, type.Scale == 0 ? 19 : 20 + type.Scale, type.Scale),
        "datetimeoffset" => (-155, type.Scale == 0 ? 26 : 27 + type.Scale, type.Scale),
        "char" => (1, type.MaxLength, null),
        "varchar" => (12, type.MaxLength < 0 ? int.MaxValue : type.MaxLength, null),
        "nchar" => (-15, type.MaxLength / 2, null),
        "nvarchar" => (-9, type.MaxLength < 0 ? 1073741823 : type.MaxLength / 2, null),
        "text" => (-1, int.MaxValue, null),
        "ntext" or "xml" => (-16, 1073741823, null),
        "uniqueidentifier" => (1, 36, null),
        "binary" or "timestamp" => (-2, type.MaxLength, null),
        "image" => (-4, int.MaxValue, null),
        "geometry" => (-157, int.MaxValue, null),
        "geography" => (-158, int.MaxValue, null),
        "sql_variant" => (-156, 8000, null),
        _ => (-3, type.MaxLength < 0 ? int.MaxValue : type.MaxLength, null),
    };
}
