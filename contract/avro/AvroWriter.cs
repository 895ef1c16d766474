using System.Buffers;

namespace CdcSync.Contract.Avro;

/// <summary>Writes a value. Compiled once a schema.</summary>
delegate void AvroWrite<in T>(T value, ref AvroOutput output);

/// <summary>
/// Writes values of one schema. Made once a schema and kept; safe for many threads. Takes the values that <see cref="AvroReader"/> gives, and also: int for long,
/// float for double, <see cref="decimal"/> for a decimal, any <c>IReadOnlyList&lt;object?&gt;</c> and <c>IReadOnlyDictionary&lt;string, object?&gt;</c>, and
/// a record of another schema of the same name, whose values are found by field name.
/// </summary>
public sealed class AvroWriter
{
    readonly AvroSchema _schema;
    readonly AvroWrite<object?> _write;

    AvroWriter(AvroSchema schema) => (_schema, _write) = (schema, new AvroRecordWrites().Build(schema));

    /// <summary>A writer.</summary>
    public static AvroWriter For(AvroSchema schema) => new(schema);

    /// <summary>Writes one value. When it is refused, a part of it may stand in the output already.</summary>
    /// <exception cref="AvroDataException">The value does not fit the schema; the message names the field.</exception>
    public void Write(object? value, IBufferWriter<byte> output)
    {
        var target = new AvroOutput(output);
        try
        {
            _write(value, ref target);
        }
        catch (AvroDataException e) when (e.In(_schema))
        {
            throw;
        }
        target.Flush();
    }

    /// <summary>The bytes of one value.</summary>
    /// <exception cref="AvroDataException">The value does not fit the schema; the message names the field.</exception>
    public byte[] ToBytes(object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(value, output);
        return output.WrittenSpan.ToArray();
    }
}
