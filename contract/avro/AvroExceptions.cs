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
