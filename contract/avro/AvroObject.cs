using System.Buffers;

namespace CdcSync.Contract.Avro;

/// <summary>
/// Avro for C# records: the schema is derived from the type, so that the two cannot differ. Properties that can be set become fields in snake_case, inherited ones
/// first. bool, int, long, float, double, string, byte[], decimal with <see cref="AvroDecimalAttribute"/>, <see cref="DateOnly"/> (date),
/// <see cref="DateTimeOffset"/> (timestamp-micros; finer digits are cut off), other records and <c>IReadOnlyList</c> of these. A nullable property is a union with
/// null. A property's initial value is its field's default: where all have one, readers and writers of any age understand each other.
/// </summary>
public static class AvroObject
{
    /// <summary>Namespace of derived schemas.</summary>
    public const string Namespace = "cdcsync.canonical";

    /// <summary>The schema of a record type.</summary>
    /// <exception cref="NotSupportedException">A property has a type that is not listed above, or a decimal has no precision and scale.</exception>
    public static AvroRecordSchema SchemaOf(Type type) => AvroObjectSchema.Of(type);

    /// <summary>Compiles writer and reader of a record type; keep it.</summary>
    public static AvroObjectCodec Codec(Type type) => new(type);

    /// <summary>Compiles writer and reader of a record type; keep it.</summary>
    public static AvroObjectCodec Codec<T>() => new(typeof(T));
}

/// <summary>Writes and reads objects of one type. Safe for many threads.</summary>
public sealed class AvroObjectCodec
{
    readonly Type _type;
    readonly AvroWrite<object> _write;

    internal AvroObjectCodec(Type type)
    {
        _type = type;
        Schema = AvroObjectSchema.Of(type);
        _write = AvroObjectWrites.Of(type, Schema);
    }

    /// <summary>The schema it writes.</summary>
    public AvroRecordSchema Schema { get; }

    /// <summary>Writes an object. When it is refused, a part of it may stand in the output already.</summary>
    /// <exception cref="AvroDataException">A value does not fit: text that is no Unicode, a decimal with too many digits (never rounded), null where none may be.</exception>
    public void Write(object value, IBufferWriter<byte> output)
    {
        var target = new AvroOutput(output);
        try
        {
            _write(value, ref target);
        }
        catch (AvroDataException e) when (e.In(Schema))
        {
            throw;
        }
        target.Flush();
    }

    /// <summary>Compiles the reading of what was written with another schema, or with <see cref="Schema"/>; keep it.</summary>
    /// <exception cref="AvroSchemaException">The schema cannot be read as this type.</exception>
    public AvroObjectReader ReaderFor(AvroSchema writer) =>
        new(writer, (AvroRead<object>)new AvroObjectReads().Build(_type, AvroResolution.Plan(writer, Schema)));
}

/// <summary>Reads objects of one type from data of one schema. Safe for many threads.</summary>
public sealed class AvroObjectReader
{
    readonly AvroSchema _writer;
    readonly AvroRead<object> _read;

    internal AvroObjectReader(AvroSchema writer, AvroRead<object> read) => (_writer, _read) = (writer, read);

    /// <summary>Reads one object, which is all of the data.</summary>
    /// <exception cref="AvroDataException">The data is not of the writer's schema, or a number or time is beyond what .NET holds.</exception>
    public object Read(ReadOnlySpan<byte> data)
    {
        var input = new AvroInput(data);
        try
        {
            var value = _read(ref input);
            input.End();
            return value;
        }
        catch (AvroDataException e) when (e.In(_writer))
        {
            throw;
        }
    }
}
