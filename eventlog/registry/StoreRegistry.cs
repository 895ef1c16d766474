using System.Collections.Concurrent;
using CdcSync.EventLog.Store;
using Npgsql;

namespace CdcSync.EventLog.Registry;

/// <summary>A schema to be registered, with what only the REST API can say.</summary>
/// <param name="Subject">Where.</param>
/// <param name="Schema">What.</param>
/// <param name="Normalize">Level out what does not matter; the subject's configuration may ask for it too.</param>
/// <param name="Id">In import mode: its id elsewhere; null to be given one.</param>
/// <param name="Version">Its version; null to be given the next.</param>
public sealed record Registration(string Subject, RegisteredSchema Schema, bool Normalize = false, int? Id = null, int? Version = null);

/// <summary>
/// The registry in the store, with the rules of Confluent's: ids are global, the same schema has the same id under every subject, versions of a subject follow one another.
/// Safe for several processes on one store. An id keeps its schema for ever, also after the last version with it was deleted: records in the log may carry it.
/// </summary>
public sealed partial class StoreRegistry(NpgsqlDataSource store) : ISchemaRegistry, IDisposable
{
    readonly SemaphoreSlim _writer = new(1, 1);   // those who wait for the lock in one process hold one connection of the pool together
    readonly ConcurrentDictionary<int, RegisteredSchema> _byId = new();
    readonly ConcurrentDictionary<(string Subject, string Text, string References), int> _ids = new();

    /// <summary>Makes the registry's tables where they are not there.</summary>
    public static async Task<StoreRegistry> OpenAsync(NpgsqlDataSource store, CancellationToken stop)
    {
        await StoreMigrations.ApplyAsync(store, typeof(StoreRegistry).Assembly, stop);
        return new StoreRegistry(store);
    }

    /// <inheritdoc/>
    public async Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        var asked = (subject, schema.Text, StoredVersions.Write(schema.References));
        if (_ids.TryGetValue(asked, out var known)) return known;
        return _ids[asked] = (await RegisterAsync(new Registration(subject, schema), stop)).Id;
    }

    /// <inheritdoc/>
    public async Task<RegisteredSchema> GetAsync(int id, CancellationToken stop)
    {
        if (_byId.TryGetValue(id, out var known)) return known;
        await using var session = await RegistrySession.ReadAsync(store, stop);
        return _byId[id] = await session.SchemaAsync(id, stop) ?? throw RegistryErrors.SchemaNotFound(id);
    }

    /// <summary>Registers a schema, or finds it where it is registered already.</summary>
    /// <exception cref="SchemaRegistryException">409 incompatible, 42201 invalid, 42205 the mode does not let it, 42208 no name for a subject.</exception>
    public async Task<StoredVersion> RegisterAsync(Registration wanted, CancellationToken stop)
    {
        wanted = wanted with { Subject = SubjectName.Check(wanted.Subject) };
        if (wanted is { Id: null, Version: null } && await FindAsync(wanted.Subject, wanted.Schema, wanted.Normalize, false, stop) is { } there) return there;
        await using var session = await RegistrySession.WriteAsync(store, _writer, stop);
        var setting = await session.EffectiveAsync(wanted.Subject, stop);
        AllowRegistration(wanted, setting.Mode);
        var rules = new AvroRules(session);
        var schema = await rules.UnderstandAsync(wanted.Schema, wanted.Normalize || setting.Normalize, isNew: wanted.Id is null, stop);
        var versions = await session.VersionsAsync(wanted.Subject, stop);
        if (Registered(wanted, schema.Stored, versions) is { } same) return same;
        if (setting.Mode != RegistryMode.Import)
        {
            var refused = await CompatibilityCheck.ExplainAsync(setting.Level, schema.Avro, versions.FindAll(v => !v.Deleted), rules, stop);
            if (refused.Count > 0) throw RegistryErrors.IncompatibleWith(wanted.Subject, refused);
        }
        var made = new StoredVersion(
            wanted.Subject, NextVersion(wanted, versions, setting.Mode), await session.IdAsync(schema.Stored, wanted.Id, stop), schema.Stored, false);
        await session.AddAsync(made, stop);
        await session.CommitAsync(stop);
        return made;
    }

    /// <summary>The version of a subject that has this schema; null when none has.</summary>
    public async Task<StoredVersion?> FindAsync(string subject, RegisteredSchema schema, bool normalize, bool deleted, CancellationToken stop)
    {
        subject = SubjectName.Check(subject);
        await using var session = await RegistrySession.ReadAsync(store, stop);
        normalize |= (await session.EffectiveAsync(subject, stop)).Normalize;
        var stored = (await new AvroRules(session).UnderstandAsync(schema, normalize, isNew: false, stop)).Stored;
        return (await session.VersionsAsync(subject, stop)).LastOrDefault(v => (deleted || !v.Deleted) && Same(v.Schema, stored));
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    static StoredVersion? Registered(Registration wanted, RegisteredSchema schema, List<StoredVersion> versions) =>
        versions.LastOrDefault(v => !v.Deleted && Same(v.Schema, schema)
            && (wanted.Id is null || wanted.Id == v.Id) && (wanted.Version is null || wanted.Version == v.Version));

    static bool Same(RegisteredSchema one, RegisteredSchema other) =>
        one.Text == other.Text && (one.References ?? []).SequenceEqual(other.References ?? []);

    static void AllowRegistration(Registration wanted, RegistryMode mode)
    {
        var needed = wanted.Id is null ? RegistryMode.ReadWrite : RegistryMode.Import;
        if (mode is RegistryMode.ReadOnly or RegistryMode.ReadOnlyOverride) throw RegistryErrors.NotPermitted($"Subject {wanted.Subject} is in read-only mode");
        if (mode == needed) return;
        throw RegistryErrors.NotPermitted($"Subject {wanted.Subject} is not in {(needed == RegistryMode.Import ? "import" : "read-write")} mode");
    }

    static int NextVersion(Registration wanted, List<StoredVersion> versions, RegistryMode mode)
    {
        var next = versions.Count == 0 ? 1 : versions[^1].Version + 1;
        if (wanted.Version is not { } version || version == next) return next;
        if (mode != RegistryMode.Import) throw RegistryErrors.InvalidSchema($"version {version} is not one more than the previous version, {next - 1}");
        if (versions.Exists(v => v.Version == version))
            throw RegistryErrors.NotPermitted($"Subject {wanted.Subject} has another schema as version {version}; delete it permanently to import this one");
        return version;
    }
}
