namespace CdcSync.Contract.Avro;

/// <summary>A schema is not valid Avro, or cannot be read with another; the message names the place in the schema.</summary>
/// <param name="path">JSON pointer into the schema text, such as <c>/fields/2/type/items</c>; empty for the whole.</param>
/// <param name="problem">What is wrong there and what is expected.</param>
/// <param name="inner">What led to it.</param>
public sealed class AvroSchemaException(string path, string problem, Exception? inner = null)
    : Exception($"Avro schema at {(path.Length == 0 ? "/" : path)}: {problem}", inner)
{
    /// <summary>JSON pointer into the schema text; empty for the whole.</summary>
    public string Path { get; } = path;
}

/// <summary>Bytes do not hold, or a value does not fit, what the schema says. The message names schema, field and offset, never the data.</summary>
public sealed class AvroDataException : Exception
{
    readonly string _problem;

    internal AvroDataException(int? offset, string problem, Exception? inner = null)
        : base(problem, inner) => (Offset, _problem) = (offset, problem);

    /// <summary>Full name of the schema that was read or written.</summary>
    public string Schema { get; private set; } = "";

    /// <summary>The field, such as <c>after.tags[1]</c>; empty for the whole.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Byte offset in what was read; null when a value was written.</summary>
    public int? Offset { get; }

    /// <inheritdoc/>
    public override string Message =>
        $"Avro {(Offset is { } offset ? $"data of '{Schema}' at byte {offset}" : $"value for '{Schema}'")}"
        + (Path.Length == 0 ? "" : $", field '{Path}'") + $": {_problem}";

    /// <summary>Adds the enclosing field. False always: it stands in exception filters, which run from inside out while the stack is whole and unwind it once.</summary>
    internal bool Within(string field)
    {
        Path = Path.Length == 0 || Path[0] == '[' ? field + Path : $"{field}.{Path}";
        return false;
    }

    /// <summary>Adds the place in the enclosing array or map; false always.</summary>
    internal bool Within(int item)
    {
        Path = Path.Length == 0 || Path[0] == '[' ? $"[{item}]{Path}" : $"[{item}].{Path}";
        return false;
    }

    /// <summary>Names the schema; false always.</summary>
    internal bool In(AvroSchema schema)
    {
        Schema = schema.FullName;
        return false;
    }
}
