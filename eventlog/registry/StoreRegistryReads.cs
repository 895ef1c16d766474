namespace CdcSync.EventLog.Registry;

/// <summary>Which versions a listing shows.</summary>
public enum Shown
{
    /// <summary>Those that are not deleted.</summary>
    Alive,

    /// <summary>Soft-deleted ones too.</summary>
    All,

    /// <summary>Soft-deleted ones only.</summary>
    Deleted,
}

public sealed partial class StoreRegistry
{
    /// <summary>Versions of the subjects that start so, ordered by subject and version.</summary>
    public async Task<IReadOnlyList<StoredVersion>> ListAsync(string prefix, Shown shown, CancellationToken stop)
    {
        await using var session = await RegistrySession.ReadAsync(store, stop);
        return (await session.ListAsync(SubjectName.Prefix(prefix), stop)).FindAll(v => Shows(shown, v));
    }

    /// <summary>Names of subjects, ordered. <see cref="Shown.Deleted"/> shows those of which no version is left.</summary>
    public async Task<IReadOnlyList<string>> SubjectsAsync(string prefix, Shown shown, CancellationToken stop)
    {
        await using var session = await RegistrySession.ReadAsync(store, stop);
        var all = (await session.ListAsync(SubjectName.Prefix(prefix), stop)).GroupBy(v => v.Subject);
        return [.. all.Where(s => shown == Shown.All || s.All(v => v.Deleted) == (shown == Shown.Deleted)).Select(s => s.Key)];
    }

    /// <summary>The versions of a subject.</summary>
    /// <exception cref="SchemaRegistryException">40401: there is none to show.</exception>
    public async Task<IReadOnlyList<StoredVersion>> VersionsAsync(string subject, Shown shown, CancellationToken stop)
    {
        subject = SubjectName.Check(subject);
        await using var session = await RegistrySession.ReadAsync(store, stop);
        var versions = (await session.VersionsAsync(subject, stop)).FindAll(v => Shows(shown, v));
        return versions.Count > 0 ? versions : throw RegistryErrors.SubjectNotFound(subject);
    }

    /// <summary>One version of a subject.</summary>
    /// <exception cref="SchemaRegistryException">40401 no such subject, 40402 no such version.</exception>
    public async Task<StoredVersion> VersionAsync(string subject, VersionName name, Shown shown, CancellationToken stop)
    {
        var versions = await VersionsAsync(subject, shown, stop);
        return (name.Number is { } number ? versions.FirstOrDefault(v => v.Version == number) : versions[^1]) ?? throw RegistryErrors.VersionNotFound(name);
    }

    /// <summary>The versions that have an id, soft-deleted ones too; empty when the id is not known or its last version was deleted for good.</summary>
    public async Task<IReadOnlyList<StoredVersion>> PlacesAsync(int id, CancellationToken stop)
    {
        await using var session = await RegistrySession.ReadAsync(store, stop);
        return await session.PlacesAsync(id, stop);
    }

    /// <summary>The highest id given; 0 when none is.</summary>
    public async Task<int> LastIdAsync(CancellationToken stop)
    {
        await using var session = await RegistrySession.ReadAsync(store, stop);
        return (await session.RowsAsync("select coalesce(max(id), 0) from registry.schema", row => row.GetInt32(0), stop))[0];
    }

    /// <summary>Ids of the schemas that refer to a version.</summary>
    /// <exception cref="SchemaRegistryException">40401 no such subject, 40402 no such version.</exception>
    public async Task<IReadOnlyList<int>> ReferrersAsync(string subject, VersionName name, CancellationToken stop)
    {
        var version = await VersionAsync(subject, name, Shown.All, stop);
        await using var session = await RegistrySession.ReadAsync(store, stop);
        return await session.ReferrersAsync(version.Subject, version.Version, stop);
    }

    /// <summary>What keeps a schema from following a subject's versions, or one of them; empty when nothing does.</summary>
    /// <param name="subject">The subject; one without versions takes anything.</param>
    /// <param name="against">The one version to look at; null for those the subject's level asks for.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="normalize">Level out what does not matter.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="SchemaRegistryException">42201 invalid, 40402 no such version.</exception>
    public async Task<IReadOnlyList<string>> ExplainAsync(string subject, VersionName? against, RegisteredSchema schema, bool normalize, CancellationToken stop)
    {
        subject = SubjectName.Check(subject);
        await using var session = await RegistrySession.ReadAsync(store, stop);
        var versions = (await session.VersionsAsync(subject, stop)).FindAll(v => !v.Deleted);
        if (against is { Number: { } number } && (versions = versions.FindAll(v => v.Version == number)).Count == 0) throw RegistryErrors.VersionNotFound(against.Value);
        if (against is { Number: null }) versions = [.. versions.TakeLast(1)];
        var rules = new AvroRules(session);
        var candidate = await rules.UnderstandAsync(schema, normalize, isNew: true, stop);
        return await CompatibilityCheck.ExplainAsync((await session.EffectiveAsync(subject, stop)).Level, candidate.Avro, versions, rules, stop);
    }

    static bool Shows(Shown shown, StoredVersion version) => shown == Shown.All || version.Deleted == (shown == Shown.Deleted);
}
