using CdcSync.Contract.Avro;

namespace CdcSync.EventLog.Registry;

/// <summary>Checks a schema against earlier versions at a level, and explains in the form of Confluent's registry.</summary>
static class CompatibilityCheck
{
    /// <summary>What keeps the schema from following these versions; empty when nothing does. Stops at the latest version that speaks against it.</summary>
    /// <param name="level">How.</param>
    /// <param name="candidate">The schema.</param>
    /// <param name="earlier">The versions it would follow, in order, not deleted.</param>
    /// <param name="rules">Understands them.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<IReadOnlyList<string>> ExplainAsync(
        CompatibilityLevel level, AvroSchema candidate, IReadOnlyList<StoredVersion> earlier, AvroRules rules, CancellationToken stop)
    {
        if (level == CompatibilityLevel.None) return [];
        var transitive = level is CompatibilityLevel.BackwardTransitive or CompatibilityLevel.ForwardTransitive or CompatibilityLevel.FullTransitive;
        var backward = level is not (CompatibilityLevel.Forward or CompatibilityLevel.ForwardTransitive);
        var forward = level is not (CompatibilityLevel.Backward or CompatibilityLevel.BackwardTransitive);
        foreach (var version in transitive ? earlier.Reverse() : earlier.TakeLast(1))
        {
            var old = await rules.ParseAsync(version.Schema, stop);
            var messages = new List<string>();
            try
            {
                if (backward) messages.AddRange(AvroCompatibility.Check(candidate, old).Select(i => Message(i, reader: "new", writer: "old")));
                if (forward) messages.AddRange(AvroCompatibility.Check(old, candidate).Select(i => Message(i, reader: "old", writer: "new")));
            }
            catch (AvroSchemaException tooDeep)
            {
                throw RegistryErrors.InvalidSchema(tooDeep.Message, tooDeep);
            }
            if (messages.Count > 0)
                return [.. messages, $"{{oldSchemaVersion: {version.Version}}}", $"{{oldSchema: '{version.Schema.Text}'}}", $"{{compatibility: '{level.Word()}'}}"];
        }
        return [];
    }

    static string Message(AvroIncompatibility found, string reader, string writer) =>
        $"{{errorType:'{found.Type}', description:'{Describe(found, reader, writer)}', additionalInfo:'{found.Detail}'}}";

    static string Describe(AvroIncompatibility found, string reader, string writer) => found.Type switch
    {
        "READER_FIELD_MISSING_DEFAULT_VALUE" =>
            $"The field '{found.Detail}' at path '{found.Path}' in the {reader} schema has no default value and is missing in the {writer} schema",
        "TYPE_MISMATCH" => $"The type (path '{found.Path}') of a field in the {reader} schema does not match with the {writer} schema",
        "NAME_MISMATCH" => $"The name of the schema has changed (path '{found.Path}')",
        "MISSING_UNION_BRANCH" => $"The {reader} schema is missing a type inside a union field at path '{found.Path}' in the {writer} schema",
        "MISSING_ENUM_SYMBOLS" => $"The {reader} schema is missing enum symbols '{found.Detail}' at path '{found.Path}' in the {writer} schema",
        "FIXED_SIZE_MISMATCH" => $"The size of FIXED type field at path '{found.Path}' in the {reader} schema does not match with the {writer} schema",
        _ => $"The {reader} schema at path '{found.Path}' does not read data of the {writer} schema",
    };
}
