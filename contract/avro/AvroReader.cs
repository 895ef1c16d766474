namespace CdcSync.Contract.Avro;

/// <summary>Reads a value and says how. Compiled once a schema.</summary>
delegate T AvroRead<out T>(ref AvroInput input);

/// <summary>
/// Reads data of one schema as values of another, or the same. Made once a pair of schemas and kept; safe for many threads.
/// <para>Values are null, bool, int, long, float, double, string (also for enums), byte[] (bytes and fixed), <see cref="AvroDecimal"/> (logical type decimal),
/// <see cref="AvroRecord"/>, <c>List&lt;object?&gt;</c> and <c>Dictionary&lt;string, object?&gt;</c> in the order of the data. Other logical types keep the
/// value of their underlying type, which loses nothing. A union's value is the branch's; where two branches have the same kind of value, it is an
/// <see cref="AvroBranch"/>.</para>
/// </summary>
public sealed class AvroReader
{
    readonly AvroSchema _writer;
    readonly AvroRead<object?> _read;

    AvroReader(AvroSchema writer, AvroRead<object?> read) => (_writer, _read) = (writer, read);

    /// <summary>A reader.</summary>
    /// <param name="writer">Schema the data was written with.</param>
    /// <param name="reader">Schema the values are wanted in; null for the writer's.</param>
    /// <exception cref="AvroSchemaException">The one cannot be read with the other.</exception>
    public static AvroReader For(AvroSchema writer, AvroSchema? reader = null) =>
        new(writer, new AvroRecordReads().Build(AvroResolution.Plan(writer, reader ?? writer)));

    /// <summary>Reads one value, which is all of the data.</summary>
    /// <exception cref="AvroDataException">The data is not of the writer's schema.</exception>
    public object? Read(ReadOnlySpan<byte> data)
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

    /// <summary>Reads the next of several values written one behind the other.</summary>
    /// <param name="data">From the value's first byte on; may hold more.</param>
    /// <param name="length">How many bytes the value took.</param>
    /// <exception cref="AvroDataException">The data is not of the writer's schema.</exception>
    public object? Read(ReadOnlySpan<byte> data, out int length)
    {
        var input = new AvroInput(data);
        try
        {
            var value = _read(ref input);
            length = input.Position;
            return value;
        }
        catch (AvroDataException e) when (e.In(_writer))
        {
            throw;
        }
    }
}
