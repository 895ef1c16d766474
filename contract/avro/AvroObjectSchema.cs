using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CdcSync.Contract.Avro;

/// <summary>Derives schemas from record types.</summary>
sealed class AvroObjectSchema
{
    static readonly long Epoch = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    readonly HashSet<Type> _known = [];
    readonly NullabilityInfoContext _nullability = new();

    public static AvroRecordSchema Of(Type type) => (AvroRecordSchema)AvroSchema.Parse(new AvroObjectSchema().Record(type, AvroObject.Namespace).ToJsonString());

    /// <summary>The properties that are fields, inherited ones first.</summary>
    public static IReadOnlyList<PropertyInfo> Properties(Type type)
    {
        var own = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(p => p is { CanRead: true, CanWrite: true } && p.GetCustomAttribute<AvroIgnoreAttribute>() is null).OrderBy(p => p.MetadataToken);
        return type.BaseType is { } parent && parent != typeof(object) ? [.. Properties(parent), .. own] : [.. own];
    }

    public static string NameOf(PropertyInfo property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    /// <summary>True when objects are made by a constructor, which sets the initial values.</summary>
    public static bool HasInitialValues(Type type) => type.GetConstructor(Type.EmptyTypes) is not null;

    JsonObject Record(Type type, string? @namespace)
    {
        _known.Add(type);
        var initial = HasInitialValues(type) ? Activator.CreateInstance(type) : null;
        var record = new JsonObject { ["type"] = "record", ["name"] = type.Name };
        if (@namespace is not null) record["namespace"] = @namespace;
        record["fields"] = new JsonArray([.. Properties(type).Select(p => (JsonNode)Field(p, initial))]);
        return record;
    }

    JsonObject Field(PropertyInfo property, object? initial)
    {
        var inner = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var nullable = inner != property.PropertyType || (!inner.IsValueType && _nullability.Create(property).ReadState == NullabilityState.Nullable);
        var type = TypeOf(inner, property);
        var value = initial is null ? null : property.GetValue(initial);
        var field = new JsonObject { ["name"] = NameOf(property), ["type"] = !nullable ? type : value is null ? new JsonArray("null", type) : new JsonArray(type, "null") };
        if (value is not null) field["default"] = Default(value, property);
        else if (nullable) field["default"] = null;
        return field;
    }

    JsonNode TypeOf(Type type, PropertyInfo property)
    {
        if (type == typeof(decimal)) return Decimal(property);
        if (type == typeof(DateOnly)) return new JsonObject { ["type"] = "int", ["logicalType"] = "date" };
        if (type == typeof(DateTimeOffset)) return new JsonObject { ["type"] = "long", ["logicalType"] = "timestamp-micros" };
        if (Word(type) is { } word) return word;
        if (ItemOf(type) is { } item) return new JsonObject { ["type"] = "array", ["items"] = TypeOf(item, property) };
        if (!type.IsClass || type.GetMethod("<Clone>$") is null)
            throw new NotSupportedException($"{property.DeclaringType?.Name}.{property.Name}: {type} has no Avro type here; see the list at {nameof(AvroObject)}");
        return _known.Contains(type) ? type.Name : Record(type, null);
    }

    /// <summary>What a list is of; null when the type is no <c>IReadOnlyList</c>.</summary>
    public static Type? ItemOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    static string? Word(Type type) =>
        type == typeof(bool) ? "boolean" : type == typeof(int) ? "int" : type == typeof(long) ? "long" : type == typeof(float) ? "float"
        : type == typeof(double) ? "double" : type == typeof(string) ? "string" : type == typeof(byte[]) ? "bytes" : null;

    static JsonObject Decimal(PropertyInfo property)
    {
        var digits = property.GetCustomAttribute<AvroDecimalAttribute>()
            ?? throw new NotSupportedException($"{property.DeclaringType?.Name}.{property.Name} is a decimal and needs [AvroDecimal(precision, scale)]");
        return new JsonObject { ["type"] = "bytes", ["logicalType"] = "decimal", ["precision"] = digits.Precision, ["scale"] = digits.Scale };
    }

    static JsonNode? Default(object value, PropertyInfo property) => value switch
    {
        bool flag => flag,
        int number => number,
        long number => number,
        float number => number,
        double number => number,
        string text => text,
        byte[] bytes => Encoding.Latin1.GetString(bytes),
        decimal number => Encoding.Latin1.GetString(Unscaled(number, property)),
        DateOnly date => date.DayNumber - Epoch,
        DateTimeOffset time => AvroTimes.Micros(time),
        IReadOnlyCollection<object> { Count: 0 } => new JsonArray(),
        _ when value.GetType().GetMethod("<Clone>$") is not null =>
            new JsonObject(Properties(value.GetType()).Select(p => KeyValuePair.Create(NameOf(p), p.GetValue(value) is { } part ? Default(part, p) : null))),
        _ => throw new NotSupportedException($"{property.DeclaringType?.Name}.{property.Name}: its initial value cannot be a default in Avro"),
    };

    static byte[] Unscaled(decimal value, PropertyInfo property)
    {
        var digits = property.GetCustomAttribute<AvroDecimalAttribute>()!;
        return AvroDecimals.TryUnscale(value, digits.Precision, digits.Scale, out var unscaled)
            ? AvroDecimals.Bytes(unscaled, stackalloc byte[16]).ToArray()
            : throw new NotSupportedException($"{property.DeclaringType?.Name}.{property.Name}: its initial value {value} does not fit its precision and scale");
    }
}

/// <summary>Days and microseconds since 1970 as .NET has them.</summary>
static class AvroTimes
{
    static readonly int EpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    public static long Micros(DateTimeOffset time) => Math.DivRem(time.UtcTicks - DateTime.UnixEpoch.Ticks, 10) is var (micros, rest) && rest < 0 ? micros - 1 : micros;

    public static int Days(DateOnly date) => date.DayNumber - EpochDay;

    public static bool TryTime(long micros, out DateTimeOffset time)
    {
        var inRange = micros is >= -62_135_596_800_000_000 and <= 253_402_300_799_999_999;      // year 1 to 9999
        time = inRange ? new DateTimeOffset(DateTime.UnixEpoch.Ticks + micros * 10, TimeSpan.Zero) : default;
        return inRange;
    }

    public static bool TryDate(int days, out DateOnly date)
    {
        var day = (long)days + EpochDay;
        var inRange = day >= 0 && day <= DateOnly.MaxValue.DayNumber;
        date = inRange ? DateOnly.FromDayNumber((int)day) : default;
        return inRange;
    }
}
