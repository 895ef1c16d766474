namespace CdcSync.EventLog.Registry;

/// <summary>Writes schemas and versions, under the registry's lock.</summary>
static class RegistryWrites
{
    /// <summary>The id of a schema: the one it has, the one asked for, or the next.</summary>
    /// <exception cref="SchemaRegistryException">42205: the id asked for is another schema's.</exception>
    public static async Task<int> IdAsync(this RegistrySession session, RegisteredSchema schema, int? wanted, CancellationToken stop)
    {
        var references = StoredVersions.Write(schema.References);
        if (wanted is { } id)
        {
            if (await session.SchemaAsync(id, stop) is not { } there) return await AddAsync(session, id, schema.Text, references, stop);
            if (there.Text == schema.Text && StoredVersions.Write(there.References) == references) return id;
            throw RegistryErrors.NotPermitted($"Overwrite new schema with id {id} is not permitted.");
        }
        var known = await session.RowsAsync(
            "select id from registry.schema where text_hash = md5($1 || ($2::jsonb)::text) and text = $1 and refs = $2::jsonb order by id limit 1",
            row => row.GetInt32(0), stop, schema.Text, references);
        if (known.Count > 0) return known[0];
        // Schemas are never removed: no id comes twice.
        var next = await session.RowsAsync("select coalesce(max(id), 0) + 1 from registry.schema", row => row.GetInt32(0), stop);
        return await AddAsync(session, next[0], schema.Text, references, stop);
    }

    /// <summary>Adds a version. Earlier soft-deleted ones with the same schema go: it is registered again.</summary>
    public static async Task AddAsync(this RegistrySession session, StoredVersion version, CancellationToken stop)
    {
        await session.ExecuteAsync(
            "delete from registry.version where subject = $1 and schema_id = $2 and deleted and version < $3", stop, version.Subject, version.Id, version.Version);
        await session.ExecuteAsync("insert into registry.version(subject, version, schema_id) values ($1, $2, $3)", stop, version.Subject, version.Version, version.Id);
    }

    static async Task<int> AddAsync(RegistrySession session, int id, string text, string references, CancellationToken stop)
    {
        await session.ExecuteAsync("insert into registry.schema(id, text, refs) values ($1, $2, $3::jsonb)", stop, id, text, references);
        return id;
    }
}
