using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>How values of a type are published.</summary>
/// <param name="Schema">Their schema, required.</param>
/// <param name="Write">Writes one.</param>
/// <param name="Unchanged">What stands for a large value that the log left out; null when nothing can.</param>
sealed record TypeShape(ConnectSchema Schema, CellWriter Write, byte[]? Unchanged = null)
{
    /// <summary>What stands for a value where there must be one; null for what its schema says.</summary>
    public byte[]? Zero { get; init; }

    /// <summary>What <see cref="Write"/> cannot say it has written as the nearest that it can; else nothing usable was written.</summary>
    public bool WritesNearest { get; init; }

    /// <summary>Writes one in an array; null when that is no different.</summary>
    public CellWriter? Item { get; init; }
}

/// <summary>PostgreSQL's types as Debezium publishes them under its settings.</summary>
sealed class PostgresTypes(RecordSettings settings)
{
    /// <summary>Null for a type that is left out.</summary>
    public TypeShape? Of(PostgresType type) => !type.IsKnown ? null : type.Kind switch
    {
        PgKind.Bool => new(ConnectSchema.Of(ConnectKind.Boolean), CellWriters.Bool),
        PgKind.Int2 => new(ConnectSchema.Of(ConnectKind.Int16), CellWriters.Int2),
        PgKind.Int4 => new(ConnectSchema.Of(ConnectKind.Int32), CellWriters.Int4),
        PgKind.Int8 => new(ConnectSchema.Of(ConnectKind.Int64), CellWriters.Int8),
        PgKind.Oid => type.Name == "oid" || settings.IsExact ? new(ConnectSchema.Of(ConnectKind.Int64), CellWriters.Oid) : null,
        PgKind.Float4 => new(ConnectSchema.Of(ConnectKind.Float32), CellWriters.Float4),
        PgKind.Float8 => new(ConnectSchema.Of(ConnectKind.Float64), CellWriters.Float8),
        PgKind.Numeric => Numeric(type),
        PgKind.Money => Money(),
        PgKind.Text => Text(null, type.Name == "name" && !settings.IsExact ? CellWriters.NotSaid : CellWriters.Utf8Text),
        PgKind.Xml => Text("io.debezium.data.Xml", CellWriters.Utf8Text),
        PgKind.Json => Text("io.debezium.data.Json", CellWriters.Utf8Text),
        PgKind.Jsonb => Text("io.debezium.data.Json", CellWriters.Versioned),
        PgKind.Uuid => new(ConnectSchema.Of(ConnectKind.String, "io.debezium.data.Uuid"), CellWriters.Uuid),
        PgKind.Enum => Enum(type),
        PgKind.Ltree => Text("io.debezium.data.Ltree", CellWriters.Versioned),
        PgKind.Hstore => Hstore(),
        PgKind.TsVector => Text("io.debezium.data.Tsvector", CellWriters.TextOf(type)),
        PgKind.TsQuery when !settings.UnknownTypes => null,
        PgKind.TsQuery => Bytes() with { Write = AsBytes(type), Unchanged = null },
        PgKind.Bytea => Bytes(),
        PgKind.Bit or PgKind.VarBit => Bits(type),
        PgKind.Point => new(Geometries.Point, Geometries.WritePoint),
        PgKind.Line => new(Geometries.Line, Geometries.WriteLine),
        PgKind.Circle => new(Geometries.Circle, Geometries.WriteCircle),
        PgKind.Box or PgKind.LineSegment or PgKind.Path or PgKind.Polygon => new(Geometries.Geometry, Geometries.Writer(type.Kind)),
        PgKind.Geometry => new(Geometries.Geometry, Geometries.WriteExtended) { Zero = AvroForm.Of(o => Geometries.WriteExtended(Geometries.Empty, o)) },
        PgKind.Geography => new(Geometries.Geography, Geometries.WriteGeography) { Zero = AvroForm.Of(o => Geometries.WriteGeography(Geometries.Empty, o)) },
        PgKind.Array => Array(type),
        PgKind.Vector => Vector(type),
        PgKind.Range when !settings.IsExact && type.Element is { } bound && !BuiltInRange(type, bound) => null,
        PgKind.Date or PgKind.Time or PgKind.TimeTz or PgKind.Timestamp or PgKind.TimestampTz or PgKind.Interval => Temporals.Of(type, settings),
        _ => new(ConnectSchema.Of(ConnectKind.String), CellWriters.TextOf(type)),
    };

    static bool BuiltInRange(PostgresType type, PostgresType bound) =>
        type.Name is "int4range" or "int8range" or "numrange" or "tsrange" or "tstzrange" or "daterange" && bound.IsKnown;

    TypeShape Text(string? name, CellWriter write) => new(ConnectSchema.Of(ConnectKind.String, name), write, AvroForm.Of(o => o.WriteString(settings.UnavailableValue)));

    TypeShape Enum(PostgresType type)
    {
        var shape = Text("io.debezium.data.Enum", CellWriters.Utf8Text);
        return shape with { Schema = shape.Schema with { Parameters = [("allowed", string.Join(',', type.Labels ?? []))] } };
    }

    TypeShape Numeric(PostgresType type) => (settings.Decimals, type.Digits) switch
    {
        (DecimalMode.Double, _) => new(ConnectSchema.Of(ConnectKind.Float64), Decimals.WriteDouble),
        (DecimalMode.String, var digits) => new(ConnectSchema.Of(ConnectKind.String), Decimals.Text(digits?.Scale)),
        (_, { } digits) => new(Decimal(digits.Scale, digits.Precision), Decimals.Fixed(digits.Scale)),
        _ => new(Decimals.VariableScale, Decimals.WriteVariableScale),
    };

