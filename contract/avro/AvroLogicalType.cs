using System.Text.Json;

namespace CdcSync.Contract.Avro;

/// <summary>The logical types of the specification that CdcSync knows; others are carried as properties of the schema.</summary>
public enum AvroLogicalKind
{
    /// <summary>None, or one that does not apply: the underlying type counts.</summary>
    None,

    /// <summary>bytes or fixed: unscaled value, big-endian two's complement.</summary>
    Decimal,

    /// <summary>string in RFC 4122 form, or fixed of 16 bytes.</summary>
    Uuid,

    /// <summary>int: days since 1970-01-01.</summary>
    Date,

    /// <summary>int: milliseconds since midnight.</summary>
    TimeMillis,

    /// <summary>long: microseconds since midnight.</summary>
    TimeMicros,

    /// <summary>long: milliseconds since 1970 UTC.</summary>
    TimestampMillis,

    /// <summary>long: microseconds since 1970 UTC.</summary>
    TimestampMicros,

    /// <summary>long: nanoseconds since 1970 UTC.</summary>
    TimestampNanos,

    /// <summary>long: milliseconds since 1970 in a local time that is not said.</summary>
    LocalTimestampMillis,

    /// <summary>long: microseconds since 1970 in a local time that is not said.</summary>
    LocalTimestampMicros,

    /// <summary>long: nanoseconds since 1970 in a local time that is not said.</summary>
    LocalTimestampNanos,

    /// <summary>fixed of 12 bytes: months, days, milliseconds.</summary>
    Duration,
}

/// <summary>A schema's logical type.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Precision">Digits in all, of a decimal.</param>
/// <param name="Scale">Digits behind the point, of a decimal.</param>
public readonly record struct AvroLogicalType(AvroLogicalKind Kind, int Precision = 0, int Scale = 0)
{
    /// <summary>Reads a schema's properties. As the specification asks, a logical type that does not fit its schema is ignored.</summary>
    internal static AvroLogicalType Of(AvroType type, int fixedSize, IReadOnlyDictionary<string, JsonElement> properties)
    {
        if (!properties.TryGetValue("logicalType", out var name) || name.ValueKind != JsonValueKind.String) return default;
        return (name.GetString(), type, fixedSize) switch
        {
            ("decimal", AvroType.Bytes or AvroType.Fixed, _) => Decimal(type, fixedSize, properties),
            ("uuid", AvroType.String, _) or ("uuid", AvroType.Fixed, 16) => new(AvroLogicalKind.Uuid),
            ("date", AvroType.Int, _) => new(AvroLogicalKind.Date),
            ("time-millis", AvroType.Int, _) => new(AvroLogicalKind.TimeMillis),
            ("time-micros", AvroType.Long, _) => new(AvroLogicalKind.TimeMicros),
            ("timestamp-millis", AvroType.Long, _) => new(AvroLogicalKind.TimestampMillis),
            ("timestamp-micros", AvroType.Long, _) => new(AvroLogicalKind.TimestampMicros),
            ("timestamp-nanos", AvroType.Long, _) => new(AvroLogicalKind.TimestampNanos),
            ("local-timestamp-millis", AvroType.Long, _) => new(AvroLogicalKind.LocalTimestampMillis),
            ("local-timestamp-micros", AvroType.Long, _) => new(AvroLogicalKind.LocalTimestampMicros),
            ("local-timestamp-nanos", AvroType.Long, _) => new(AvroLogicalKind.LocalTimestampNanos),
            ("duration", AvroType.Fixed, 12) => new(AvroLogicalKind.Duration),
            _ => default,
        };
    }

    static AvroLogicalType Decimal(AvroType type, int fixedSize, IReadOnlyDictionary<string, JsonElement> properties)
    {
        if (Number(properties, "precision", -1) is not (> 0 and var precision)) return default;
        if (Number(properties, "scale", 0) is not (>= 0 and var scale) || scale > precision) return default;
        // A fixed of n bytes holds floor(log10(2^(8n-1) - 1)) digits.
        if (type == AvroType.Fixed && (fixedSize == 0 || precision > (8d * fixedSize - 1) * Math.Log10(2))) return default;
        return new(AvroLogicalKind.Decimal, precision, scale);
    }

    static int Number(IReadOnlyDictionary<string, JsonElement> properties, string name, int absent) =>
        !properties.TryGetValue(name, out var value) ? absent : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : -1;
}
