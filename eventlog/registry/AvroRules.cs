using CdcSync.Contract.Avro;

namespace CdcSync.EventLog.Registry;

/// <summary>A schema as understood: parsed, and its text as it is stored.</summary>
sealed record UnderstoodSchema(AvroSchema Avro, RegisteredSchema Stored);

/// <summary>Understands schemas with what they refer to, for one request: what two of them refer to is one object.</summary>
sealed class AvroRules(RegistrySession session)
{
    const int DeepestReference = 64;
    readonly Dictionary<(string Subject, int Version), AvroSchema> _references = [];

    /// <summary>A schema as a client sends it. White space and the like are levelled out: the text stored is the one Java's Avro would write.</summary>
    /// <param name="schema">As sent.</param>
    /// <param name="normalize">Also what does not matter otherwise: order of properties and references, short names.</param>
    /// <param name="isNew">It is to be registered: defaults have to fit, references to be alive.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="SchemaRegistryException">42201.</exception>
    public async Task<UnderstoodSchema> UnderstandAsync(RegisteredSchema schema, bool normalize, bool isNew, CancellationToken stop)
    {
        if (string.IsNullOrWhiteSpace(schema.Text)) throw RegistryErrors.InvalidSchema("it is empty");
        var given = schema.References ?? [];
        if (given.Select(r => r.Name).Distinct(StringComparer.Ordinal).Count() < given.Count) throw RegistryErrors.InvalidSchema("two references have one name");
        var references = new List<SchemaReference>();
        foreach (var reference in given) references.Add(await ResolveAsync(reference, isNew, stop));
        var (avro, referred) = await ParseAsync(new(schema.Text, references), isNew, 0, stop);
        if (!normalize) return new(avro, new(avro.ToJson(referred), references));
        references = [.. references.Distinct().OrderBy(r => r.Name, StringComparer.Ordinal)];
        return new(avro, new(AvroNormalForm.Write(avro, [.. referred.SelectMany(AvroNormalForm.NamesIn)]), references));
    }

    /// <summary>A schema of the store; it was valid once.</summary>
    public async Task<AvroSchema> ParseAsync(RegisteredSchema stored, CancellationToken stop) => (await ParseAsync(stored, false, 0, stop)).Schema;

    async Task<(AvroSchema Schema, List<AvroSchema> References)> ParseAsync(RegisteredSchema schema, bool isNew, int depth, CancellationToken stop)
    {
        if (depth > DeepestReference) throw RegistryErrors.InvalidSchema($"its references are more than {DeepestReference} deep");
        var references = new List<AvroSchema>();
        foreach (var reference in schema.References ?? [])
        {
            if (!_references.TryGetValue((reference.Subject, reference.Version), out var known))
            {
                var version = await session.VersionAsync(reference.Subject, reference.Version, stop) ?? throw NoReference(reference);
                _references[(reference.Subject, reference.Version)] = known = (await ParseAsync(version.Schema, false, depth + 1, stop)).Schema;
            }
            references.Add(known);
        }
        try
        {
            return (AvroSchema.Parse(schema.Text, references, validateDefaults: isNew), references);
        }
        catch (AvroSchemaException invalid)
        {
            throw RegistryErrors.InvalidSchema(invalid.Message, invalid);
        }
    }

    /// <summary>The reference with the number of its version; -1 stands for the latest.</summary>
    async Task<SchemaReference> ResolveAsync(SchemaReference reference, bool isNew, CancellationToken stop)
    {
        var subject = SubjectName.Check(reference.Subject ?? "");
        var versions = await session.VersionsAsync(subject, stop);
        var found = reference.Version == -1 ? versions.LastOrDefault(v => !v.Deleted) : versions.Find(v => v.Version == reference.Version && !(isNew && v.Deleted));
        return found is null ? throw NoReference(reference) : reference with { Subject = subject, Version = found.Version };
    }

    static SchemaRegistryException NoReference(SchemaReference reference) =>
        RegistryErrors.InvalidSchema($"no schema reference found for subject \"{reference.Subject}\" and version {reference.Version}; register that schema first");
}
