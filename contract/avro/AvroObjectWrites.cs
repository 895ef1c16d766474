using System.Reflection;

namespace CdcSync.Contract.Avro;

/// <summary>Turns a type and its derived schema into delegates that write objects, without boxing.</summary>
sealed class AvroObjectWrites
{
    static readonly Dictionary<Type, Delegate> Primitives = new()
    {
        [typeof(bool)] = (AvroWrite<bool>)((value, ref output) => output.WriteBoolean(value)),
        [typeof(int)] = (AvroWrite<int>)((value, ref output) => output.WriteLong(value)),
        [typeof(long)] = (AvroWrite<long>)((value, ref output) => output.WriteLong(value)),
        [typeof(float)] = (AvroWrite<float>)((value, ref output) => output.WriteFloat(value)),
        [typeof(double)] = (AvroWrite<double>)((value, ref output) => output.WriteDouble(value)),
        [typeof(string)] = (AvroWrite<string>)((value, ref output) => output.WriteString(value ?? Missing<string>())),
        [typeof(byte[])] = (AvroWrite<byte[]>)((value, ref output) => output.WriteBytes(value ?? Missing<byte[]>())),
        [typeof(DateOnly)] = (AvroWrite<DateOnly>)((value, ref output) => output.WriteLong(AvroTimes.Days(value))),
        [typeof(DateTimeOffset)] = (AvroWrite<DateTimeOffset>)((value, ref output) => output.WriteLong(AvroTimes.Micros(value))),
    };

    readonly Dictionary<Type, Delegate> _records = [];

    public static AvroWrite<object> Of(Type type, AvroRecordSchema schema) =>
        Call<AvroWrite<object>>(nameof(Untyped), type, new AvroObjectWrites().Build(type, schema));

    static AvroWrite<object> Untyped<T>(Delegate write)
        where T : class
    {
        var typed = (AvroWrite<T>)write;
        return (value, ref output) =>
        {
            if (value is not T own || own.GetType() != typeof(T)) throw new ArgumentException($"A {typeof(T).Name} is expected, not {value.GetType().Name}", nameof(value));
            typed(own, ref output);
        };
    }

    Delegate Build(Type type, AvroSchema schema)
    {
        if (schema is AvroUnionSchema union)
        {
            var inner = Nullable.GetUnderlyingType(type);
            var write = Build(inner ?? type, union.Branches[1 - union.NullBranch]);
            return Call<Delegate>(inner is null ? nameof(OrNull) : nameof(OrNone), inner ?? type, write, union.NullBranch);
        }
        if (type == typeof(decimal)) return Decimal(schema.Logical.Precision, schema.Logical.Scale);
        if (Primitives.TryGetValue(type, out var primitive)) return primitive;
        if (schema is AvroArraySchema array) return Call<Delegate>(nameof(List), AvroObjectSchema.ItemOf(type)!, Build(AvroObjectSchema.ItemOf(type)!, array.Items));
        return _records.TryGetValue(type, out var known) ? known : (Delegate)GetType().GetMethod(nameof(Record), BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(type).Invoke(this, [schema])!;
    }

    static AvroWrite<T?> OrNull<T>(Delegate inner, int nullBranch)
        where T : class
    {
        var write = (AvroWrite<T>)inner;
        return (value, ref output) =>
        {
            output.WriteLong(value is null ? nullBranch : 1 - nullBranch);
            if (value is not null) write(value, ref output);
        };
    }

    static AvroWrite<T?> OrNone<T>(Delegate inner, int nullBranch)
        where T : struct
    {
        var write = (AvroWrite<T>)inner;
        return (value, ref output) =>
        {
            output.WriteLong(value is null ? nullBranch : 1 - nullBranch);
            if (value is { } some) write(some, ref output);
        };
    }

    static AvroWrite<decimal> Decimal(int precision, int scale) => (value, ref output) =>
    {
        if (!AvroDecimals.TryUnscale(value, precision, scale, out var unscaled))
            AvroOutput.Fail($"the number has more than {scale} digits behind the point or more than {precision} in all; it is refused, not rounded");
        Span<byte> sixteen = stackalloc byte[16];
        output.WriteBytes(AvroDecimals.Bytes(unscaled, sixteen));
    };

    static AvroWrite<IReadOnlyList<T>> List<T>(Delegate inner)
    {
        var write = (AvroWrite<T>)inner;
        return (value, ref output) =>
        {
            var list = value ?? Missing<IReadOnlyList<T>>();
            if (list.Count > 0) output.WriteLong(list.Count);
            var i = 0;
            try
            {
                for (; i < list.Count; i++) write(list[i], ref output);
            }
            catch (AvroDataException e) when (e.Within(i))
            {
                throw;
            }
            output.WriteLong(0);
        };
    }

    AvroWrite<T> Record<T>(AvroRecordSchema schema)
        where T : class
    {
        var record = new RecordWrite<T>();
        _records.Add(typeof(T), (AvroWrite<T>)record.Write);
        var properties = AvroObjectSchema.Properties(typeof(T));
        record.Fields = [.. schema.Fields.Zip(properties, (field, property) =>
            (FieldWrite<T>)Activator.CreateInstance(typeof(FieldWrite<,>).MakeGenericType(typeof(T), property.PropertyType), field.Name, property, Build(property.PropertyType, field.Schema))!)];
        return record.Write;
    }

    static TResult Call<TResult>(string method, Type type, params object[] arguments) => (TResult)typeof(AvroObjectWrites)
        .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, arguments)!;

    static T Missing<T>() => throw new AvroDataException(null, "null, where a value is required");

    sealed class RecordWrite<T>
        where T : class
    {
        public FieldWrite<T>[] Fields { get; set; } = [];

        public void Write(T value, ref AvroOutput output)
        {
            var record = value ?? Missing<T>();
            output.Enter();
            var i = 0;
            try
            {
                for (; i < Fields.Length; i++) Fields[i].Write(record, ref output);
            }
            catch (AvroDataException e) when (e.Within(Fields[i].Name))
            {
                throw;
            }
            output.Leave();
        }
    }

    abstract class FieldWrite<TOwner>(string name)
    {
        public string Name { get; } = name;

        public abstract void Write(TOwner owner, ref AvroOutput output);
    }

    sealed class FieldWrite<TOwner, TValue>(string name, PropertyInfo property, Delegate write) : FieldWrite<TOwner>(name)
    {
        readonly Func<TOwner, TValue> _get = property.GetMethod!.CreateDelegate<Func<TOwner, TValue>>();
        readonly AvroWrite<TValue> _write = (AvroWrite<TValue>)write;

        public override void Write(TOwner owner, ref AvroOutput output) => _write(_get(owner), ref output);
    }
}