    TypeShape Money() => settings.Decimals switch
    {
        DecimalMode.Double => new(ConnectSchema.Of(ConnectKind.Float64), Decimals.MoneyDouble),
        DecimalMode.String => new(ConnectSchema.Of(ConnectKind.String), Decimals.MoneyText),
        _ => new(Decimal(settings.MoneyDigits, null), Decimals.Money(settings.MoneyDigits)),
    };

    static ConnectSchema Decimal(int scale, int? precision)
    {
        var scaleText = scale.ToString(CultureInfo.InvariantCulture);
        return ConnectSchema.Of(ConnectKind.Bytes, ConnectNames.Decimal) with
        {
            Parameters = precision is { } digits ? [("scale", scaleText), ("connect.decimal.precision", digits.ToString(CultureInfo.InvariantCulture))] : [("scale", scaleText)],
        };
    }

    TypeShape Hstore()
    {
        var placeholder = settings.UnavailableValue;
        if (settings.Hstore == HstoreMode.Json)
            return new(ConnectSchema.Of(ConnectKind.String, "io.debezium.data.Json"), HstoreValues.Json,
                AvroForm.Of(o => o.WriteString($$"""{{{PgJson.Quote(placeholder)}}:{{PgJson.Quote(placeholder)}}}""")));
        return new(new ConnectSchema(ConnectKind.Map) { Items = ConnectSchema.Of(ConnectKind.String).AsOptional() }, HstoreValues.Map, AvroForm.Of(o =>
        {
            o.WriteLong(1);
            o.WriteString(placeholder);
            o.WriteLong(1);
            o.WriteString(placeholder);
            o.WriteLong(0);
        }));
    }

    TypeShape Bytes()
    {
        var placeholder = Encoding.UTF8.GetBytes(settings.UnavailableValue);
        return settings.Binary switch
        {
            BinaryMode.Bytes => new(ConnectSchema.Of(ConnectKind.Bytes), CellWriters.Bytes, AvroForm.Of(o => o.WriteBytes(placeholder))),
            var mode => new(ConnectSchema.Of(ConnectKind.String), CellWriters.BytesAsText(mode), AvroForm.Of(o => o.WriteBytes(placeholder))),
        };
    }

    // What Debezium has no reader for, as the bytes of the server's text.
    CellWriter AsBytes(PostgresType type)
    {
        var write = Bytes().Write;
        return (cell, output) => write(Encoding.UTF8.GetBytes(PgText.Of(type, cell)), output);
    }

    static TypeShape Bits(PostgresType type) => type.Modifier == 1
        ? new(ConnectSchema.Of(ConnectKind.Boolean), CellWriters.Bit)
        : new(ConnectSchema.Of(ConnectKind.Bytes, "io.debezium.data.Bits") with
        {
            Parameters = [("length", (type.Modifier > 0 ? type.Modifier : int.MaxValue).ToString(CultureInfo.InvariantCulture))],
        }, CellWriters.Bits);

    // oidvector and int2vector: Debezium's decoder finds no items in them.
    TypeShape Vector(PostgresType type)
    {
        var element = Of(type.Element!)!;
        var schema = new ConnectSchema(ConnectKind.Array) { Items = element.Schema };
        return new(schema, settings.IsExact ? CellWriters.Array(element.Write, nullable: false) : CellWriters.Empty);
    }

    TypeShape? Array(PostgresType type)
    {
        var item = type.Element!;
        if (!settings.IsExact && item.Kind == PgKind.Bit) return Bits(item) with { Write = CellWriters.NotSaid };
        if (!settings.IsExact && (item.Kind is PgKind.Money or PgKind.Interval or PgKind.VarBit or PgKind.Xml or PgKind.Point or PgKind.TsVector || item.Name == "name")) return null;
        // Debezium leaves out arrays of domains, but for enums, whose labels it does not know then.
        if (!settings.IsExact && item.IsDomain) return item.Kind == PgKind.Enum ? Array(type with { Element = item with { IsDomain = false, Labels = [] } }) : null;
        if (Of(item) is not { } element) return null;
        // Items of an enum cannot be null in Debezium's schema: such an array is null as a whole.
        var nullable = item.Kind != PgKind.Enum;
        var schema = new ConnectSchema(ConnectKind.Array) { Items = nullable ? element.Schema.AsOptional() : element.Schema };
        return new(schema, CellWriters.Array(element.Item ?? element.Write, nullable), Unchanged(item, element, nullable));
    }

    byte[]? Unchanged(PostgresType item, TypeShape element, bool nullable) => item.Kind switch
    {
        PgKind.Text or PgKind.Json or PgKind.Jsonb or PgKind.Bytea or PgKind.Enum when element.Unchanged is { } text => Items([text], (o, value) => o.Write(value), nullable),
        PgKind.Uuid => Items(["b68a35a7-17ad-35b3-af2a-ae46edb4545a"], (o, value) => o.WriteString(value), nullable),
        PgKind.Int4 or PgKind.Int8 or PgKind.Oid or PgKind.Date when element.Schema.Kind is ConnectKind.Int32 or ConnectKind.Int64 =>
            Items(Encoding.UTF8.GetBytes(settings.UnavailableValue), (o, value) => o.WriteLong(value), nullable),
        _ => null,
    };

    static byte[] Items<T>(T[] items, Action<LogBatch, T> write, bool nullable) => AvroForm.Of(output =>
    {
        output.WriteLong(items.Length);
        foreach (var item in items)
        {
            if (nullable) output.WriteLong(1);
            write(output, item);
        }
        output.WriteLong(0);
    });
}
