using System.Collections.Concurrent;
using System.Text.Json;
using CdcSync.Contract.Avro;
using CdcSync.EventLog.Store;
using Npgsql;

namespace CdcSync.EventLog.Registry;

/// <summary>The registry in the store: schemas, subjects and their versions, with Confluent's rules of compatibility.</summary>
public sealed class StoreRegistry(NpgsqlDataSource store) : ISchemaRegistry, IDisposable
{
    const long LockKey = 0x526567697374;   // "Regist": one registration at a time gives dense versions and one id a schema
    readonly ConcurrentDictionary<int, RegisteredSchema> _byId = new();
    // One at a time here as well: those that wait for the lock would hold the pool's connections that the one at work needs.
    readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Makes the registry's tables where they are not there.</summary>
    public static async Task<StoreRegistry> OpenAsync(NpgsqlDataSource store, CancellationToken stop)
    {
        await StoreMigrations.ApplyAsync(store, typeof(StoreRegistry).Assembly, stop);
        return new StoreRegistry(store);
    }

    /// <inheritdoc/>
    public async Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        if (subject.Length == 0) throw new SchemaRegistryException(42208, "The subject's name is empty");
        if (await FindAsync(subject, schema, stop) is { } there) return there.Id;
        await _turn.WaitAsync(stop);
        try
        {
            return await RegisterInTurnAsync(subject, schema, stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    async Task<int> RegisterInTurnAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await ExecuteAsync(connection, "select pg_advisory_xact_lock($1)", stop, LockKey);
        var parsed = await ParseAsync(schema, stop);
        if (await FindAsync(subject, schema, stop) is { } meanwhile) return meanwhile.Id;
        var refused = await IncompatibilitiesAsync(subject, parsed, stop);
        if (refused.Count > 0)
            throw new SchemaRegistryException(409, $"Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{string.Join(", ", refused)}]");
        var references = References(schema);
        var id = (int)(await ScalarAsync(connection, """
            with known as (select id from registry.schema where text = $1 and refs = $2::jsonb),
                 made as (insert into registry.schema(id, text, refs) select coalesce((select max(id) from registry.schema), 0) + 1, $1, $2::jsonb where not exists (select from known) returning id)
            select id from known union all select id from made
            """, stop, schema.Text, references))!;
        await ExecuteAsync(connection,
            "insert into registry.version(subject, version, schema_id) select $1, coalesce(max(version), 0) + 1, $2 from registry.version where subject = $1", stop, subject, id);
        await transaction.CommitAsync(stop);
        return id;
    }

    /// <inheritdoc/>
    public async Task<RegisteredSchema> GetAsync(int id, CancellationToken stop)
    {
        if (_byId.TryGetValue(id, out var known)) return known;
        await using var query = store.CreateCommand("select text, refs::text from registry.schema where id = $1");
        query.Parameters.Add(new() { Value = id });
        await using var row = await query.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop)) throw new SchemaRegistryException(40403, $"Schema {id} not found");
        return _byId[id] = new RegisteredSchema(row.GetString(0), JsonSerializer.Deserialize<SchemaReference[]>(row.GetString(1)));
    }

    /// <summary>The schema under this subject, when it is registered there.</summary>
    public async Task<(int Id, int Version)?> FindAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        await using var query = store.CreateCommand("""
            select s.id, v.version from registry.schema s join registry.version v on v.schema_id = s.id
            where v.subject = $1 and not v.deleted and s.text_hash = md5($2 || ($3::jsonb)::text) order by v.version desc limit 1
            """);
        foreach (var value in (object[])[subject, schema.Text, References(schema)]) query.Parameters.Add(new() { Value = value });
        await using var row = await query.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop) ? (row.GetInt32(0), row.GetInt32(1)) : null;
    }

    /// <summary>A schema with what it refers to.</summary>
    /// <exception cref="SchemaRegistryException">It is no Avro schema, or a reference leads nowhere.</exception>
    public async Task<AvroSchema> ParseAsync(RegisteredSchema schema, CancellationToken stop)
    {
        var references = new List<AvroSchema>();
        foreach (var reference in schema.References ?? [])
            references.Add(await ParseAsync(await VersionAsync(reference.Subject, reference.Version, stop), stop));
        try
        {
            return AvroSchema.Parse(schema.Text, references);
        }
        catch (AvroSchemaException invalid)
        {
            throw new SchemaRegistryException(42201, $"Invalid schema: {invalid.Message}", invalid);
        }
    }

    /// <summary>The schema of a version.</summary>
    public async Task<RegisteredSchema> VersionAsync(string subject, int version, CancellationToken stop)
    {
        var id = await ScalarAsync("select schema_id from registry.version where subject = $1 and version = $2 and not deleted", stop, subject, version)
            ?? throw new SchemaRegistryException(40402, $"Version {version} of subject '{subject}' not found");
        return await GetAsync((int)id, stop);
    }

    /// <summary>What keeps a schema from following the subject's versions; empty when nothing does.</summary>
    public async Task<IReadOnlyList<string>> IncompatibilitiesAsync(string subject, AvroSchema schema, CancellationToken stop)
    {
        var level = await LevelAsync(subject, stop);
        if (level == "NONE") return [];
        var versions = await VersionsAsync(subject, stop);
        return await IncompatibilitiesAsync(level, subject, schema, level.EndsWith("TRANSITIVE", StringComparison.Ordinal) ? versions : [.. versions.TakeLast(1)], stop);
    }

    /// <summary><see cref="IncompatibilitiesAsync(string, AvroSchema, CancellationToken)"/> against chosen versions.</summary>
    public async Task<IReadOnlyList<string>> IncompatibilitiesAsync(string subject, AvroSchema schema, IReadOnlyList<int> versions, CancellationToken stop) =>
        await IncompatibilitiesAsync(await LevelAsync(subject, stop), subject, schema, versions, stop);

    async Task<IReadOnlyList<string>> IncompatibilitiesAsync(string level, string subject, AvroSchema schema, IReadOnlyList<int> versions, CancellationToken stop)
    {
        var found = new List<string>();
        foreach (var version in versions)
        {
            var earlier = await ParseAsync(await VersionAsync(subject, version, stop), stop);
            if (level.StartsWith("BACKWARD", StringComparison.Ordinal) || level.StartsWith("FULL", StringComparison.Ordinal)) found.AddRange(Check(schema, earlier, version));
            if (level.StartsWith("FORWARD", StringComparison.Ordinal) || level.StartsWith("FULL", StringComparison.Ordinal)) found.AddRange(Check(earlier, schema, version));
        }
        return found;
    }

    async Task<string> LevelAsync(string subject, CancellationToken stop) => (string?)await ScalarAsync(
        "select coalesce((select compatibility from registry.setting where subject = $1), (select compatibility from registry.setting where subject = ''))", stop, subject) ?? "BACKWARD";

    /// <summary>The versions of a subject that are not deleted.</summary>
    public async Task<IReadOnlyList<int>> VersionsAsync(string subject, CancellationToken stop)
    {
        await using var query = store.CreateCommand("select version from registry.version where subject = $1 and not deleted order by version");
        query.Parameters.Add(new() { Value = subject });
        await using var rows = await query.ExecuteReaderAsync(stop);
        var versions = new List<int>();
        while (await rows.ReadAsync(stop)) versions.Add(rows.GetInt32(0));
        return versions;
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    static IEnumerable<string> Check(AvroSchema reader, AvroSchema writer, int version) =>
        AvroCompatibility.Check(reader, writer).Select(i => $"{i.Type} at {i.Path} against version {version}: {i.Detail}");

    static string References(RegisteredSchema schema) => JsonSerializer.Serialize(schema.References ?? []);

    async Task<object?> ScalarAsync(string sql, CancellationToken stop, params object[] values)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return await ScalarAsync(connection, sql, stop, values);
    }

    static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return await command.ExecuteScalarAsync(stop) is var result && result is DBNull ? null : result;
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] values) => await ScalarAsync(connection, sql, stop, values);
}
