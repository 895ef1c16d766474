using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace CdcSync.Contract.Avro;

/// <summary>Turns a schema into delegates that write generic values.</summary>
sealed class AvroRecordWrites
{
    readonly Dictionary<AvroRecordSchema, RecordWrite> _records = [];

    public AvroWrite<object?> Build(AvroSchema schema)
    {
        AvroResolution.EnsureStack("");
        return schema switch
        {
            { Logical.Kind: AvroLogicalKind.Decimal } => Decimal(schema),
            AvroRecordSchema record => Record(record),
            AvroUnionSchema union => Union(union),
            AvroArraySchema array => Array(Build(array.Items)),
            AvroMapSchema map => Map(Build(map.Values)),
            AvroEnumSchema symbols => Enum(symbols),
            AvroFixedSchema bytes => Fixed(bytes.Size),
            _ => Primitive(schema.Type),
        };
    }

    static AvroWrite<object?> Primitive(AvroType type) => type switch
    {
        AvroType.Null => (value, ref _) =>
        {
            if (value is not null) Refuse(value, "null");
        },
        AvroType.Boolean => (value, ref output) => output.WriteBoolean(value is bool flag ? flag : Refuse<bool>(value, "a bool")),
        AvroType.Int => (value, ref output) => output.WriteLong(value is int number ? number : Refuse<int>(value, "an int")),
        AvroType.Long => (value, ref output) => output.WriteLong(value is long number ? number : value is int small ? small : Refuse<long>(value, "a long")),
        AvroType.Float => (value, ref output) => output.WriteFloat(value is float number ? number : Refuse<float>(value, "a float")),
        AvroType.Double => (value, ref output) => output.WriteDouble(value is double number ? number : value is float small ? small : Refuse<double>(value, "a double")),
        AvroType.Bytes => (value, ref output) => output.WriteBytes(value as byte[] ?? Refuse<byte[]>(value, "a byte[]")),
        _ => (value, ref output) => output.WriteString(value as string ?? Refuse<string>(value, "a string")),
    };

    static AvroWrite<object?> Fixed(int size) => (value, ref output) =>
    {
        if (value is not byte[] bytes) Refuse(value, "a byte[]");
        else if (bytes.Length != size) AvroOutput.Fail($"{bytes.Length} bytes for a fixed of {size}");
        else output.WriteFixed(bytes);
    };

    static AvroWrite<object?> Enum(AvroEnumSchema schema)
    {
        var places = schema.Symbols.Select((symbol, place) => (symbol, place)).ToDictionary(p => p.symbol, p => p.place, StringComparer.Ordinal);
        return (value, ref output) =>
        {
            if (!places.TryGetValue(value as string ?? Refuse<string>(value, "a symbol"), out var place)) AvroOutput.Fail("the text is none of the enum's symbols");
            output.WriteLong(place);
        };
    }

    static AvroWrite<object?> Decimal(AvroSchema schema)
    {
        var (_, precision, scale) = schema.Logical;
        var limit = BigInteger.Pow(10, precision);
        var size = (schema as AvroFixedSchema)?.Size;
        return (value, ref output) =>
        {
            var number = value switch { AvroDecimal any => any, decimal small => AvroDecimal.From(small), _ => Refuse<AvroDecimal>(value, "a decimal") };
            if (number.WithScale(scale) is not { } scaled) throw new AvroDataException(null, $"more than {scale} digits behind the point");
            if (BigInteger.Abs(scaled.Unscaled) >= limit) AvroOutput.Fail($"more than {precision} digits");
            var bytes = scaled.Unscaled.ToByteArray(isUnsigned: false, isBigEndian: true);
            if (size is not { } width)
            {
                output.WriteBytes(bytes);
                return;
            }
            var sign = scaled.Unscaled.Sign < 0 ? (byte)0xFF : (byte)0;
            for (var i = bytes.Length; i < width; i++) output.WriteFixed([sign]);
            output.WriteFixed(bytes);
        };
    }

    static AvroWrite<object?> Array(AvroWrite<object?> items) => (value, ref output) =>
    {
        var list = value as IReadOnlyList<object?> ?? Refuse<IReadOnlyList<object?>>(value, "a list");
        var i = 0;
        if (list.Count > 0) output.WriteLong(list.Count);
        try
        {
            for (; i < list.Count; i++) items(list[i], ref output);
        }
        catch (AvroDataException e) when (e.Within(i))
        {
            throw;
        }
        output.WriteLong(0);
    };

    static AvroWrite<object?> Map(AvroWrite<object?> values) => (value, ref output) =>
    {
        var map = value as IReadOnlyDictionary<string, object?> ?? Refuse<IReadOnlyDictionary<string, object?>>(value, "a dictionary");
        var i = 0;
        if (map.Count > 0) output.WriteLong(map.Count);
        try
        {
            foreach (var (key, item) in map)
            {
                output.WriteString(key);
                values(item, ref output);
                i++;
            }
        }
        catch (AvroDataException e) when (e.Within(i))
        {
            throw;
        }
        output.WriteLong(0);
    };

    AvroWrite<object?> Union(AvroUnionSchema schema)
    {
        var branches = schema.Branches.Select(Build).ToArray();
        var nullable = schema.NullBranch >= 0 && branches.Length == 2;
        return (value, ref output) =>
        {
            var index = value switch
            {
                AvroBranch branch => branch.Index,
                null => schema.NullBranch,
                _ when nullable => 1 - schema.NullBranch,
                _ => AvroUnions.Choose(schema, value),
            };
            if ((uint)index >= (uint)branches.Length) Refuse(value, "a value of a branch");
            output.WriteLong(index);
            branches[index](value is AvroBranch told ? told.Value : value, ref output);
        };
    }

    AvroWrite<object?> Record(AvroRecordSchema schema)
    {
        if (_records.TryGetValue(schema, out var known)) return known.Write;
        var record = new RecordWrite(schema);
        _records.Add(schema, record);
        record.Fields = [.. schema.Fields.Select(f => Build(f.Schema))];
        return record.Write;
    }

    [DoesNotReturn]
    static void Refuse(object? value, string expected) => throw new AvroDataException(null, $"{expected} is expected, not {value?.GetType().Name ?? "null"}");

    [DoesNotReturn]
    static T Refuse<T>(object? value, string expected) => throw new AvroDataException(null, $"{expected} is expected, not {value?.GetType().Name ?? "null"}");

    sealed class RecordWrite(AvroRecordSchema schema)
    {
        public AvroWrite<object?>[] Fields { get; set; } = [];

        public void Write(object? value, ref AvroOutput output)
        {
            var record = value as AvroRecord ?? Refuse<AvroRecord>(value, $"a record '{schema.FullName}'");
            if (!ReferenceEquals(record.Schema, schema)) record = Fitted(record);
            output.Enter();
            var i = 0;
            try
            {
                for (; i < Fields.Length; i++) Fields[i](record.Values[i], ref output);
            }
            catch (AvroDataException e) when (e.Within(schema.Fields[i].Name))
            {
                throw;
            }
            output.Leave();
        }

        AvroRecord Fitted(AvroRecord record)
        {
            if (record.Schema.FullName != schema.FullName) AvroOutput.Fail($"a record '{schema.FullName}' is expected, not '{record.Schema.FullName}'");
            return new AvroRecord(schema, [.. schema.Fields.Select(f => record.Schema.Find(f.Name) is { } own
                ? record.Values[own.Position]
                : throw new AvroDataException(null, $"the given record has no field '{f.Name}'"))]);
        }
    }
}
