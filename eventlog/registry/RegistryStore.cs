using Npgsql;

namespace CdcSync.EventLog.Registry;

/// <summary>The registry's administration: listings, deletions and settings, in Confluent's terms.</summary>
sealed class RegistryStore(NpgsqlDataSource store)
{
    /// <summary>Levels that a compatibility may have.</summary>
    public static readonly string[] Levels = ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"];

    /// <summary>Modes there are.</summary>
    public static readonly string[] Modes = ["READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT"];

    /// <summary>A version of a subject.</summary>
    public sealed record Version(string Subject, int Number, int SchemaId, bool Deleted);

    public Task<List<string>> SubjectsAsync(string prefix, bool deleted, CancellationToken stop) =>
        ListAsync("select subject from registry.version where starts_with(subject, $1) group by subject having $2 or bool_or(not deleted) order by subject", r => r.GetString(0), stop, prefix, deleted);

    public Task<List<Version>> VersionsAsync(string subject, CancellationToken stop) =>
        ListAsync("select subject, version, schema_id, deleted from registry.version where subject = $1 order by version", Row, stop, subject);

    public Task<List<Version>> OfSchemaAsync(int id, CancellationToken stop) =>
        ListAsync("select subject, version, schema_id, deleted from registry.version where schema_id = $1 and not deleted order by subject, version", Row, stop, id);

    /// <summary>Ids of schemas that refer to a version.</summary>
    public Task<List<int>> ReferencedByAsync(string subject, int version, CancellationToken stop) =>
        ListAsync("""
            select distinct s.id from registry.schema s join registry.version v on v.schema_id = s.id and not v.deleted, jsonb_array_elements(s.refs) r
            where r->>'Subject' = $1 and (r->>'Version')::int = $2 order by 1
            """, r => r.GetInt32(0), stop, subject, version);

    public Task<int> MarkDeletedAsync(string subject, int version, CancellationToken stop) =>
        RunAsync("update registry.version set deleted = true where subject = $1 and version = $2", stop, subject, version);

    public Task<int> RemoveAsync(string subject, int version, CancellationToken stop) =>
        RunAsync("delete from registry.version where subject = $1 and version = $2", stop, subject, version);

    /// <summary>A setting: of the subject, or of all when the subject is empty; null when it is not set there.</summary>
    public async Task<string?> SettingAsync(string column, string subject, CancellationToken stop) =>
        (await ListAsync($"select {column} from registry.setting where subject = $1 and {column} is not null", r => r.GetString(0), stop, subject)).FirstOrDefault();

    public Task<int> SetAsync(string column, string subject, string? value, CancellationToken stop) =>
        RunAsync($"insert into registry.setting(subject, {column}) values ($1, $2) on conflict (subject) do update set {column} = excluded.{column}", stop, subject, value);

    static Version Row(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetBoolean(3));

    async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken stop, params object[] values)
    {
        await using var command = store.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await using var rows = await command.ExecuteReaderAsync(stop);
        var list = new List<T>();
        while (await rows.ReadAsync(stop)) list.Add(read(rows));
        return list;
    }

    async Task<int> RunAsync(string sql, CancellationToken stop, params object?[] values)
    {
        await using var command = store.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = value is int ? NpgsqlTypes.NpgsqlDbType.Integer : NpgsqlTypes.NpgsqlDbType.Text });
        return await command.ExecuteNonQueryAsync(stop);
    }
}
