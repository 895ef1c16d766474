using System.Reflection;
using System.Runtime.CompilerServices;

namespace CdcSync.Contract.Avro;

/// <summary>Turns a type and a plan into delegates that read objects, without boxing.</summary>
sealed class AvroObjectReads
{
    readonly Dictionary<(Type, AvroRecordPlan), Delegate> _records = [];

    /// <summary>An <see cref="AvroRead{T}"/> of the type.</summary>
    public Delegate Build(Type type, AvroPlan plan) => plan switch
    {
        AvroUnionPlan union => Call<Delegate>(nameof(Union), type, [union.Branches.Select(b => Build(type, b)).ToArray()]),
        AvroBranchPlan branch when branch.Index == branch.Reader.NullBranch => Call<Delegate>(nameof(Default), type),
        AvroBranchPlan branch when Nullable.GetUnderlyingType(type) is { } inner => Call<Delegate>(nameof(Some), inner, Build(inner, branch.Value)),
        AvroBranchPlan branch => Build(type, branch.Value),
        AvroItemsPlan { IsMap: false } array => Call<Delegate>(nameof(List), AvroObjectSchema.ItemOf(type)!, Build(AvroObjectSchema.ItemOf(type)!, array.Items)),
        AvroValuePlan value => Value(type, value),
        AvroRefusal refusal => Call<Delegate>(nameof(Refused), type, refusal.Why),
        AvroRecordPlan record when _records.TryGetValue((type, record), out var known) => known,
        AvroRecordPlan record => (Delegate)GetType().GetMethod(nameof(Record), BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(type).Invoke(this, [record])!,
        _ => throw new InvalidOperationException($"No reading of {plan.GetType().Name} as {type}"),
    };

    static Delegate Value(Type type, AvroValuePlan plan)
    {
        if (type == typeof(decimal)) return Decimal(plan);
        if (type == typeof(bool)) return (AvroRead<bool>)((ref input) => input.ReadBoolean());
        if (type == typeof(int)) return (AvroRead<int>)((ref input) => input.ReadInt());
        if (type == typeof(string)) return (AvroRead<string>)((ref input) => input.ReadString());
        if (type == typeof(byte[])) return (AvroRead<byte[]>)((ref input) => input.ReadBytes().ToArray());
        if (type == typeof(DateOnly)) return (AvroRead<DateOnly>)Date;
        var number = AvroPromotions.Find(plan.Writer.Type, plan.Reader.Type)!;
        return type == typeof(DateTimeOffset) ? Time((AvroRead<long>)number) : number;
    }

    static AvroRead<decimal> Decimal(AvroValuePlan plan)
    {
        var scale = plan.Scale;
        return (ref input) =>
        {
            var start = input.Position;
            if (!AvroDecimals.TryRead(input.ReadBytes(), scale, out var value)) AvroInput.Fail(start, "the number is empty or has more digits than a decimal holds");
            return value;
        };
    }

    static DateOnly Date(ref AvroInput input)
    {
        var start = input.Position;
        if (!AvroTimes.TryDate(input.ReadInt(), out var date)) AvroInput.Fail(start, "the date is not in the years 1 to 9999");
        return date;
    }

    static AvroRead<DateTimeOffset> Time(AvroRead<long> micros) => (ref input) =>
    {
        var start = input.Position;
        if (!AvroTimes.TryTime(micros(ref input), out var time)) AvroInput.Fail(start, "the time is not in the years 1 to 9999");
        return time;
    };

    static AvroRead<T> Union<T>(Delegate[] branches) => new AvroUnionRead<T>([.. branches.Cast<AvroRead<T>>()]).Read;

    static AvroRead<T?> Default<T>() => (ref _) => default;

    static AvroRead<T?> Some<T>(Delegate read)
        where T : struct
    {
        var inner = (AvroRead<T>)read;
        return (ref input) => inner(ref input);
    }

    static AvroRead<IReadOnlyList<T>> List<T>(Delegate read) => new AvroBlocks<T>((AvroRead<T>)read).ReadList;

    static AvroRead<T> Refused<T>(string why) => (ref input) => throw new AvroDataException(input.Position, why);

    AvroRead<T> Record<T>(AvroRecordPlan plan)
        where T : class
    {
        var record = new RecordRead<T>();
        _records.Add((typeof(T), plan), (AvroRead<T>)record.Read);
        var properties = AvroObjectSchema.Properties(typeof(T)).ToDictionary(AvroObjectSchema.NameOf);
        record.Steps = [.. plan.Steps.Select(step => step.Reader is null || step.Value is null
            ? new SkipRead<T>(step.Writer)
            : Field<T>(step.Writer, properties[step.Reader.Name], step.Value))];
        return record.Read;
    }

    FieldRead<T> Field<T>(AvroField writer, PropertyInfo property, AvroPlan plan) => (FieldRead<T>)Activator.CreateInstance(
        typeof(FieldRead<,>).MakeGenericType(typeof(T), property.PropertyType), writer, property, Build(property.PropertyType, plan))!;

    static TResult Call<TResult>(string method, Type type, params object[] arguments) => (TResult)typeof(AvroObjectReads)
        .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, arguments)!;

    /// <summary>Fields that the writer does not have keep the values that the constructor gave them: these are the schema's defaults.</summary>
    sealed class RecordRead<T>
        where T : class
    {
        readonly Func<T> _create = AvroObjectSchema.HasInitialValues(typeof(T))
            ? Activator.CreateInstance<T> : () => (T)RuntimeHelpers.GetUninitializedObject(typeof(T));

        public FieldRead<T>[] Steps { get; set; } = [];

        public T Read(ref AvroInput input)
        {
            input.Enter();
            var start = input.Position;
            var value = _create();
            var i = 0;
            try
            {
                for (; i < Steps.Length; i++) Steps[i].Read(value, ref input);
            }
            catch (AvroDataException e) when (e.Within(Steps[i].Name))
            {
                throw;
            }
            input.CountEmpty(start);
            input.Leave();
            return value;
        }
    }

    abstract class FieldRead<TOwner>(AvroField writer)
    {
        public string Name { get; } = writer.Name;

        public abstract void Read(TOwner owner, ref AvroInput input);
    }

    sealed class SkipRead<TOwner>(AvroField writer) : FieldRead<TOwner>(writer)
    {
        readonly AvroSchema _schema = writer.Schema;

        public override void Read(TOwner owner, ref AvroInput input) => AvroSkip.Skip(_schema, ref input);
    }

    sealed class FieldRead<TOwner, TValue>(AvroField writer, PropertyInfo property, Delegate read) : FieldRead<TOwner>(writer)
    {
        readonly Action<TOwner, TValue> _set = property.SetMethod!.CreateDelegate<Action<TOwner, TValue>>();
        readonly AvroRead<TValue> _read = (AvroRead<TValue>)read;

        public override void Read(TOwner owner, ref AvroInput input) => _set(owner, _read(ref input));
    }
}
