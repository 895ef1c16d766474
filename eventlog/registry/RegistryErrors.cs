namespace CdcSync.EventLog.Registry;

/// <summary>Refusals in the codes and words of Confluent's registry: clients and scripts look for them.</summary>
static class RegistryErrors
{
    public const int Incompatible = 409;

    public static SchemaRegistryException SubjectNotFound(string subject) => new(40401, $"Subject '{subject}' not found.");

    public static SchemaRegistryException VersionNotFound(VersionName version) => new(40402, $"Version {version.Number ?? -1} not found.");

    public static SchemaRegistryException SchemaNotFound(int id) => new(40403, $"Schema {id} not found");

    public static SchemaRegistryException SchemaNotFound() => new(40403, "Schema not found");

    public static SchemaRegistryException SubjectSoftDeleted(string subject) =>
        new(40404, $"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently");

    public static SchemaRegistryException SubjectNotSoftDeleted(string subject) =>
        new(40405, $"Subject '{subject}' was not deleted first before being permanently deleted");

    public static SchemaRegistryException VersionSoftDeleted(string subject, int version) =>
        new(40406, $"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently");

    public static SchemaRegistryException VersionNotSoftDeleted(string subject, int version) =>
        new(40407, $"Subject '{subject}' Version {version} was not deleted first before being permanently deleted");

    public static SchemaRegistryException NoCompatibility(string subject) =>
        new(40408, $"Subject '{subject}' does not have subject-level compatibility configured");

    public static SchemaRegistryException NoMode(string subject) => new(40409, $"Subject '{subject}' does not have subject-level mode configured");

    public static SchemaRegistryException IncompatibleWith(string subject, IReadOnlyList<string> messages) =>
        new(Incompatible, $"Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{string.Join(", ", messages)}]");

    public static SchemaRegistryException InvalidSchema(string problem, Exception? inner = null) => new(42201, $"Invalid schema: {problem}", inner);

    public static SchemaRegistryException InvalidVersion(string version) => new(42202,
        $"The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");

    public static SchemaRegistryException InvalidCompatibility() => new(42203,
        "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive");

    public static SchemaRegistryException InvalidMode() => new(42204, "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE and IMPORT");

    public static SchemaRegistryException NotPermitted(string why) => new(42205, why);

    public static SchemaRegistryException Referenced(string subject, int version) =>
        new(42206, $"One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}.");

    public static SchemaRegistryException InvalidSubject(string subject, string why) =>
        new(42208, $"The specified subject '{subject}' is not a valid subject: {why}");

    public static SchemaRegistryException TooLarge(long limit) => new(42209, $"The request is too large: this registry takes {limit} bytes at most");
}
