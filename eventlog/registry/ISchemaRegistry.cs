namespace CdcSync.EventLog.Registry;

/// <summary>Schemas by subject and by id, as producers and consumers need them. Implemented by the store's own registry and by a client of a Confluent-compatible one.</summary>
public interface ISchemaRegistry
{
    /// <summary>The id of this schema under this subject, registering it when it is new.</summary>
    /// <exception cref="SchemaRegistryException">Refused: invalid, or incompatible with an earlier version (the message says with which and why).</exception>
    Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop);

    /// <summary>The schema of an id.</summary>
    /// <exception cref="SchemaRegistryException">There is none.</exception>
    Task<RegisteredSchema> GetAsync(int id, CancellationToken stop);
}

/// <summary>A schema as registered.</summary>
/// <param name="Text">Avro schema, JSON.</param>
/// <param name="References">Named schemas it uses, registered elsewhere.</param>
public sealed record RegisteredSchema(string Text, IReadOnlyList<SchemaReference>? References = null);

/// <summary>A reference to a schema registered under another subject.</summary>
/// <param name="Name">Full name it is used by.</param>
/// <param name="Subject">Where it is registered.</param>
/// <param name="Version">Which version.</param>
public sealed record SchemaReference(string Name, string Subject, int Version);

/// <summary>The registry refused; <see cref="Code"/> is Confluent's error code (40401 subject not found, 409 incompatible, 42201 invalid, ...).</summary>
public sealed class SchemaRegistryException(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Confluent's error code.</summary>
    public int Code { get; } = code;
}
